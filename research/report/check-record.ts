/**
 * A record must not contradict itself: what the report shows in two places has to agree.
 * Rests on errors and record.
 */
import { ValueError } from "../../core/errors.ts";
import type { Confusion, Mistake, TrainingRecord } from "./record.ts";

/** The bytes of a recorded picture. */
export function imageBytes(mistake: Mistake): Uint8Array {
  return Buffer.from(mistake.image.bytes, "base64");
}

/** All images counted by a confusion matrix, and those on its diagonal. */
export function tally(confusion: Confusion): { readonly total: number; readonly right: number } {
  let total = 0;
  let right = 0;
  confusion.counts.forEach((row, label) => {
    row.forEach((count, predicted) => {
      total += count;
      if (label === predicted) right += count;
    });
  });
  return { total, right };
}

/** Throws ValueError unless `holds`. */
function demand(holds: boolean, argument: string, expected: string, got: unknown): void {
  if (holds) return;
  throw new ValueError({
    where: "renderReport",
    argument,
    expected,
    got: String(got),
    fix: "Record what the run measured, without editing it",
  });
}

/** Whether `value` is an integer in [0, end). */
function isIndex(value: number, end: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < end;
}

/** Whether `value` is a share, in [0, 1]. */
function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** Throws ValueError unless the confusion matrix is square, counts, and gives the accuracy stated. */
function checkConfusion(run: TrainingRecord): void {
  const { classes, counts } = run.confusion;
  demand(
    counts.length === classes.length,
    "confusion.counts",
    `to have ${classes.length} rows, one for each class`,
    counts.length,
  );
  counts.forEach((row, label) => {
    const name = `confusion.counts[${label}]`;
    demand(
      row.length === classes.length,
      name,
      `to have ${classes.length} columns, one for each class`,
      row.length,
    );
    const wrong = row.find((count) => !isIndex(count, Number.POSITIVE_INFINITY));
    demand(wrong === undefined, name, "to hold integers ≥ 0", wrong);
  });
  const { total, right } = tally(run.confusion);
  demand(total >= 1, "confusion", "to count at least one image", total);
  demand(
    total === run.dataset.testCount,
    "dataset.testCount",
    `to be the ${total} images of the confusion matrix`,
    run.dataset.testCount,
  );
  // 1e-9: a correctly rounded share is within 1e-16; one image of a billion would show.
  const agrees = Math.abs(run.testAccuracy - right / total) <= 1e-9;
  demand(
    agrees,
    "testAccuracy",
    `to be ${right} / ${total}, as in the confusion matrix`,
    run.testAccuracy,
  );
}

/** Throws ValueError unless the mistake is one, among the classes, with a picture of its size. */
function checkMistake(mistake: Mistake, name: string, classes: number): void {
  const { label, predicted, probability, image } = mistake;
  demand(isIndex(label, classes), `${name}.label`, `to be a class in [0, ${classes})`, label);
  const other = isIndex(predicted, classes) && predicted !== label;
  demand(
    other,
    `${name}.predicted`,
    `to be another class than ${label}, in [0, ${classes})`,
    predicted,
  );
  demand(isShare(probability), `${name}.probability`, "in [0, 1]", probability);
  const { width, height, channels } = image;
  demand(channels === 1 || channels === 3, `${name}.image.channels`, "to be 1 or 3", channels);
  const bytes = imageBytes(mistake).length;
  const wanted = `to hold ${channels} × ${height} × ${width} bytes`;
  const sized = isIndex(width - 1, 65535) && isIndex(height - 1, 65535);
  demand(sized && bytes === channels * height * width, `${name}.image.bytes`, wanted, bytes);
}

/** Throws ValueError, on behalf of `renderReport`, where the record contradicts itself. */
export function checkRecord(run: TrainingRecord): void {
  checkConfusion(run);
  run.mistakes.forEach((mistake, i) => {
    checkMistake(mistake, `mistakes[${i}]`, run.confusion.classes.length);
  });
  run.steps.forEach(({ step, epoch }, i) => {
    const later = isIndex(step, Number.POSITIVE_INFINITY) && step > (run.steps[i - 1]?.step ?? 0);
    demand(later, `steps[${i}].step`, "to be an integer greater than the one before", step);
    demand(
      epoch >= 0 && Number.isFinite(epoch),
      `steps[${i}].epoch`,
      "to be finite and ≥ 0",
      epoch,
    );
  });
  run.epochs.forEach((point, i) => {
    const { epoch, trainAccuracy, testAccuracy } = point;
    const later =
      isIndex(epoch, Number.POSITIVE_INFINITY) && epoch > (run.epochs[i - 1]?.epoch ?? 0);
    demand(later, `epochs[${i}].epoch`, "to be an integer greater than the one before", epoch);
    demand(isShare(trainAccuracy), `epochs[${i}].trainAccuracy`, "in [0, 1]", trainAccuracy);
    demand(isShare(testAccuracy), `epochs[${i}].testAccuracy`, "in [0, 1]", testAccuracy);
  });
  const times = run.timing.epochSeconds.length;
  demand(
    times === run.epochs.length,
    "timing.epochSeconds",
    `to have ${run.epochs.length} entries, one for each epoch`,
    times,
  );
  const { mean, std } = run.dataset;
  demand(
    std.length === mean.length,
    "dataset.std",
    `to have ${mean.length} channels, as dataset.mean`,
    std.length,
  );
}
