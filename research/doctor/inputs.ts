/**
 * The check of inputs: normalized, and finite.
 * Rests on finding and patient.
 */
import { sizeOf } from "../../core/shape.ts";
import { fail, pass, type Said, shown, warn } from "./finding.ts";
import type { PatientBatch } from "./patient.ts";

/** Of one channel, or of all features together. */
interface Moments {
  count: number;
  sum: number;
  squares: number;
}

const normalize =
  "Subtract the mean of the training set and divide by its standard deviation, channel by channel (channelStatistics)";

/**
 * First weights are made for inputs with a mean square of 1. Fails where the root mean square of a channel is off by more than 10
 * times, or a number is not finite; warns beyond 3 times, and where all inputs have one sign or a mean of more than two
 * standard deviations: then the gradients of a unit's weights share their sign. Channels of images; all numbers of a vector
 * count as one channel.
 */
export function checkInputs(batches: readonly PatientBatch[]): Said {
  const channels = new Map<number, Moments>();
  let [min, max, broken] = [Infinity, -Infinity, 0];
  for (const { x } of batches) {
    const isImage = x.rank > 2;
    const positions = sizeOf(x.shape.slice(2));
    const [, count = 1] = x.shape;
    x.elements().forEach((value, i) => {
      if (!Number.isFinite(value)) broken += 1;
      else {
        const index = isImage ? Math.floor(i / positions) % count : 0;
        const moments = channels.get(index) ?? { count: 0, sum: 0, squares: 0 };
        channels.set(index, moments);
        moments.count += 1;
        moments.sum += value;
        moments.squares += value * value;
        min = Math.min(min, value);
        max = Math.max(max, value);
      }
    });
  }
  if (broken > 0) {
    const found = `${broken} numbers are NaN or infinite`;
    return fail(found, "Find the examples that hold them, and leave them out", { broken });
  }
  const sizes = [...channels.values()].map(({ count, squares }) => Math.sqrt(squares / count));
  const shifts = [...channels.values()].map(({ count, sum, squares }) => {
    const mean = sum / count;
    const std = Math.sqrt(Math.max(squares / count - mean * mean, 0));
    return mean === 0 ? 0 : Math.abs(mean) / std;
  });
  const [least, most, shift] = [Math.min(...sizes), Math.max(...sizes), Math.max(...shifts)];
  const measures = { least, most, shift, min, max };
  const each = sizes.length > 1 ? ` (${sizes.length} channels)` : "";
  const range = least === most ? shown(most) : `${shown(least)} to ${shown(most)}`;
  const found = `root mean square ${range}${each}, values from ${shown(min)} to ${shown(max)}`;
  if (most > 10 || least < 0.1) return fail(found, normalize, measures);
  if (most > 3 || least < 0.3) return warn(found, normalize, measures);
  if (min >= 0 || max <= 0) return warn(`${found}: all of one sign`, normalize, measures);
  if (shift > 2) return warn(`${found}: a mean of ${shown(shift)} stds`, normalize, measures);
  return pass(found, measures);
}
