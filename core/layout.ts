/**
 * Layouts: how a logical shape lies over flat storage, and the views that need no copy.
 * Rests on shape. A stride of 0 repeats an element, a negative stride walks backwards.
 */
import { rowMajorStrides, type Shape } from "./shape.ts";

/** Element (i, j, …) lies at `offset + i·strides[0] + j·strides[1] + …`, in elements. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Row-major from offset 0. */
export function denseLayout(shape: Shape): Layout {
  return { shape, strides: rowMajorStrides(shape), offset: 0 };
}

/** Whether the elements lie row-major without gaps (axes of length 1 and empty tensors do not count). */
export function isDense(layout: Layout): boolean {
  let step = 1;
  for (let axis = layout.shape.length - 1; axis >= 0; axis--) {
    const length = layout.shape[axis] ?? 1;
    if (length === 0) return true;
    if (length !== 1 && layout.strides[axis] !== step) return false;
    step *= length;
  }
  return true;
}

/** Axis `i` of the result is axis `order[i]` of `layout`. */
export function permuteLayout(layout: Layout, order: readonly number[]): Layout {
  return {
    shape: order.map((axis) => layout.shape[axis] ?? 1),
    strides: order.map((axis) => layout.strides[axis] ?? 0),
    offset: layout.offset,
  };
}

/** Stretches missing and length-1 axes to `shape`, which must be a broadcast of `layout.shape`. */
export function broadcastLayout(layout: Layout, shape: Shape): Layout {
  const lead = shape.length - layout.shape.length;
  const strides = shape.map((length, axis) =>
    axis < lead || (layout.shape[axis - lead] === 1 && length !== 1)
      ? 0
      : (layout.strides[axis - lead] ?? 0),
  );
  return { shape, strides, offset: layout.offset };
}

/** Elements `starts[i] + j·steps[i]`, `j < lengths[i]`, along each axis; steps may be negative. */
export function sliceLayout(
  layout: Layout,
  starts: readonly number[],
  lengths: readonly number[],
  steps: readonly number[],
): Layout {
  let offset = layout.offset;
  const strides = layout.strides.map((stride, axis) => {
    if ((lengths[axis] ?? 0) > 0) offset += (starts[axis] ?? 0) * stride;
    return stride * (steps[axis] ?? 1);
  });
  return { shape: lengths, strides, offset };
}

/**
 * The same elements under another shape of equal size, or null where only a copy can do it: where an axis of the
 * new shape would join elements that do not lie at equal distances.
 */
export function reshapeLayout(layout: Layout, shape: Shape): Layout | null {
  if (isDense(layout)) return { shape, strides: rowMajorStrides(shape), offset: layout.offset };
  const stretches = evenStretches(layout);
  let left = 1;
  let step = 1;
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const length = shape[axis] ?? 1;
    if (length === 1) continue;
    if (left === 1) ({ length: left, stride: step } = stretches.pop() ?? { length: 1, stride: 1 });
    if (left % length !== 0) return null;
    strides[axis] = step;
    left /= length;
    step *= length;
  }
  return { shape, strides, offset: layout.offset };
}

/** The elements as nested stretches of equal distances, outermost first: neighbouring axes joined where they can be. */
function evenStretches({ shape, strides }: Layout): { length: number; stride: number }[] {
  const stretches: { length: number; stride: number }[] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const stride = strides[axis] ?? 0;
    const outer = stretches.at(-1);
    if (outer !== undefined && outer.stride === stride * length) {
      outer.length *= length;
      outer.stride = stride;
    } else {
      stretches.push({ length, stride });
    }
  }
  return stretches;
}
