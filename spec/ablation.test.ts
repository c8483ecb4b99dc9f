/** An ablation nobody thought of, from one command line: every combination with every seed, paired, on the page. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseHTML } from "linkedom";
import { afterAll, expect, test, vi } from "vitest";
import { bitgrad, writeSmallMnist } from "./command-line.ts";

const root = mkdtempSync(join(tmpdir(), "bitgrad-ablation-"));
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true });
});

test("groups of GroupNorm × batch size × first weights run from one command, paired by seed, and stand on the page", async () => {
  const [data, store] = [join(root, "data"), join(root, "runs")];
  writeSmallMnist(data);
  vi.stubEnv("BITGRAD_DATA", data);
  const axes = ["groups=1,8", "batch=4,16", "init=kaiming,xavier"];
  const words = ["run", "bn-small-batch", "norm=group", ...axes, "epochs=1", "--seeds", "2"];
  const { status, output } = await bitgrad(...words, "--workers", "1", "--out", store, "--json");
  expect(status).toBe(0);
  const first = JSON.parse(output);
  expect(first.failures).toEqual([]);
  const armOf = ({ config: { groups, batch, init } }: Made): string => `${groups} ${batch} ${init}`;
  const all: readonly Made[] = first.runs;
  const grid = [1, 8].flatMap((groups) =>
    [4, 16].flatMap((batch) => ["kaiming", "xavier"].map((init) => `${groups} ${batch} ${init}`)),
  );
  for (const seed of [0, 1]) {
    const own = all.filter((run) => run.seed === seed);
    expect(own.map(armOf).sort()).toEqual([...grid].sort());
    expect(new Set(own.map(({ fingerprint }) => fingerprint)).size).toBe(grid.length);
  }
  // The verdict compares other arms: it has none here, and the page shows the arms themselves.
  const again = await bitgrad("report", "--out", store);
  expect(again.status).toBe(0);
  const page = readFileSync(join(store, "report", "index.html"), "utf8");
  const { document } = parseHTML(page);
  const [ablation] = document.querySelectorAll("section[id]");
  const repeated = (ablation?.querySelector("pre")?.textContent ?? "").split(" run ").at(-1) ?? "";
  expect([...axes, "epochs=1", "--seeds 0,1"].filter((word) => !repeated.includes(word))).toEqual(
    [],
  );
  const rows = [...(ablation?.querySelectorAll("[aria-label=Arms] tbody tr") ?? [])];
  expect(rows).toHaveLength(grid.length);
  for (const row of rows) expect(row.textContent).toMatch(/20\S* \[\S+, \S+\]$/); // two runs, none diverged
  // The command of the page, whose keys stand in another order, is the same study.
  const repeat = ["run", ...repeated.split(" "), "--workers", "1", "--out", store, "--json"];
  const { runs: found, name } = JSON.parse((await bitgrad(...repeat)).output);
  expect(found.every(({ how }: { readonly how: string }) => how === "found")).toBe(true);
  expect(name).toBe(first.name);
});

/** What `--json` says of a run, as far as it is read here. */
interface Made {
  readonly seed: number;
  readonly fingerprint: string;
  readonly config: { readonly groups: number; readonly batch: number; readonly init: string };
}
