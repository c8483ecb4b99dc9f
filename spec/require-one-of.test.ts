/** Options that are one of a few words: whoever takes one refuses what is none of them, word by word. */
import { describe, expect, test } from "vitest";
import { ValueError } from "../core/index.ts";
import { expectedCalibrationError } from "../core/metrics/calibration.ts";
import { kaimingNormal, kaimingUniform, xavierNormal, xavierUniform } from "../init/index.ts";
import { EarlyStopping } from "../research/training/early-stopping.ts";
import { oneCycle, ReduceOnPlateau } from "../schedules/index.ts";
import { f64, messageOf } from "./plain.ts";

type Row = readonly [
  where: string,
  call: (options: object) => unknown,
  argument: string,
  words: readonly [string, string],
];

/** Calls `f` as one may without types. */
const untyped =
  (f: (...args: never[]) => unknown, ...first: readonly unknown[]) =>
  (options: object): unknown =>
    Reflect.apply(f, undefined, [...first, options]);
const scores = [f64([[0.25, 0.75]]), f64([1]).cast("int32")];

const rows: readonly Row[] = [
  ["xavierNormal", untyped(xavierNormal), "fan", ["in", "average"]],
  ["xavierUniform", untyped(xavierUniform), "fan", ["in", "average"]],
  ["kaimingNormal", untyped(kaimingNormal), "fan", ["in", "out"]],
  ["kaimingUniform", untyped(kaimingUniform), "fan", ["in", "out"]],
  [
    "oneCycle",
    (options) => untyped(oneCycle)({ peak: 1, totalSteps: 9, ...options }),
    "shape",
    ["cosine", "linear"],
  ],
  ...(["better", "thresholdKind"] as const).map(
    (argument): Row => [
      "ReduceOnPlateau",
      (options) => Reflect.construct(ReduceOnPlateau, [{ base: 1, ...options }]),
      argument,
      argument === "better" ? ["lower", "higher"] : ["relative", "absolute"],
    ],
  ),
  [
    "EarlyStopping",
    (options) => Reflect.construct(EarlyStopping, [{ patience: 1, ...options }]),
    "better",
    ["lower", "higher"],
  ],
  [
    "expectedCalibrationError",
    untyped(expectedCalibrationError, ...scores),
    "from",
    ["logits", "probabilities"],
  ],
];

describe.each(rows)("%s", (where, call, argument, words) => {
  test(`takes both words of ${argument}, and refuses what is neither`, () => {
    for (const word of words) expect(() => call({ [argument]: word })).not.toThrow();
    const wanted = `${where}: expected ${argument} to be "${words[0]}" or "${words[1]}", got`;
    const fix = "Give one of these, or leave it out.";
    for (const [given, shown] of [
      [`${words[1]}s`, `"${words[1]}s"`],
      ["", '""'],
      [null, "null"],
    ]) {
      expect(messageOf(() => call({ [String(argument)]: given }), ValueError)).toBe(
        `${wanted} ${shown}. ${fix}`,
      );
    }
  });
});
