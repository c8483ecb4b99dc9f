/**
 * The forms of a matrix product that gpu.js can express, for measuring which of them serves an adapter best.
 * Rests on the gpu device's programs and engines.
 */
import { type Engine, kernelPlan } from "../../core/devices/gpu/engine.ts";
import { loop, type Program, summing, thread } from "../../core/devices/gpu/program.ts";
import { temporaryId } from "../../core/devices/gpu/residency.ts";
import type { Contestant } from "./interleave.ts";

/** A way to write a·b of two [n, n] matrices, n a multiple of 4. */
export interface Form {
  /** What a thread makes of what. */
  readonly title: string;
  program(n: number): Program;
  /** Where result number `i` belongs, row after row. */
  place(i: number, n: number): number;
}

const { x, y } = thread;
const inPlace = (i: number): number => i;
const four = [0, 1, 2, 3] as const;

/** `s0 += factor * of(0); …` */
const adds = (factor: string, of: (lane: number) => string): string =>
  `const v = ${factor}; ${four.map((lane) => `s${lane} += v * ${of(lane)};`).join(" ")}`;

/** The forms that were tried; the second is the device's own, the first is what `bitgrad bench` calls naive. */
export const forms: readonly Form[] = [
  {
    title: "one result",
    program: (n) => ({
      source: summing(
        1,
        loop("k", n, `s0 += a[fromA + ${y} * ${n} + k] * b[fromB + k * ${n} + ${x}];`),
      ),
      output: [n, n, 1],
      lanes: 1,
    }),
    place: inPlace,
  },
  {
    title: "four columns of one row",
    program: (n) => ({
      source: summing(
        4,
        loop(
          "k",
          n,
          adds(`a[fromA + ${y} * ${n} + k]`, (lane) => `b[fromB + k * ${n} + ${x} * 4 + ${lane}]`),
        ),
      ),
      output: [n / 4, n, 1],
      lanes: 4,
    }),
    place: inPlace,
  },
  {
    title: "four columns of one row, a quarter of it apart",
    program: (n) => ({
      source: summing(
        4,
        loop(
          "k",
          n,
          adds(
            `a[fromA + ${y} * ${n} + k]`,
            (lane) => `b[fromB + k * ${n} + ${x} + ${(lane * n) / 4}]`,
          ),
        ),
      ),
      output: [n / 4, n, 1],
      lanes: 4,
    }),
    place: (i, n) => n * Math.floor(i / n) + (i % 4) * (n / 4) + Math.floor((i % n) / 4),
  },
  {
    title: "four columns of one row, neighbouring threads on rows",
    program: (n) => ({
      source: summing(
        4,
        loop(
          "k",
          n,
          adds(`a[fromA + ${x} * ${n} + k]`, (lane) => `b[fromB + k * ${n} + ${y} * 4 + ${lane}]`),
        ),
      ),
      output: [n, n / 4, 1],
      lanes: 4,
    }),
    place: (i, n) => n * (Math.floor(i / 4) % n) + 4 * Math.floor(i / (4 * n)) + (i % 4),
  },
  {
    title: "four rows of one column",
    program: (n) => ({
      source: summing(
        4,
        loop(
          "k",
          n,
          adds(
            `b[fromB + k * ${n} + ${x}]`,
            (lane) => `a[fromA + (${y} * 4 + ${lane}) * ${n} + k]`,
          ),
        ),
      ),
      output: [n, n / 4, 1],
      lanes: 4,
    }),
    place: (i, n) => n * (4 * Math.floor(i / (4 * n)) + (i % 4)) + (Math.floor(i / 4) % n),
  },
  {
    title: "two rows of two columns",
    program: (n) => {
      const left = [0, 1].map((i) => `a[fromA + (${y} * 2 + ${i}) * ${n} + k]`);
      const right = [0, 1].map((i) => `b[fromB + k * ${n} + ${x} * 2 + ${i}]`);
      const body =
        `const p = ${left[0]}; const q = ${left[1]}; const u = ${right[0]}; const v = ${right[1]}; ` +
        "s0 += p * u; s1 += p * v; s2 += q * u; s3 += q * v;";
      return { source: summing(4, loop("k", n, body)), output: [n / 2, n / 2, 1], lanes: 4 };
    },
    place: (i, n) => {
      const tile = Math.floor(i / 4);
      const [row, column] = [Math.floor(tile / (n / 2)), tile % (n / 2)];
      return n * (2 * row + (Math.floor(i / 2) % 2)) + 2 * column + (i % 2);
    },
  },
  {
    title: "four columns of one row, four terms a turn",
    program: (n) => {
      const term = (step: number): string =>
        adds(
          `a[fromA + ${y} * ${n} + k * 4 + ${step}]`,
          (lane) => `b[fromB + (k * 4 + ${step}) * ${n} + ${x} * 4 + ${lane}]`,
        ).replaceAll("v", `v${step}`);
      const body = four.map(term).join(" ");
      return { source: summing(4, loop("k", n / 4, body)), output: [n / 4, n, 1], lanes: 4 };
    },
    place: inPlace,
  },
];

/** a·b by `form` on the engine, row after row. */
export function productBy(
  form: Form,
  engine: Engine,
  n: number,
  a: Float32Array,
  b: Float32Array,
): Float32Array {
  const ids = [temporaryId(), temporaryId(), temporaryId()] as const;
  const found = new Float32Array(n * n);
  try {
    engine.upload(ids[0], a);
    engine.upload(ids[1], b);
    launch(form, engine, n, ids);
    engine.fetch(ids[2], found);
  } finally {
    for (const id of ids) engine.free(id);
  }
  const result = new Float32Array(n * n);
  found.forEach((value, i) => {
    result[form.place(i, n)] = value;
  });
  return result;
}

/** The form on arrays that stay with the engine. `end` gives them back. */
export function formContestant(
  form: Form,
  engine: Engine,
  n: number,
  a: Float32Array,
  b: Float32Array,
): Contestant & { end(): void } {
  const [left, right] = [temporaryId(), temporaryId()];
  engine.upload(left, a);
  engine.upload(right, b);
  return {
    name: form.title,
    time: (calls) => {
      engine.finish();
      const started = performance.now();
      for (let i = 0; i < calls; i++) {
        const result = temporaryId();
        launch(form, engine, n, [left, right, result]);
        engine.free(result);
      }
      engine.finish();
      return (performance.now() - started) / 1000;
    },
    end: () => {
      engine.free(left);
      engine.free(right);
    },
  };
}

function launch(
  form: Form,
  engine: Engine,
  n: number,
  [a, b, id]: readonly [number, number, number],
): void {
  engine.launch(kernelPlan(form.program(n), [n * n, n * n]), { a, b, fromA: 0, fromB: 0 }, id);
}
