/**
 * Compiling changes no bit: an op and both its derivatives, repeated from what was written down, give what they give as
 * written, also on other numbers than those they were captured with.
 * Rests on compile and derivatives. Not one of the laws on every device: it speaks of those that repeat.
 */
import { bind } from "../../core/bind.ts";
import { type CompiledStep, compile } from "../../core/compile/compile.ts";
import { noGrad } from "../../core/index.ts";
import type { NdArray } from "../../core/nd-array.ts";
import type { OpRecord } from "../../core/op.ts";
import type { Tensor } from "../../core/tensor.ts";
import { bitsOf, describeTensor, handles, tensorFrom } from "./arrays.ts";
import {
  hasDirections,
  pull,
  push,
  type Setting,
  type SomeTensors,
  settle,
} from "./derivatives.ts";
import { type Case, hasRules, type SampledLaw } from "./law.ts";
import { broken } from "./messages.ts";
import { isAlike } from "./observed.ts";

/** What an op and its derivatives give. */
interface Results {
  readonly outputs: SomeTensors;
  readonly pushed: SomeTensors;
  readonly pulled: SomeTensors;
}

type Step = CompiledStep<[readonly Tensor[], SomeTensors, SomeTensors], Results>;

/** The law; `met` hears how often a case was repeated, and why not if it was not. */
export function compiledLaw(
  met: (repeated: number, reasons: readonly string[]) => void,
): SampledLaw {
  return {
    name: "compiled",
    claim: "value and derivatives of a compiled op are bit-identical to those as written",
    file: "spec/compile-laws.test.ts",
    holdsAt: () => true,
    applies: () => true,
    check: (record, sample, draw) => {
      const setting = settle(record, sample, draw);
      const step = compiled(record, setting);
      const other = reversed(sample);
      for (const inputs of [sample.inputs, sample.inputs, sample.inputs, other, sample.inputs]) {
        const at = inputs.map((input) => tensorFrom(input));
        const expected = attempt(() => resultsOf({ ...setting, inputs: at }));
        if (expected === null && inputs !== other) return false;
        if (expected === null) continue; // reversed, they are not in the op's domain
        const got = step(at, setting.tangents, setting.cotangents);
        compare(record, { ...sample, inputs }, expected, got);
      }
      const { replayed, reasons } = step.report();
      met(replayed, reasons);
      return true;
    },
  };
}

function compiled(record: OpRecord, setting: Setting): Step {
  return compile((inputs: readonly Tensor[], tangents: SomeTensors, cotangents: SomeTensors) =>
    resultsOf({ ...setting, record, inputs, tangents, cotangents }),
  );
}

function resultsOf(setting: Setting): Results {
  return noGrad(() => {
    const { record, inputs, attributes } = setting;
    const outputs = bind(record, handles(inputs), attributes);
    const isFollowed = hasRules(record) && hasDirections(setting);
    return {
      outputs: plain(outputs),
      pushed: isFollowed ? plain(push(setting)) : [],
      pulled: isFollowed ? plain(pull(setting)) : [],
    };
  });
}

/** Without what interpreters noted. */
function plain(tensors: SomeTensors): SomeTensors {
  return tensors.map((tensor) => tensor && (handles([tensor])[0] ?? null));
}

function attempt<R>(run: () => R): R | null {
  try {
    return run();
  } catch {
    return null;
  }
}

/** The same numbers of each input in reverse order. */
function reversed({ inputs }: Case): readonly NdArray[] {
  return inputs.map((input) => ({ ...input, data: [...input.data].reverse() }));
}

function compare(record: OpRecord, sample: Case, expected: Results, got: Results): void {
  for (const part of ["outputs", "pushed", "pulled"] as const) {
    expected[part].forEach((as, k) => {
      const is = got[part][k] ?? null;
      if (as === null && is === null) return;
      if (isAlike(as !== null && is !== null && bitsOf(as) === bitsOf(is))) return;
      const say = (x: Tensor | null): string => (x === null ? "nothing" : describeTensor(x));
      broken("compiled", record, sample, `${part} ${say(as)}`, `compiled ${say(is)}`);
    });
  }
}
