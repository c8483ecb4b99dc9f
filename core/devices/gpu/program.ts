/**
 * Programs: kernels as text, in the part of JavaScript that gpu.js translates, and the pieces that they are written of.
 * Rests on nothing.
 *
 * gpu.js turns `const p = <integers>` and every quotient into float32, which counts to 2²⁴ only. So addresses are
 * written where they are used and never named, and what is divided is below 2²⁰ and made whole again by `| 0`.
 * Bounds of loops stand in the text: a bound that is an argument ends at 1000.
 */

/** A kernel for one shape of things: a thread for each place of `output`, `lanes` neighbouring results a thread. */
export interface Program {
  /** A function (a, b, fromA, fromB): two arrays, and where in them to begin. */
  readonly source: string;
  /** Threads along x, y and z; result number lane + lanes·(x + X·(y + Y·z)). */
  readonly output: readonly [x: number, y: number, z: number];
  readonly lanes: 1 | 4;
}

/** Programs that follow one another: each but the first reads the one before as its `a`, and `b` is not read. */
export type Plan = readonly Program[];

/** Threads along x and y: 65,535 groups of 8 is what every adapter takes. */
const mostThreads = 8 * 65535;
/** Threads along z, in groups of one. */
const mostLayers = 65535;

/** The threads' numbers. */
export const thread = {
  x: "this.thread.x",
  y: "this.thread.y",
  z: "this.thread.z",
} as const;

/** Why no program can have so many threads, or null if one can. */
export function refusalOf(plan: Plan): string | null {
  for (const { output } of plan) {
    const [x, y, z] = output;
    if (x > mostThreads || y > mostThreads || z > mostLayers) {
      return `more than 65535 groups of threads (${output.join(" × ")} threads)`;
    }
  }
  return null;
}

/** One part of an address: an integer expression, and the elements that one step of it is worth. */
export type Term = readonly [expression: string, stride: number];

/** The expression of a term that does not vary. */
export const one = "1";

/** `from + Σ expression·stride`, in integers throughout. */
export function address(from: string, terms: readonly Term[]): string {
  let text = from;
  for (const [expression, stride] of terms) {
    if (stride === 0 || expression === "0") continue;
    const size = Math.abs(stride);
    const product = expression === one ? String(size) : `${expression} * ${size}`;
    text += `${stride < 0 ? " - " : " + "}${size === 1 ? expression : product}`;
  }
  return text;
}

/** ⌊expression/divisor⌋ for an integer expression below 2²⁰, as an integer. */
export function quotient(expression: string, divisor: number): string {
  return divisor === 1 ? expression : `(Math.floor((${expression} + 0.5) / ${divisor}) | 0)`;
}

/** ⌊expression/inner⌋ mod length: one digit of a mixed-radix number. The last digit needs no modulus. */
export function digit(
  expression: string,
  inner: number,
  length: number,
  isLast: boolean = false,
): string {
  if (length === 1) return "0";
  const upper = quotient(expression, inner);
  return isLast ? upper : `(${upper} - ${quotient(expression, inner * length)} * ${length})`;
}

/** `a * scale + shift`, without what does nothing. */
export function scaled(expression: string, scale: number, shift: number): string {
  const product = scale === 1 ? expression : `${expression} * ${scale}`;
  if (shift === 0) return scale === 1 ? expression : `(${product})`;
  return `(${product} ${shift < 0 ? "-" : "+"} ${Math.abs(shift)})`;
}

/** `for (let name = 0; …)` around a body. A loop of one turn is a loop as well: its variable is an integer. */
export function loop(name: string, turns: number, body: string): string {
  return `for (let ${name} = 0; ${name} < ${turns}; ${name}++) { ${body} }`;
}

/** A body under conditions that must all hold. */
export function when(conditions: readonly string[], body: string): string {
  return conditions.length === 0 ? body : `if (${conditions.join(" && ")}) { ${body} }`;
}

/** A function with a sum for each lane, which `body` adds to: `s0`, `s1`, ….  */
export function summing(lanes: 1 | 4, body: string): string {
  const names = lanes === 1 ? ["s0"] : ["s0", "s1", "s2", "s3"];
  const result = lanes === 1 ? "s0" : `[${names.join(", ")}]`;
  const start = names.map((name) => `let ${name} = 0;`).join(" ");
  return `function (a, b, fromA, fromB) { ${start} ${body} return ${result}; }`;
}

/** `s0 += factor * of(0); …` for all lanes. */
export function addProducts(lanes: 1 | 4, factor: string, of: (lane: number) => string): string {
  const adds = Array.from({ length: lanes }, (_, lane) => `s${lane} += v * ${of(lane)};`);
  return `const v = ${factor}; ${adds.join(" ")}`;
}

/** Four lanes where four results lie side by side and none is left over. */
export function lanesOf(length: number, widest: 1 | 4): 1 | 4 {
  return widest === 4 && length % 4 === 0 ? 4 : 1;
}
