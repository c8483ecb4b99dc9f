/**
 * What is measured of the gpu device in the mode that answers, as tables in Markdown: the forms of a product, the
 * size from which it is faster than wasm, and workloads beside everybody. Rests on gpu-forms and bench.
 */
import { gpuStarted } from "../../core/devices/gpu/state.ts";
import { DeviceError, withDevice } from "../../core/index.ts";
import { formContestant, forms, productBy } from "./gpu-forms.ts";
import { agree, expectedProduct, factors } from "./gpu-product.ts";
import { type InterleaveOptions, interleave } from "./interleave.ts";
import { ownContestant } from "./own.ts";
import type { Peer } from "./peer.ts";
import { bench } from "./run.ts";
import { median, significant } from "./statistics.ts";
import { type TiledPeer, tiledTitle } from "./tiled.ts";
import type { Workload } from "./workload.ts";

/** Rows of a table as Markdown, the first of them the heads. */
export function markdown(rows: readonly (readonly string[])[]): string {
  const [heads = [], ...others] = rows;
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...others.map(line)].join("\n");
}

function atWork(): NonNullable<ReturnType<typeof gpuStarted>> {
  const at = gpuStarted();
  if (at !== null) return at;
  throw new DeviceError({
    where: "the tables of the gpu device",
    argument: "the device",
    expected: "to be gpu",
    got: "another",
    fix: 'Call setDevice("gpu") before',
  });
}

/**
 * GFLOP/s of each form at each size, multiples of 4, all arrays with the adapter; and of `tiled`, where it has the
 * size. Who multiplies wrongly gets the word "wrong" for a figure.
 */
export async function formTable(
  sizes: readonly number[],
  options: InterleaveOptions,
  tiled: TiledPeer | null = null,
): Promise<string> {
  const { engine } = atWork();
  const columns: Map<string, string>[] = [];
  for (const n of sizes) {
    const [a, b] = factors(n);
    const expected = expectedProduct(n);
    const column = new Map<string, string>();
    const contestants: ReturnType<typeof formContestant>[] = [];
    for (const form of forms) {
      if (agree(productBy(form, engine, n, a, b), expected, n)) {
        contestants.push(formContestant(form, engine, n, a, b));
      } else column.set(form.title, "wrong");
    }
    const byHand = (await tiled?.contestant(n)) ?? null;
    if (byHand === "wrong") column.set(tiledTitle, byHand);
    const all = byHand === null || byHand === "wrong" ? contestants : [...contestants, byHand];
    const seconds = await interleave(all, options);
    all.forEach(({ name }, i) => {
      const rate = (2 * n ** 3) / median(seconds[i] ?? []) / 1e9;
      column.set(name, String(Number(rate.toPrecision(3))));
    });
    for (const { end } of contestants) end();
    columns.push(column);
  }
  const names = [...new Set(columns.flatMap((column) => [...column.keys()]))];
  return markdown([
    ["a thread makes", ...sizes.map((n) => `${n}³`)],
    ...names.map((name) => [name, ...columns.map((column) => column.get(name) ?? "–")]),
  ]);
}

/**
 * The multiplications of the least of `sizes` from which on a product on the gpu device, with its way there and back,
 * takes less time than on wasm, also at all larger ones; null where it never does.
 */
export async function crossover(
  sizes: readonly number[],
  options: InterleaveOptions,
): Promise<number | null> {
  let least: number | null = null;
  for (const size of sizes) {
    const task = { kind: "matmul", size } as const;
    const here = ownContestant(task);
    const wasm = withDevice("wasm", () => ownContestant(task));
    const [own = [], other = []] = await interleave([here, wasm], options);
    if (median(own) >= median(other)) least = null;
    else least ??= size ** 3;
  }
  return least;
}

/** The workloads beside everybody: medians in the workload's unit. */
export async function workloadTable(
  workloads: readonly Workload[],
  options: InterleaveOptions & { readonly peers: readonly Peer[]; readonly threads: number },
): Promise<string> {
  const rows: { readonly name: string; readonly cells: ReadonlyMap<string, number> }[] = [];
  for await (const { name, unit, value, against } of bench(workloads, options)) {
    const others = Object.entries(against).map(([other, { value: theirs }]) => [other, theirs]);
    const cells = new Map<string, number>([["gpu", value], ...(others as [string, number][])]);
    rows.push({ name: `${name}, ${unit}`, cells });
  }
  const heads = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))];
  return markdown([
    ["workload", ...heads],
    ...rows.map(({ name, cells }) => [
      name,
      ...heads.map((head) => {
        const value = cells.get(head);
        return value === undefined ? "–" : String(Number(significant(value).toPrecision(3)));
      }),
    ]),
  ]);
}
