/** Faults in the kernels of Winograd's algorithm. Rests on fault. */
import type { Fault } from "./fault.ts";

const ops = ["conv2d", "conv2dInputGradient", "conv2dWeightGradient"];

export const winogradFaults: readonly Fault[] = [
  {
    name: "winograd/number-in-the-fourth-digit",
    file: "winograd-wide",
    from: "const bbb: f32 = 0.244140625;",
    to: "const bbb: f32 = 0.2442;",
    ops,
  },
  {
    name: "winograd/sign-of-a-point",
    file: "winograd-wide",
    from: "v128.store(to + 4 * step, f32x4.sub(q, r));\n  v128.store(to + 5 * step, f32x4.sub(f32x4.add(f32x4.mul(vp, d1)",
    to: "v128.store(to + 4 * step, f32x4.add(q, r));\n  v128.store(to + 5 * step, f32x4.sub(f32x4.add(f32x4.mul(vp, d1)",
    ops,
  },
  {
    name: "winograd/small-tile-sign",
    file: "winograd-transforms",
    from: "v128.store(to, f32x4.sub(c, b));",
    to: "v128.store(to, f32x4.sub(b, c));",
    ops,
  },
  {
    name: "winograd/weights-of-five-taps",
    file: "winograd-wide",
    from: "const r = f32x4.add(times(nb * b, w1), times(nb * bbb, w3));",
    to: "const r = f32x4.add(times(nb * b, w1), times(nb * bb, w3));",
    ops,
  },
  {
    name: "winograd/gradient-of-five-taps",
    file: "winograd-wide",
    from: "f32x4.add(times(aaaa, u), times(bbbb, q))",
    to: "f32x4.add(times(aaaa, u), times(bbb, q))",
    ops,
  },
  {
    name: "winograd/pixel-beside-the-image",
    file: "winograd-tiles",
    from: "column >= columnLow && column < columnHigh ? pixel : zeros",
    to: "column >= columnLow && column <= columnHigh ? pixel : zeros",
    ops,
  },
  {
    name: "winograd/inside-counted-one-too-far",
    file: "winograd-tiles",
    from: "row0 + side <= rowHigh &&",
    to: "row0 + side <= rowHigh + 1 &&",
    ops,
  },
  {
    name: "winograd/last-rows-of-the-output",
    file: "winograd",
    from: "!inPlace || (r < rows && q < columns) ? pixel : spare",
    to: "!inPlace || q < columns ? pixel : spare",
    ops,
  },
  {
    name: "winograd/finite-without-looking",
    file: "winograd",
    from: "store<i32>(pointer(task, 28) + (<usize>piece << 2), i32(lost));",
    to: "store<i32>(pointer(task, 28) + (<usize>piece << 2), 0);",
    ops,
  },
  {
    name: "winograd/mended-everywhere-but-nan",
    file: "winograd",
    from: "if (value - value != 0) store",
    to: "if (abs(value) == Infinity) store",
    ops,
  },
  {
    name: "winograd/first-image-of-a-group-only",
    file: "winograd",
    from: "pointer(task, 0) + <usize>(first + image) * <usize>word(task, 18)",
    to: "pointer(task, 0) + <usize>first * <usize>word(task, 18)",
    ops,
  },
  {
    name: "winogradWeightGradient/last-group-of-a-leaf",
    file: "winograd-weight-gradient",
    from: "image < min(end, first + group)",
    to: "image < min(images, first + group)",
    ops,
  },
  {
    name: "winogradWeightGradient/sums-of-the-leaf-before",
    file: "winograd-weight-gradient",
    from: "memory.fill(sums, 0, elements * stepOfSums);",
    to: "if (piece == from) memory.fill(sums, 0, elements * stepOfSums);",
    ops,
  },
];
