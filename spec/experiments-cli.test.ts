/** The commands on experiments: what they answer, what they refuse, and what one bad run leaves of the others. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { experimentText, testText } from "../research/commands/template.ts";
import { bitgrad, type Outcome } from "./command-line.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "bitgrad-experiments-")));
const clusters = "./spec/experiments/clusters.ts";
const store = join(root, "store");
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

/** Runs the experiment of tests in this process. */
function run(...words: readonly string[]): Promise<Outcome> {
  return bitgrad("run", clusters, ...words, "--workers", "1", "--out", store);
}

/** What `--json` prints, as far as it is read here. */
interface Answer {
  readonly runs: readonly {
    readonly how: string;
    readonly seed: number;
    readonly config: Readonly<Record<string, unknown>>;
    readonly outcome: string;
    readonly divergence: { readonly step: number; readonly cause: string } | null;
    readonly fingerprint: string;
    readonly key: string;
  }[];
  readonly failures: readonly { readonly message: string }[];
  readonly verdicts: Readonly<Record<string, { readonly verdict: string }>>;
}

async function answer(...words: readonly string[]): Promise<Answer & { readonly status: number }> {
  const { status, output } = await run(...words, "--json");
  return { status, ...JSON.parse(output) };
}

describe("bitgrad run", () => {
  test("makes every arm with every seed, prints a line a run, a table and a verdict", async () => {
    const { status, output, errors } = await run();
    expect([status, errors]).toEqual([0, ""]);
    const lines = output.split("\n");
    expect(lines[0]).toMatch(
      /^bitgrad run: clusters, 4 runs \(2 arms × 2 seeds\), device wasm, 1 × 1 thread$/,
    );
    const runs = lines.filter((line) => line.startsWith("["));
    const arms = ["rate=0.01 seed=0", "rate=0.1 seed=0", "rate=0.01 seed=1", "rate=0.1 seed=1"];
    expect(runs.map((line) => line.replace(/ {2}.*/, ""))).toEqual(
      arms.map((arm, at) => `[${at + 1}/4] clusters ${arm}`),
    );
    expect(lines).toContain("Clusters, two rates (quick)");
    expect(output).toMatch(/^rate {2}runs {2}diverged {2}finalLoss +steps$/m);
    expect(output).toMatch(/^0\.01 {2}2 {5}0 {9}[\d.]+ ± [\d.]+ +20 ± 0$/m);
    expect(output).toMatch(/^lr-range: reproduced\. 2 seeds$/m);
  });

  test("takes what is there from the store, and with --json answers one object", async () => {
    const { status, runs, verdicts } = await answer();
    expect([status, runs.map(({ how }) => how)]).toEqual([0, ["found", "found", "found", "found"]]);
    expect(verdicts["lr-range"]?.verdict).toBe("reproduced");
  });

  test("runs grids over any keys, with seeds counted or named", async () => {
    const { runs } = await answer("rate=0.1", "widths=[4],[4,3]", "steps=3,2", "--seeds", "7,5");
    const made = runs.map(({ seed, config }) =>
      JSON.stringify([seed, config["widths"], config["steps"]]),
    );
    expect(made).toEqual(
      [7, 5].flatMap((seed) =>
        // Keys one after the other, each value with all arms so far.
        [3, 2].flatMap((steps) =>
          [[4], [4, 3]].map((widths) => JSON.stringify([seed, widths, steps])),
        ),
      ),
    );
  });

  test("a run that diverges and one that fails leave the others whole", async () => {
    const { status, runs, failures } = await answer(
      "rate=1e30,0.1",
      "fail=false,true",
      "--seeds",
      "1",
    );
    expect(status).toBe(1);
    expect(runs.map(({ outcome }) => outcome)).toEqual(["diverged", "finished"]);
    expect(runs[0]?.divergence).toMatchObject({ step: 2 });
    expect(runs[0]?.divergence?.cause).toMatch(/^\w+: expected every element .+ at step 2, got /);
    expect(failures).toHaveLength(2);
    expect(failures[0]?.message).toContain("TypeError: this arm has a mistake\n    at ");
  });

  test.each([
    [["run", "clusters"], 'the experiment to be one of .+, or the path of a file, got "clusters"'],
    [["run", "opt-zigzg"], 'got "opt-zigzg"\\. Did you mean opt-zigzag\\.'],
    [
      ["run", "./spec/plain.ts"],
      "to be a module whose default export is what defineExperiment gives, got another",
    ],
    [["run", clusters, "rats=1"], "every key to be one of rate, widths, .+ Did you mean rate\\."],
    [["run", clusters, "rate=0"], "rate to be a number > 0, got 0\\."],
    [["run", clusters, "--data", "mnist"], 'every key to be one of .+, got "data"'],
    [["run", clusters, "--seeds", "0"], "--seeds to be how many, ≥ 1"],
    [["run", clusters, "--seeds", "3,3"], "seeds to be different integers ≥ 0"],
    [["run", clusters, "--profile", "slow"], "--profile to be one of quick, full"],
    [["reproduce", "opt-zigzag", "ot-zigzag"], 'got "ot-zigzag"\\. Did you mean opt-zigzag\\.'],
    [
      ["compare", "clusters", "abcdef"],
      "a run or arm to name an experiment with runs: none so far",
    ],
    [["new", "Two Words"], 'the id to be lower-case words joined by hyphens, got "Two Words"'],
  ])("%j is refused in one line, and nothing is made", async (args, message) => {
    const empty = join(root, "empty");
    const out = args[0] === "new" ? [] : ["--out", empty];
    const { status, output, errors } = await bitgrad(...args, ...out);
    expect([status, output]).toEqual([2, ""]);
    expect(errors).toMatch(new RegExp(`^bitgrad ${args[0]}: expected .*${message}`));
    expect(errors.split("\n")).toHaveLength(2);
    expect(readdirSync(root)).not.toContain("empty");
  });
});

describe("a dataset that is not there", () => {
  test("is told with how to get it: run fails, reproduce goes on with the rest", async () => {
    const nowhere = mkdtempSync(join(root, "nowhere-"));
    vi.stubEnv("BITGRAD_DATA", join(nowhere, "not"));
    const one = await bitgrad("run", "init-relu-depth", "--out", store);
    expect(one).toMatchObject({ status: 1, output: "" });
    expect(one.errors).toMatch(/^readMnist: expected BITGRAD_DATA to name folders that exist/);
    const all = ["reproduce", "init-relu-depth", "opt-zigzag", "--workers", "1", "--out", store];
    const { status, output, errors } = await bitgrad(...all);
    vi.unstubAllEnvs();
    expect(status).toBe(0);
    expect(errors).toMatch(/^init-relu-depth is not run: readMnist: expected BITGRAD_DATA /);
    expect(output).toMatch(/^opt-zigzag +reproduced +100 changes of sign/m);
    expect(output).toMatch(/^init-depth +not run +init-relu-depth: no data$/m);
  });
});

describe("bitgrad list", () => {
  test("--json is one array with id, claims, source, cost and knobs", async () => {
    const { status, output } = await bitgrad("list", "--json");
    const listed: readonly Readonly<Record<string, unknown>>[] = JSON.parse(output);
    expect(status).toBe(0);
    expect(listed.find(({ id }) => id === "opt-zigzag")).toMatchObject({
      claims: ["opt-zigzag"],
      source: expect.stringContaining("Sutton 1986"),
      cost: { quick: { runs: 6 }, full: { runs: 6 } },
      knobs: expect.arrayContaining([
        { key: "steps", description: "updates", allowed: "an integer ≥ 1", default: 100 },
      ]),
    });
  });
});

describe("bitgrad compare", () => {
  test("says how two arms differ in config and results, over paired seeds", async () => {
    await run("--seeds", "3");
    const words = ["clusters:rate=0.01,steps=20,widths=[6]", "rate=0.1,steps=20,widths=[6]"];
    const { status, output } = await bitgrad("compare", ...words, "--out", store, "--json");
    const { a, b, config, measures } = JSON.parse(output);
    expect(status).toBe(0);
    expect([a.runs, b.runs, config]).toEqual([3, 3, [{ key: "rate", a: [0.01], b: [0.1] }]]);
    const loss = measures.find(({ name }: { readonly name: string }) => name === "finalLoss");
    expect(loss.pairs).toBe(3);
    expect(loss.difference).toBeCloseTo(loss.b - loss.a, 12); // one rounding a term of numbers below 1
    expect(loss.interval.low).toBeLessThan(loss.difference);
    expect(loss.interval.high).toBeGreaterThan(loss.difference);
    expect(loss.p).toBe(0.25); // three signs alike, of eight, on either side
  });

  test("takes two runs by the beginnings of their keys, and refuses a beginning of none", async () => {
    const { runs } = await answer();
    const [first, second] = runs.map(({ key }) => key.slice(0, 16));
    const { status, output } = await bitgrad("compare", first ?? "", second ?? "", "--out", store);
    expect(status).toBe(0);
    expect(output).toMatch(/^ {2}rate: 0\.01 → 0\.1$/m);
    expect(output).toMatch(/^ {2}finalLoss: .+, difference -0\.\d+, 1 pairs?$/m);
    const none = await bitgrad("compare", "0".repeat(64), second ?? "", "--out", store);
    expect(none).toMatchObject({ status: 2, output: "" });
    expect(none.errors).toContain("to begin the key of one run in the store");
  });
});

describe("bitgrad new", () => {
  test("writes an experiment under 60 lines that runs, and its test, and never over another", async () => {
    const folder = join(root, "mine");
    const { status, output } = await bitgrad("new", "my-bowl", "--folder", folder);
    expect([status, readdirSync(folder)]).toEqual([
      0,
      ["experiment-my-bowl.test.ts", "my-bowl.ts"],
    ]);
    expect(output).toContain("bitgrad run ./");
    expect(
      readFileSync(join(folder, "my-bowl.ts"), "utf8").trimEnd().split("\n").length,
    ).toBeLessThan(60);
    const again = await bitgrad("new", "my-bowl", "--folder", folder);
    expect(again.status).toBe(2);
    expect(again.errors).toContain("to be of an experiment that is not there yet");
  });

  test.each([
    ["research/experiments/my-bowl.ts", experimentText("my-bowl", true)],
    [
      "spec/experiment-my-bowl.test.ts",
      testText("my-bowl", "../research/experiments/my-bowl.ts", true),
    ],
  ])("in a checkout %s has the form that its checks ask for", (name, text) => {
    const args = ["check", "--write", `--stdin-file-path=${name}`];
    const { stdout } = spawnSync("node_modules/.bin/biome", args, {
      input: text,
      encoding: "utf8",
    });
    expect(stdout).toBe(text);
    expect(text.trimEnd().split("\n").length).toBeLessThan(60);
  });
});
