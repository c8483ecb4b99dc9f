/** The report of a store: every claim with an honest verdict, the same bytes for the same store, nothing let in from outside. */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fc, test } from "@fast-check/vitest";
import { parse } from "csv-parse/sync";
import { parseHTML } from "linkedom";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { UsageError } from "../core/index.ts";
import type { Verdict } from "../research/engine/index.ts";
import { collectReport, renderStoreReport, writeStoreReport } from "../research/index.ts";
import { readFullVerdicts } from "../research/report/full-verdicts.ts";
import { csvOf } from "../research/report/report-files.ts";
import { bitgrad } from "./command-line.ts";
import clusters from "./experiments/clusters.ts";
import { ordinaryFigures } from "./report-samples.ts";
import { report, study, textOf, verdict } from "./study-samples.ts";

const root = realpathSync(mkdtempSync(join(tmpdir(), "bitgrad-report-")));
const file = fileURLToPath(new URL("experiments/clusters.ts", import.meta.url));
const located = [{ experiment: clusters, file }];
const [first, second] = [join(root, "first"), join(root, "second")];

beforeAll(async () => {
  for (const store of [first, second]) {
    const words = ["./spec/experiments/clusters.ts", "--workers", "1", "--out", store];
    await bitgrad("run", ...words);
    await bitgrad("run", ...words, "rate=1e30,0.1", "widths=[4],[4,3]", "--seeds", "1");
  }
}, 60_000);
afterAll(() => rmSync(root, { recursive: true }));

let copies = 0;
/** A store of its own for a test that damages it. */
function copyOfStore(): string {
  copies += 1;
  const store = join(root, `copy-${copies}`);
  cpSync(first, store, { recursive: true });
  return store;
}

function withoutTimes(page: string): string {
  return page.replace(/<time>[^<]*<\/time>/g, "<time></time>");
}

describe("the report of a store", () => {
  test("is the same bytes for another store of the same runs, but for what stands in <time>", () => {
    const written = [first, second].map((store) => {
      const { path } = writeStoreReport(store, { located, full: {} });
      const folder = join(path, "..");
      return Object.fromEntries(
        readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), "utf8")]),
      );
    });
    const [one = {}, other = {}] = written;
    expect(Object.keys(one)).toEqual([
      "index.html",
      "report.json",
      "runs.csv",
      "timing.json",
      "verdicts.csv",
    ]);
    const comparable = (files: Readonly<Record<string, string>>): object => ({
      ...files,
      "index.html": withoutTimes(files["index.html"] ?? ""),
      "timing.json": "",
    });
    expect(comparable(other)).toEqual(comparable(one));
    expect(one["index.html"]).toContain("<time>");
  });

  test("shows verdict, question, figures, seeds, fingerprint, data for programs and the command", () => {
    const { path, report: made } = writeStoreReport(first, { located, full: {} });
    const page = readFileSync(path, "utf8");
    const text = textOf(page);
    const [own] = made.studies;
    for (const shown of [
      "✓ reproduced (quick)",
      "Does the higher rate end lower?",
      "2 seeds",
      own?.fingerprint ?? "none",
      "run ./spec/experiments/clusters.ts",
      "rate (compared)0.01, 0.1",
      own?.runs[0]?.run.fingerprint.slice(0, 16) ?? "none",
    ]) {
      expect(text).toContain(shown);
    }
    const [head = [], ...lines]: readonly (readonly string[])[] = parse(
      readFileSync(join(path, "../runs.csv"), "utf8"),
    );
    expect(lines.map((line) => line[head.indexOf("fingerprint")])).toEqual(
      made.studies.flatMap(({ runs }) => runs.map(({ run }) => run.fingerprint)),
    );
  });

  test("shows an ablation below, with the step and the op at which runs diverged", () => {
    const made = collectReport(first, { located, full: {} });
    expect(made.studies.map(({ record }) => record.profile)).toEqual(["quick", "custom"]);
    const page = renderStoreReport(made);
    const { document } = parseHTML(page);
    const [, ablation] = document.querySelectorAll("section[id]");
    expect(ablation?.textContent).toMatch(/diverged at step 2: \w+: expected every element/);
    expect(ablation?.querySelector("pre")?.textContent).toMatch(
      /run \.\/spec\/experiments\/clusters\.ts rate=1e\+30,0\.1 'widths=\[4\],\[4,3\]' --seeds 0,$/,
    );
    const links = [...document.querySelectorAll(".verdicts a")].map((a) => a.getAttribute("href"));
    expect(links.every((href) => document.querySelector(href ?? "") !== null)).toBe(true);
  });

  test("says of a claim without a run that it is not run, and why", () => {
    const empty = join(root, "empty");
    const { rows, notRun } = collectReport(empty, { located, full: {} });
    expect(rows).toMatchObject([{ claim: "lr-range", conclusion: "not run", verdict: null }]);
    expect(textOf(renderStoreReport(collectReport(empty, { located, full: {} })))).toContain(
      "not run 1",
    );
    expect(notRun[0]?.reason).toBe("bitgrad reproduce clusters");
    expect(existsSync(empty)).toBe(false);
  });

  test("says of a missing dataset where it was looked for", () => {
    vi.stubEnv("BITGRAD_DATA", join(root, "nowhere"));
    const { notRun } = collectReport(join(root, "empty"), { full: {} });
    vi.unstubAllEnvs();
    const found = notRun.find(({ experiment }) => experiment === "init-relu-depth");
    expect(found?.reason).toMatch(/^readMnist: expected BITGRAD_DATA to name folders that exist/);
  });

  test("tells damaged runs and studies, repeated ones that differ and ones that did not end", () => {
    const store = copyOfStore();
    const folder = join(store, "clusters");
    const keys = readdirSync(folder).filter((name) => /^[0-9a-f]{64}$/.test(name));
    const [cut = "", differs = "", ended = ""] = keys;
    truncateSync(join(folder, cut, "result.json"), 20);
    cpSync(join(folder, differs), join(folder, `${differs}.differs`), { recursive: true });
    rmSync(join(folder, ended, "result.json"));
    writeFileSync(join(folder, "studies", "broken.json"), '{"figures": 3}');
    const made = collectReport(store, { located, full: {} });
    expect(made.troubles.map(({ entry, reason }) => [entry, reason.split(":")[0]])).toEqual(
      [
        [`clusters/${cut}`, "run store"],
        [`clusters/${differs}.differs`, "made again it had another fingerprint"],
        [`clusters/${ended}`, "did not end"],
        ["clusters/studies/broken.json", "bitgrad report"],
      ].sort(),
    );
    expect(made.studies.flatMap(({ lost }) => lost).sort()).toEqual([cut, ended].sort());
    const text = textOf(renderStoreReport(made));
    expect(text).toContain("no longer whole in the store");
    expect(text).not.toContain(root);
  });

  test("takes the full study of an experiment before the quick one, and either by its name", () => {
    const store = copyOfStore();
    const folder = join(store, "clusters", "studies");
    const quick = readFileSync(join(folder, "quick.json"), "utf8");
    const full = quick.replace('"name": "quick"', '"name": "full"');
    writeFileSync(
      join(folder, "full.json"),
      full.replace('"profile": "quick"', '"profile": "full"'),
    );
    const namesOf = (names: readonly string[]): readonly string[] =>
      collectReport(store, { located, full: {}, names }).studies.map(({ record }) => record.name);
    expect(namesOf([])).toEqual(["full", expect.stringMatching(/^custom-/)]);
    expect(namesOf(["clusters/quick"])).toEqual(["quick"]);
    expect(collectReport(store, { located, full: {} }).leftOut).toEqual(["clusters/quick"]);
    expect(() => namesOf(["cluster"])).toThrow(UsageError);
    expect(() => namesOf(["cluster"])).toThrow("Did you mean clusters");
  });
});

describe("the page", () => {
  test("has a line of what was measured in its table, and all of it in the section", () => {
    const measured = "loss: 1 against 2; gain 1; by seed 0.9, 1.1";
    const own = study({ verdicts: { "lr-range": { ...verdict, measured } } });
    const { document } = parseHTML(renderStoreReport(report([own])));
    const table = document.querySelector("table.verdicts")?.textContent ?? "";
    expect(table).toContain("loss: 1 against 2");
    expect(table).not.toContain("by seed");
    expect(document.querySelector(".claim")?.textContent).toContain("by seed 0.9, 1.1");
  });

  test("says what its verdicts rest on: intervals of quick ones, Holm's p of full ones, in a column of its own", () => {
    const tested = { verdicts: { "lr-range": { ...verdict, p: 0.0005 } } };
    const pages = (["quick", "full"] as const).map((profile) =>
      renderStoreReport(report([study({ profile, ...tested })])),
    );
    const [quick = "", full = ""] = pages.map(textOf);
    expect(quick).toMatch(/nothing corrects that over 1 verdict\./);
    expect(quick).not.toContain("Holm");
    expect(full).toMatch(/corrected by Holm over all 1 test of full verdicts .* it takes 6 seeds/);
    expect(pages.map((page) => page.includes('<th scope="col">p (Holm)</th>'))).toEqual([
      false,
      true,
    ]);
  });

  const hostile = `"><script>alert(1)</script><img src=x onerror='1'>&lt;`;
  const texts = fc.oneof(
    fc.constant(hostile),
    fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "b", "-", " ", "]", "`") }),
  );

  test.prop([texts], { seed: 72, numRuns: 10 })("lets no markup in, wherever it stands", (s) => {
    const bad: Verdict = { ...verdict, threshold: s, reason: s, measured: s, paper: s };
    const own = study({
      title: s,
      question: s,
      source: s,
      command: s,
      claims: [s],
      note: s,
      overrides: { [s]: [s] },
      verdicts: { [s]: bad },
      failures: [{ key: s, config: { [s]: s }, seed: 0, message: s }],
      figures: ordinaryFigures.slice(2, 3).map((figure) => ({ ...figure, title: s, caption: s })),
    });
    const page = renderStoreReport(
      report([own], {
        notRun: [{ experiment: s, title: s, question: s, claims: [s], reason: s }],
        troubles: [{ entry: s, reason: s }],
        leftOut: [s],
      }),
    );
    const { document } = parseHTML(page);
    expect(document.querySelectorAll("script, img, b").length).toBe(0);
    const attributes = [...document.querySelectorAll("*")].flatMap((e) => e.getAttributeNames());
    expect(attributes.filter((name) => name.startsWith("on"))).toEqual([]);
    expect(document.querySelector("h4")?.textContent).toBe(s);
  });

  test("loads nothing, runs nothing, names no id twice and gives each table head a scope", () => {
    const page = renderStoreReport(report([study({ figures: ordinaryFigures })]));
    const { document } = parseHTML(page);
    expect(document.querySelectorAll("script, link, iframe, img, object, base").length).toBe(0);
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/(?:2000\/svg|1999\/xlink))/);
    expect(page).not.toMatch(/url\((?!#)|@import/);
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.querySelectorAll("th:not([scope])").length).toBe(0);
    for (const clip of document.querySelectorAll("[clip-path]")) {
      const id = /url\(#(.+)\)/.exec(clip.getAttribute("clip-path") ?? "")?.[1] ?? "";
      expect(document.getElementById(id)?.localName).toMatch(/^clippath$/i);
    }
  });
});

describe("CSV", () => {
  const fields = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", " ", "é"), minLength: 1 });

  test.prop([fc.array(fc.tuple(fields, fields), { minLength: 1, maxLength: 5 })], {
    seed: 73,
    numRuns: 100,
  })("gives back every field that was written", (rows) => {
    expect(parse(csvOf(["a", "b"], rows))).toEqual([["a", "b"], ...rows]);
  });
});

describe("bitgrad report", () => {
  test("writes the page and says where; --json gives the verdicts; unknown names are refused", async () => {
    const plain = await bitgrad("report", "--out", second);
    expect(plain.status).toBe(0);
    expect(plain.output).toMatch(/^report .*report\/index\.html\n$/);
    const kept = join(root, "kept.json");
    const { output } = await bitgrad(
      "report",
      "clusters",
      "--out",
      second,
      "--json",
      "--keep-full",
      kept,
    );
    expect(JSON.parse(output).verdicts[0]).toMatchObject({
      claim: "lr-range",
      conclusion: "reproduced",
    });
    expect(readFullVerdicts(kept)).toEqual({});
    const refused = await bitgrad("report", "clster", "--out", second);
    expect(refused.status).toBe(2);
    expect(refused.errors).toMatch(/got "clster"\. Did you mean clusters/);
  });

  test("is what reproduce writes at its end", async () => {
    const store = join(root, "reproduced");
    const { status, output } = await bitgrad(
      ...["reproduce", "opt-zigzag", "--workers", "1", "--out", store],
    );
    expect(status).toBe(0);
    expect(output).toMatch(/\nreport .*report\/index\.html\n$/);
    const page = readFileSync(join(store, "report", "index.html"), "utf8");
    expect(textOf(page)).toContain("100 changes of sign of y in 100 updates");
    expect(page).toContain(' id="opt-zigzag-quick-figure-0"');
  });
});
