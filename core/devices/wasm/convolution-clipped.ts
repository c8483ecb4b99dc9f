/**
 * Convolutions without the zeros beside the image: output columns cut into stretches that see the same taps of the
 * window, and taps with the output columns that see them. Rests on convolution-plan.
 */
import type { Images, Sweep } from "./convolution-plan.ts";

/** Neighbouring output columns, and the taps along the width with which all of them meet the image. */
interface Stretch {
  readonly first: number;
  readonly count: number;
  readonly firstTap: number;
  readonly taps: number;
}

/** All output columns as stretches, from left to right; `taps` is 0 where only padding is seen. */
export function columnStretches(sweep: Sweep, width: number, outWidth: number): readonly Stretch[] {
  const { stride, dilation, before, window } = sweep;
  const stretches: Stretch[] = [];
  for (let column = 0; column < outWidth; column++) {
    const at = column * stride[1] - before[1];
    const least = Math.min(window[1], Math.max(0, Math.ceil(-at / dilation[1])));
    const end = Math.min(window[1], Math.max(least, Math.ceil((width - at) / dilation[1])));
    const last = stretches.at(-1);
    if (last?.firstTap === least && last.taps === end - least) {
      stretches[stretches.length - 1] = { ...last, count: last.count + 1 };
    } else {
      stretches.push({ first: column, count: 1, firstTap: least, taps: end - least });
    }
  }
  return stretches;
}

/** The output columns whose tap `tap` meets the image. */
export function tapStretch(
  { stride, dilation, before }: Sweep,
  tap: number,
  width: number,
  outWidth: number,
): Pick<Stretch, "first" | "count"> {
  const at = tap * dilation[1] - before[1];
  const first = Math.min(outWidth, Math.max(0, Math.ceil(-at / stride[1])));
  const end = Math.min(outWidth, Math.max(first, Math.ceil((width - at) / stride[1])));
  return { first, count: end - first };
}

/** The window and padding of the part of a sweep that starts at output column `first`, with the taps named. */
export function clipped(
  { window, stride, dilation, before }: Sweep,
  first: number,
  firstTap: number,
  taps: number,
): Pick<Sweep, "window" | "before"> {
  const left = before[1] - first * stride[1] - firstTap * dilation[1];
  return { window: taps === 0 ? [0, 0] : [window[0], taps], before: [before[0], left] };
}

/** Images of some of the columns. */
export function columnsOf(images: Images, first: number, count: number): Images {
  return { ...images, pointer: images.pointer + first * images.strides[3], width: count };
}
