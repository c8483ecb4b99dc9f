/**
 * Percentiles of what the last hidden activation is given, unit by unit, and how far they move while a net trains.
 * Rests on layers and probes.
 */
import { noGrad, scope, type Tensor } from "../../../core/index.ts";
import { BatchNorm, type Layer, Linear } from "../../../layers/index.ts";
import type { MetricRow, MetricValues } from "../../engine/index.ts";
import { distributionOf, untouched } from "../../probes/index.ts";

/** Those of Ioffe & Szegedy's figure 1, in percent. */
export const percents: readonly ["15", "50", "85"] = ["15", "50", "85"];

/** Percentiles, over the data, of what the last hidden activation is given, by unit; normalized by these data themselves. */
export function percentilesOf(
  net: Layer,
  data: Iterable<{ readonly x: Tensor }>,
  units: number,
): MetricValues {
  const layers = [...net.walk()].filter(
    (layer) => layer instanceof Linear || layer instanceof BatchNorm,
  );
  const watched = layers.at(-2);
  const columns: number[][] = Array.from({ length: units }, () => []);
  const stop = watched?.observe({
    activation: ({ output }) => {
      const [, width = 1] = output.shape;
      for (const [at, value] of output.elements().entries()) {
        columns[at % width]?.push(Number(value));
      }
    },
  });
  untouched(net, () => {
    for (const { x } of data) {
      noGrad(() =>
        scope(() => {
          net.forward(x);
        }),
      );
      break;
    }
  });
  stop?.();
  const looks = columns.map((column) =>
    distributionOf(column, { percentiles: percents.map(Number) }),
  );
  return Object.fromEntries(
    percents.map((percent) => [
      `p${percent}`,
      looks.map(({ percentiles }) => percentiles[percent] ?? Number.NaN),
    ]),
  );
}

/** How far the percentiles move from one look to the next, over the spread between 15 and 85 %: mean of looks and units. */
export function driftIn(rows: readonly MetricRow[], units: number): number {
  const looks = rows.flatMap(({ values }) => {
    const [low, middle, high] = percents.map((percent) => values[`p${percent}`]);
    return Array.isArray(low) && Array.isArray(middle) && Array.isArray(high)
      ? [{ low, middle, high }]
      : [];
  });
  let total = 0;
  looks.slice(1).forEach((look, at) => {
    const before = looks[at] ?? look;
    for (let unit = 0; unit < units; unit++) {
      const moved = (["low", "middle", "high"] as const).reduce(
        (sum, name) => sum + Math.abs((look[name][unit] ?? 0) - (before[name][unit] ?? 0)) / 3,
        0,
      );
      const spread = (before.high[unit] ?? 0) - (before.low[unit] ?? 0);
      total += moved / spread;
    }
  });
  return total / ((looks.length - 1) * units);
}
