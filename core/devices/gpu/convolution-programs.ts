/**
 * Convolutions as programs: forward and both gradients, any stride, padding, dilation, groups, and any strides of the
 * inputs. Rests on program. Images come out channels last; four channels of a pixel a thread where groups allow.
 * Padding is skipped, not multiplied by zero: what is not finite stays where it belongs.
 */
import type { Layout } from "../../layout.ts";
import type { Conv2dGeometry } from "../kernels.ts";
import {
  addProducts,
  address,
  digit,
  lanesOf,
  loop,
  one,
  type Plan,
  type Program,
  quotient,
  scaled,
  summing,
  thread,
  when,
} from "./program.ts";

/** Threads that the first half of a weight gradient is cut into, about: enough to fill an adapter. */
const wantedThreads = 65536;

/** Lengths of a convolution: x [N, C, H, W], w [K, C/groups, R, S], y [N, K, H', W']. */
interface Lengths {
  readonly n: number;
  readonly c: number;
  readonly h: number;
  readonly w: number;
  readonly k: number;
  readonly r: number;
  readonly s: number;
  readonly oh: number;
  readonly ow: number;
  /** Channels and kernels of one group. */
  readonly cg: number;
  readonly kg: number;
}

type Four = readonly [number, number, number, number];

function four(list: readonly number[]): Four {
  const [a = 1, b = 1, c = 1, d = 1] = list;
  return [a, b, c, d];
}

function lengthsOf(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  groups: number,
): Lengths {
  const [n, c, h, width] = four(x);
  const [k, cg, r, s] = four(w);
  const [, , oh, ow] = four(y);
  return { n, c, h, w: width, k, r, s, oh, ow, cg, kg: k / groups };
}

/** Conditions that a pixel `from + position` lies in an axis of `length`; none where it always does. */
function within(
  expression: string,
  least: number,
  greatest: number,
  length: number,
): readonly string[] {
  const conditions: string[] = [];
  if (least < 0) conditions.push(`${expression} >= 0`);
  if (greatest >= length) conditions.push(`${expression} < ${length}`);
  return conditions;
}

/** Image coordinate of an output coordinate and a tap: out·stride + tap·dilation − padding. */
function along(
  out: string,
  tap: string,
  { stride, dilation, padding }: Conv2dGeometry,
  axis: 0 | 1,
  lengths: { readonly outs: number; readonly taps: number; readonly length: number },
): { readonly at: string; readonly conditions: readonly string[] } {
  const before = padding[axis][0];
  const shifted = scaled(out, stride[axis], -before);
  const at = lengths.taps === 1 ? shifted : `(${shifted} + ${scaled(tap, dilation[axis], 0)})`;
  const greatest = (lengths.outs - 1) * stride[axis] + (lengths.taps - 1) * dilation[axis] - before;
  return { at, conditions: within(at, -before, greatest, lengths.length) };
}

/** y = x ⋆ w: a = x, b = w. */
export function forwardPlan(
  x: Layout,
  w: Layout,
  y: readonly number[],
  geometry: Conv2dGeometry,
  widest: 1 | 4,
): Plan {
  const size = lengthsOf(x.shape, w.shape, y, geometry.groups);
  const lanes = lanesOf(size.kg, widest);
  const columns = size.k / lanes;
  const first = scaled(digit(thread.x, 1, columns), lanes, 0);
  const column = digit(thread.x, columns, size.ow, true);
  const group = quotient(first, size.kg);
  const rows = along(thread.y, "r", geometry, 0, { outs: size.oh, taps: size.r, length: size.h });
  const across = along(column, "s", geometry, 1, { outs: size.ow, taps: size.s, length: size.w });
  const [x0, x1, x2, x3] = four(x.strides);
  const [w0, w1, w2, w3] = four(w.strides);
  const pixel = address("fromA", [
    [thread.z, x0],
    [group, geometry.groups === 1 ? 0 : size.cg * x1],
    ["c", x1],
    [rows.at, x2],
    [across.at, x3],
  ]);
  const weight = (lane: number): string =>
    address("fromB", [
      [first, w0],
      [one, lane * w0],
      ["c", w1],
      ["r", w2],
      ["s", w3],
    ]);
  const inner = loop(
    "c",
    size.cg,
    addProducts(lanes, `a[${pixel}]`, (lane) => `b[${weight(lane)}]`),
  );
  const body = loop(
    "r",
    size.r,
    loop("s", size.s, when([...rows.conditions, ...across.conditions], inner)),
  );
  return [{ source: summing(lanes, body), output: [columns * size.ow, size.oh, size.n], lanes }];
}

/** Which output pixel a tap reaches an image pixel from: (at + padding − tap·dilation)/stride, where it is whole. */
function back(
  at: string,
  tap: string,
  { stride, dilation, padding }: Conv2dGeometry,
  axis: 0 | 1,
  lengths: { readonly outs: number; readonly taps: number; readonly length: number },
): { readonly from: string; readonly conditions: readonly string[] } {
  const before = padding[axis][0];
  const shifted = scaled(at, 1, before);
  const reach = `(${shifted} - ${scaled(tap, dilation[axis], 0)})`;
  const least = before - (lengths.taps - 1) * dilation[axis];
  const greatest = lengths.length - 1 + before;
  const step = stride[axis];
  if (step === 1) return { from: reach, conditions: within(reach, least, greatest, lengths.outs) };
  const from = quotient(reach, step);
  return {
    from,
    conditions: [
      `${from} * ${step} == ${reach}`,
      ...within(from, least, Math.floor(greatest / step), lengths.outs),
    ],
  };
}

/** dx of y = x ⋆ w: a = dy, b = w. */
export function inputGradientPlan(
  dy: Layout,
  w: Layout,
  dx: readonly number[],
  geometry: Conv2dGeometry,
  widest: 1 | 4,
): Plan {
  const size = lengthsOf(dx, w.shape, dy.shape, geometry.groups);
  const lanes = lanesOf(size.cg, widest);
  const columns = size.c / lanes;
  const first = scaled(digit(thread.x, 1, columns), lanes, 0);
  const column = digit(thread.x, columns, size.w, true);
  const group = quotient(first, size.cg);
  const rows = back(thread.y, "r", geometry, 0, { outs: size.oh, taps: size.r, length: size.h });
  const across = back(column, "s", geometry, 1, { outs: size.ow, taps: size.s, length: size.w });
  const [y0, y1, y2, y3] = four(dy.strides);
  const [w0, w1, w2, w3] = four(w.strides);
  const isGrouped = geometry.groups > 1;
  const pixel = address("fromA", [
    [thread.z, y0],
    [group, isGrouped ? size.kg * y1 : 0],
    ["k", y1],
    [rows.from, y2],
    [across.from, y3],
  ]);
  const channel = isGrouped ? `(${first} - ${group} * ${size.cg})` : first;
  const weight = (lane: number): string =>
    address("fromB", [
      [group, isGrouped ? size.kg * w0 : 0],
      ["k", w0],
      [channel, w1],
      [one, lane * w1],
      ["r", w2],
      ["s", w3],
    ]);
  const inner = loop(
    "k",
    size.kg,
    addProducts(lanes, `a[${pixel}]`, (lane) => `b[${weight(lane)}]`),
  );
  const body = loop(
    "r",
    size.r,
    when(rows.conditions, loop("s", size.s, when(across.conditions, inner))),
  );
  return [{ source: summing(lanes, body), output: [columns * size.w, size.h, size.n], lanes }];
}

/**
 * dw of y = x ⋆ w: a = x, b = dy. Sums over parts of the batch, as [part, r, s, c, k], then the sum of the parts: one
 * sum alone has too few threads, as there are no more weights than that.
 */
export function weightGradientPlan(
  x: Layout,
  dy: Layout,
  w: readonly number[],
  geometry: Conv2dGeometry,
  widest: 1 | 4,
): Plan {
  const size = lengthsOf(x.shape, w, dy.shape, geometry.groups);
  const lanes = lanesOf(size.kg, widest);
  const columns = size.k / lanes;
  const weights = size.k * size.cg * size.r * size.s;
  const wanted = Math.max(1, Math.min(size.n, Math.ceil((wantedThreads * lanes) / weights)));
  const images = Math.ceil(size.n / wanted);
  const parts = Math.ceil(size.n / images);
  const first = scaled(digit(thread.x, 1, columns), lanes, 0);
  const channel = digit(thread.x, columns, size.cg, true);
  const group = quotient(first, size.kg);
  const [r, s] = [digit(thread.y, size.s, size.r, true), digit(thread.y, 1, size.s)];
  const rows = along("i", r, geometry, 0, { outs: size.oh, taps: size.r, length: size.h });
  const across = along("j", s, geometry, 1, { outs: size.ow, taps: size.s, length: size.w });
  const [x0, x1, x2, x3] = four(x.strides);
  const [y0, y1, y2, y3] = four(dy.strides);
  const pixel = address("fromA", [
    [thread.z, images * x0],
    ["n", x0],
    [group, geometry.groups === 1 ? 0 : size.cg * x1],
    [channel, x1],
    [rows.at, x2],
    [across.at, x3],
  ]);
  const slope = (lane: number): string =>
    address("fromB", [
      [thread.z, images * y0],
      ["n", y0],
      [first, y1],
      [one, lane * y1],
      ["i", y2],
      ["j", y3],
    ]);
  const inner = addProducts(lanes, `a[${pixel}]`, (lane) => `b[${slope(lane)}]`);
  const image = loop(
    "i",
    size.oh,
    when(rows.conditions, loop("j", size.ow, when(across.conditions, inner))),
  );
  const exists =
    parts * images > size.n ? [`${address("n", [[thread.z, images]])} < ${size.n}`] : [];
  return [
    {
      source: summing(lanes, loop("n", images, when(exists, image))),
      output: [columns * size.cg, size.r * size.s, parts],
      lanes,
    },
    sumOfParts(size, parts),
  ];
}

/** [part, r, s, c, k] → [k, c, r, s]: a = the parts. */
function sumOfParts({ k, cg, r, s }: Lengths, parts: number): Program {
  const taps = r * s;
  const element = address("fromA", [
    ["p", k * cg * taps],
    [digit(thread.x, 1, taps), cg * k],
    [digit(thread.x, taps, cg, true), k],
    [thread.y, 1],
  ]);
  return {
    source: summing(1, loop("p", parts, `s0 += a[${element}];`)),
    output: [cg * taps, k, 1],
    lanes: 1,
  };
}
