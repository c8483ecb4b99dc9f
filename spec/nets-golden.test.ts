/**
 * Whole nets against PyTorch: a LeNet and a ResNet-20 in training, from the same weights on the same batches.
 * All 50 steps of the ResNet take a quarter of a minute, so only with BITGRAD_SLOW=1; else its first steps.
 */
import { describe, expect, test } from "vitest";
import { hashed, netsFile, trainGolden } from "./golden/nets.ts";

const { BITGRAD_SLOW } = process.env;
const slow = BITGRAD_SLOW === "1";
const minute = 60_000;
if (!slow) {
  process.stdout.write("ResNet-20 against PyTorch: 6 steps of 50, set BITGRAD_SLOW=1 for all\n");
}

/** The first step at which a gap is `power` or more; one after the last where none is. */
function firstAbove(power: number, gaps: readonly number[]): number {
  const step = gaps.findIndex((gap) => !(gap < power));
  return step < 0 ? gaps.length : step;
}

describe.each(netsFile.nets.map((golden) => [golden.net, golden] as const))("%s", (_, golden) => {
  const { net, losses, singleLosses, first, envelope } = golden;
  const steps = net === "lenet" || slow ? losses.length : 6;

  test(
    "in float64 has PyTorch's loss at every step, to 1e-12",
    () => {
      expect(losses.length).toBe(50);
      const run = trainGolden(golden, "float64", steps);
      // Both round to 1.1e-16; losses are about 3, and at this rate what is rounded differently grows to 7e-15 at most.
      run.losses.forEach((loss, step) => {
        expect(Math.abs(loss - (losses[step] ?? Number.NaN)), `step ${step}`).toBeLessThan(1e-12);
      });
    },
    minute,
  );

  test("in float32 has PyTorch's first loss and gradients, to 1e-4 of each gradient's largest entry", () => {
    const run = trainGolden(golden, "float32", 1);
    expect(Math.abs((run.losses[0] ?? Number.NaN) - first.loss)).toBeLessThan(1e-4 * first.loss);
    expect(run.first.length).toBe(first.gradients.length);
    first.gradients.forEach(({ largest, norm, entries }, index) => {
      const gradient = run.first[index] ?? [];
      const magnitude = gradient.reduce((most, g) => Math.max(most, Math.abs(g)), 0);
      expect(Math.abs(magnitude - largest), `largest of ${index}`).toBeLessThan(1e-4 * largest);
      const length = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      expect(Math.abs(length - norm), `norm of ${index}`).toBeLessThan(1e-4 * norm);
      hashed(900 + index, entries.length).forEach((u, probe) => {
        const entry = gradient[Math.floor(u * gradient.length)] ?? Number.NaN;
        const apart = Math.abs(entry - (entries[probe] ?? Number.NaN));
        expect(apart, `entry of ${index}`).toBeLessThan(1e-4 * largest);
      });
    });
  });

  test(
    "in float32 parts from PyTorch no faster than PyTorch's two memory layouts part from each other",
    () => {
      const run = trainGolden(golden, "float32", steps);
      const gaps = run.losses.map((loss, step) =>
        Math.abs(loss - (singleLosses[step] ?? Number.NaN)),
      );
      // A training that is chaotic multiplies what is rounded differently, step after step: it is as fast as it is early
      // at each power of ten. Below 1e-6 lies the rounding of a loss of 3, 2.4e-7 on either side.
      for (const power of [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]) {
        expect(firstAbove(power, gaps), `${power}`).toBeGreaterThanOrEqual(
          firstAbove(power, envelope.slice(0, steps)),
        );
      }
    },
    minute,
  );
});
