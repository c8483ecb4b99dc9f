/**
 * The run store: one run, one folder, the same bytes wherever it is made; what is damaged is set aside, what was
 * interrupted goes on.
 */
import fs, {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fc, test } from "@fast-check/vitest";
import { afterAll, afterEach, describe, expect, vi } from "vitest";
import { BitgradError, ValueError } from "../core/index.ts";
import { claimFolder } from "../research/engine/claim.ts";
import { identityOf, keyOf, type RunIdentity } from "../research/engine/key.ts";
import { MetricsFile } from "../research/engine/metrics-file.ts";
import { type Performed, performRun } from "../research/engine/run-one.ts";
import { RunStore, runFiles, type SetAside } from "../research/engine/run-store.ts";
import { canonicalOf, type Values } from "../research/engine/values.ts";
import { isFullDisk } from "../research/workers/do-job.ts";
import clusters, { interruption } from "./experiments/clusters.ts";
import { messageOf } from "./plain.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-store-"));
const located = {
  experiment: clusters,
  file: fileURLToPath(new URL("experiments/clusters.ts", import.meta.url)),
};
let stores = 0;

afterEach(() => {
  interruption.after = Number.POSITIVE_INFINITY;
  vi.restoreAllMocks();
});
afterAll(() => rmSync(root, { recursive: true }));

function freshStore(): RunStore {
  stores += 1;
  return new RunStore(join(root, String(stores)));
}

function identity(config: Values = {}, seed = 0): RunIdentity {
  return identityOf(located, { config: clusters.resolve("test", config), seed, device: "wasm" });
}

interface Options {
  readonly force?: boolean;
  readonly asides?: SetAside[];
  /** Whether it saves after each update, or never. */
  readonly saving?: boolean;
}

function perform(
  store: RunStore,
  run: RunIdentity = identity(),
  { force = false, asides = [], saving = false }: Options = {},
): Performed {
  const checkpointSeconds = saving ? 0 : Number.POSITIVE_INFINITY;
  const onSetAside = (aside: SetAside): void => {
    asides.push(aside);
  };
  return performRun(located, run, { store, threads: 1, checkpointSeconds, force, onSetAside });
}

/** The files of a folder with their bytes. */
function bytesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).sort();
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(folder, name), "latin1")]),
  );
}

const undisturbed = perform(freshStore());

describe("the key of a run", () => {
  const own = identity();
  const others: readonly (readonly [string, RunIdentity])[] = [
    ["experiment", { ...own, experiment: "other" }],
    ["config", identity({ rate: 0.2 })],
    ["seed", identity({}, 1)],
    ["data", { ...own, data: { mnist: "0" } }],
    ["device", { ...own, device: "reference" }],
    ["sources", { ...own, sources: "0" }],
  ];

  test("is another where any part of what decides its bits is", () => {
    const keys = [own, ...others.map(([, other]) => other)].map(keyOf);
    expect(new Set(keys).size).toBe(1 + Object.keys(own).length);
  });

  test("does not depend on whether a default was written out", () => {
    expect(keyOf(identity({ rate: 0.1, steps: 20 }))).toBe(keyOf(own));
  });
});

describe("a finished run", () => {
  test("has the same bytes in another store, but for the file of its times", () => {
    const first = bytesIn(undisturbed.stored.folder);
    const second = bytesIn(perform(freshStore()).stored.folder);
    expect(Object.keys(first)).toEqual([
      "config.json",
      "environment.json",
      "metrics.jsonl",
      "result.json",
      "timing.json",
    ]);
    expect({ ...second, [runFiles.timing]: "" }).toEqual({ ...first, [runFiles.timing]: "" });
  });

  test("is found and not made again", () => {
    const store = freshStore();
    expect(perform(store).how).toBe("made");
    const spy = vi.spyOn(clusters, "run");
    const found = perform(store);
    expect([found.how, spy.mock.calls.length]).toEqual(["found", 0]);
    expect(found.stored.run).toEqual(undisturbed.stored.run);
  });

  test("made again by force has the same fingerprint, and leaves the store as it was", () => {
    const store = freshStore();
    const { folder } = perform(store).stored;
    const before = bytesIn(folder);
    expect(perform(store, identity(), { force: true }).how).toBe("repeated");
    expect(bytesIn(folder)).toEqual(before);
    expect(readdirSync(join(folder, ".."))).toHaveLength(1);
  });

  test("that force makes with other bits is an alarm, and both are kept", () => {
    const store = freshStore();
    const { folder, run } = perform(store).stored;
    const before = bytesIn(folder);
    const { run: real } = clusters;
    vi.spyOn(clusters, "run").mockImplementation((context) => ({
      ...real(context),
      finalLoss: 0.125,
    }));
    const again = perform(store, identity(), { force: true });
    expect(again).toMatchObject({
      how: "differs",
      stored: { run: { fingerprint: run.fingerprint } },
    });
    expect(again.other?.fingerprint).not.toBe(run.fingerprint);
    expect(bytesIn(folder)).toEqual(before);
    expect(readFileSync(join(again.other?.folder ?? "", runFiles.result), "utf8")).toContain(
      "0.125",
    );
  });
});

describe("an interrupted run", () => {
  test.prop([fc.integer({ min: 0, max: 19 }), fc.integer({ min: 0, max: 19 })], {
    seed: 20260731,
    numRuns: 6,
  })(
    "goes on from its last checkpoint to the same bytes, wherever it stopped, also twice",
    (a, b) => {
      const store = freshStore();
      for (const after of [a, b]) {
        interruption.after = after;
        try {
          perform(store, identity(), { saving: true });
        } catch (error) {
          expect(error).toEqual(new RangeError("interrupted"));
        }
      }
      interruption.after = Number.POSITIVE_INFINITY;
      const { how, stored } = perform(store, identity(), { saving: true });
      expect(how).toBe(a + b >= 20 ? "found" : a + b > 0 ? "resumed" : "made");
      expect({ ...bytesIn(stored.folder), [runFiles.timing]: "" }).toEqual({
        ...bytesIn(undisturbed.stored.folder),
        [runFiles.timing]: "",
      });
    },
  );

  test.each(["cut short", "without metrics"])("whose checkpoint is %s starts again", (damage) => {
    const store = freshStore();
    const folder = store.folderOf(identity());
    interruption.after = 10;
    expect(() => perform(store, identity(), { saving: true })).toThrow("interrupted");
    const [name = ""] = readdirSync(join(folder, "checkpoints"));
    if (damage === "cut short") truncateSync(join(folder, "checkpoints", name), 100);
    else rmSync(join(folder, runFiles.metrics));
    interruption.after = Number.POSITIVE_INFINITY;
    const asides: SetAside[] = [];
    const { how, stored } = perform(store, identity(), { asides, saving: true });
    expect([how, stored.run.fingerprint]).toEqual(["made", undisturbed.stored.run.fingerprint]);
    expect(asides.map((aside) => aside.folder)).toEqual([join(folder, "checkpoints.damaged-1")]);
  });
});

describe("a damaged entry", () => {
  const damages: readonly (readonly [string, string, (path: string) => void])[] = [
    ["a result cut short", runFiles.result, (path) => truncateSync(path, 30)],
    ["an empty result", runFiles.result, (path) => truncateSync(path, 0)],
    [
      "a result that was changed",
      runFiles.result,
      (path) => rewrite(path, '"steps": 20', '"steps": 21'),
    ],
    [
      "a fingerprint that was changed",
      runFiles.result,
      (path) => rewrite(path, '"fingerprint": "', '"fingerprint": "0'),
    ],
    [
      "metrics with a row more",
      runFiles.metrics,
      (path) => appendFileSync(path, '{"loss":1,"step":21}\n'),
    ],
    ["metrics that are no JSON", runFiles.metrics, (path) => writeFileSync(path, "loss 1\n")],
    ["no metrics", runFiles.metrics, (path) => rmSync(path)],
    ["another run's config", runFiles.config, (path) => rewrite(path, '"seed": 0', '"seed": 1')],
    ["no config", runFiles.config, (path) => rmSync(path)],
    ["no times", runFiles.timing, (path) => writeFileSync(path, "{}")],
  ];

  test.each(damages)("with %s is renamed, told, and made again", (_, name, damage) => {
    const store = freshStore();
    const { folder } = perform(store).stored;
    damage(join(folder, name));
    const asides: SetAside[] = [];
    const again = perform(store, identity(), { asides });
    expect([again.how, again.stored.run]).toEqual(["made", undisturbed.stored.run]);
    expect(asides).toHaveLength(1);
    expect(asides[0]?.folder).toBe(`${folder}.damaged-1`);
    expect(asides[0]?.reason).toMatch(/^run store: expected .+ to .+, got .+\. .+\.$/s);
    expect(existsSync(`${folder}.damaged-1`)).toBe(true);
  });

  test("that is a whole run of another key is not taken for this one", () => {
    const store = freshStore();
    const other = perform(store, identity({}, 1)).stored;
    renameSync(other.folder, store.folderOf(identity()));
    const asides: SetAside[] = [];
    expect(perform(store, identity(), { asides }).stored.run).toEqual(undisturbed.stored.run);
    expect(asides[0]?.reason).toContain("to hold the config of its key, got another");
  });

  test("is left out where all runs are read, the rest is there", () => {
    const store = freshStore();
    const { folder } = perform(store).stored;
    perform(store, identity({}, 1));
    truncateSync(join(folder, runFiles.result), 10);
    const asides: SetAside[] = [];
    const read = store.all((aside) => asides.push(aside), "clusters");
    expect(read.map(({ run }) => run.seed)).toEqual([1]);
    expect(asides.map((aside) => aside.folder)).toEqual([folder]);
  });
});

describe("a run that diverges", () => {
  test("is a result, with the step and the op that made the first infinity", () => {
    const { stored } = perform(freshStore(), identity({ rate: 1e30 }));
    expect(stored.run).toMatchObject({ outcome: "diverged", divergence: { step: 2 } });
    expect(stored.run.divergence?.cause).toMatch(
      /^\w+: expected every element of the result to be finite at step 2, got -?Infinity at .+, from finite inputs$/,
    );
    expect(stored.run.result["finalLoss"]).toBeNaN();
  });
});

describe("a full disk", () => {
  test("is told as such, leaves no result, and does not harm what goes on afterwards", () => {
    const store = freshStore();
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    const spy = vi.spyOn(fs, "writeSync").mockImplementation(() => {
      throw full;
    });
    let refusal: unknown;
    expect(
      messageOf(() => {
        try {
          perform(store);
        } catch (error) {
          refusal = error;
          throw error;
        }
      }, BitgradError),
    ).toMatch(/^bitgrad run: expected .+, got ENOSPC: .+ the room on the disk/);
    expect(isFullDisk(refusal)).toBe(true);
    expect(isFullDisk(new RangeError("another"))).toBe(false);
    spy.mockRestore();
    expect(perform(store).stored.run).toEqual(undisturbed.stored.run);
  });
});

describe("a folder that a process claims", () => {
  test("is free again once it is given up, or its process is gone", () => {
    const folder = mkdtempSync(join(root, "claim-"));
    claimFolder("bitgrad run", folder)();
    writeFileSync(join(folder, "running"), "4194399 1"); // above the largest number that Linux gives
    claimFolder("bitgrad run", folder)();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("is refused to another after a while, with what to do", () => {
    const folder = mkdtempSync(join(root, "claim-"));
    claimFolder("bitgrad run", folder);
    expect(messageOf(() => claimFolder("bitgrad run", folder, 60), BitgradError)).toContain(
      `to be computed by one process at a time, got process ${process.pid} at work on it.`,
    );
  });
});

describe("metrics", () => {
  const file = (): MetricsFile => new MetricsFile(join(root, `metrics-${stores++}.jsonl`));

  test("are refused at a step before the last, and where they are no numbers", () => {
    const metrics = file();
    metrics.write(3, { loss: 1 });
    metrics.write(3, { accuracy: 0.5, percentiles: [0.1, 0.9] });
    const refused = (step: number, values: Readonly<Record<string, number>>): string =>
      messageOf(() => metrics.write(step, values), ValueError);
    expect(refused(2, { loss: 1 })).toContain(
      "expected step to be an integer ≥ 3, the last step written, got 2",
    );
    expect(refused(3.5, { loss: 1 })).toContain("got 3.5");
    expect(refused(4, { step: 1 })).toContain("its name not step");
    expect(metrics.rows()).toHaveLength(2);
  });

  test("are in the file what they are in memory, NaN and infinities too, after any number of rows", () => {
    const path = join(root, "many.jsonl");
    const metrics = new MetricsFile(path);
    for (let step = 0; step < 600; step++)
      metrics.write(step, { loss: step % 7 === 0 ? Number.NaN : 1 / step });
    metrics.flush();
    expect(readFileSync(path, "utf8")).toBe(metrics.text());
    const again = new MetricsFile(path);
    again.takeUp(500);
    expect(canonicalOf("test", "rows", again.rows())).toBe(
      canonicalOf("test", "rows", metrics.rows().slice(0, 500)),
    );
  });
});

/** Changes a file's text, which must hold what is replaced. */
function rewrite(path: string, from: string, to: string): void {
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(path, text.replace(from, to));
}
