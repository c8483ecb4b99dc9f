/** One canonical epoch of data: made, augmented, normalized, mixed, shuffled. Its bits are the same everywhere. */
import { expect, test } from "vitest";
import {
  augment,
  channelStatistics,
  colourJitter,
  crop,
  cutmix,
  cutout,
  DataLoader,
  flip,
  imageDataset,
  mixup,
  moments,
  normalize,
  perChannel,
  pointExamples,
  shapes,
  spirals,
  zcaWhitening,
} from "../core/data/index.ts";
import { keep, type Tensor } from "../core/index.ts";
import { fingerprint } from "../core/io/index.ts";

/** The fingerprint of the batches of the epochs 0 and 1, one after the other. */
function fingerprintOf(loader: DataLoader<Readonly<Record<"x" | "y", Tensor>>>): string {
  const entries = [0, 1].flatMap((epoch) => {
    const batches = Array.from(loader, ({ x, y }) => [keep(x), keep(y)] as const);
    return batches.flatMap(([x, y], i) => [
      [`${epoch}/${i}/x`, x] as const,
      [`${epoch}/${i}/y`, y] as const,
    ]);
  });
  return fingerprint(Object.fromEntries(entries));
}

// A change of these values is a change of everybody's results: it belongs into the CHANGELOG.
test("images in colour, augmented, normalized and mixed have the bits they always had", () => {
  const set = shapes({ count: 50, size: 12, channels: 3, seed: 1 });
  const augmented = augment(
    imageDataset(set),
    [
      flip(),
      crop({ padding: 2 }),
      colourJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4 }),
      cutout({ size: 3, probability: 0.5 }),
    ],
    { seed: 2 },
  );
  const ready = normalize(augmented, perChannel(channelStatistics(set), set.shape));
  const options = { classes: set.classes.length, alpha: 0.3, seed: 3 };
  const bits = [mixup(ready, options), cutmix(ready, options)].map((mixed) =>
    fingerprintOf(new DataLoader(mixed, { batchSize: 16, seed: 4 })),
  );
  expect(bits).toEqual([
    "b01783a1ca69c22e120f59a2abf63a4a52d9badf978889199fabfdac043ee129",
    "f6c77bc8306c3c3a970a6b04f17032c132f6a71b774b50d6603ddf78f56ee8e4",
  ]);
});

test("points, whitened, have the bits they always had", () => {
  const points = pointExamples(spirals({ count: 60, seed: 1 }));
  const ready = normalize(points, zcaWhitening(moments(points)));
  expect(fingerprintOf(new DataLoader(ready, { batchSize: 16, seed: 5 }))).toBe(
    "307bf9b63aa4c0ad35f5f74024eb1bd914e343d9cdaa93f098743aae6bf899f4",
  );
});
