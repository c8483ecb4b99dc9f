/**
 * Checks of one golden case: outputs, gradients, Hessian–vector products.
 * Rests on agreement, perform and read.
 */
import { expect } from "vitest";
import { add, grad, hvp, multiply, sum, type Tensor, vjp } from "../../core/index.ts";
import { expectAgreement } from "./agreement.ts";
import { perform } from "./perform.ts";
import { type GoldenCase, type NamedArrays, toTensor } from "./read.ts";

/** Tensors by the name of the input they belong to. */
type NamedTensors = Readonly<Record<string, Tensor>>;

/** Every array as a tensor. */
function tensorsOf(arrays: NamedArrays): NamedTensors {
  return Object.fromEntries(Object.entries(arrays).map(([name, x]) => [name, toTensor(x)]));
}

/** Asserts agreement name by name. */
export function expectAllAgree(got: NamedTensors, expected: NamedArrays, what: string): void {
  expect(Object.keys(got).sort(), what).toEqual(Object.keys(expected).sort());
  for (const [name, array] of Object.entries(expected)) {
    const tensor = got[name];
    if (tensor) expectAgreement(tensor, array, `${what} of ${name}`);
  }
}

/** Σ over the pairs of ⟨a, b⟩, 0-d. */
function inner(as: readonly Tensor[], bs: readonly Tensor[]): Tensor {
  return as.map((a, i) => sum(multiply(a, bs[i] ?? 0))).reduce((total, term) => add(total, term));
}

/** The case's function of the inputs that are differentiated; the others stand still. */
function functionOf(golden: GoldenCase): (x: NamedTensors) => readonly Tensor[] {
  const inputs = tensorsOf(golden.inputs);
  return (x) => perform(golden, Object.values({ ...inputs, ...x }));
}

/** The inputs that are differentiated. */
function variablesOf({ inputs, gradients = {} }: GoldenCase): NamedTensors {
  return tensorsOf(
    Object.fromEntries(Object.entries(inputs).filter(([name]) => name in gradients)),
  );
}

/** Asserts outputs and gradients, in reverse mode. */
export function checkFirstOrder(golden: GoldenCase): void {
  const { outputs, cotangents, gradients } = golden;
  const { value, pull } = vjp(functionOf(golden), variablesOf(golden));
  expect(value, "number of outputs").toHaveLength(outputs.length);
  outputs.forEach((output, i) => {
    const y = value[i];
    if (y) expectAgreement(y, output, `output ${i}`);
  });
  if (cotangents === undefined || gradients === undefined) return;
  expectAllAgree(pull(cotangents.map(toTensor)), gradients, "gradient");
}

/** Asserts H·v by reverse over reverse and by forward over reverse, H the Hessian of Σ⟨c, y²⟩/2. */
export function checkCurvature(golden: GoldenCase): void {
  const { cotangents = [], direction, curvature } = golden;
  if (direction === undefined || curvature === undefined) return;
  const f = functionOf(golden);
  const x = variablesOf(golden);
  const v = tensorsOf(direction);
  const cs = cotangents.map(toTensor);
  const loss = (at: NamedTensors): Tensor => {
    const ys = f(at);
    return multiply(
      inner(
        cs,
        ys.map((y) => multiply(y, y)),
      ),
      0.5,
    );
  };
  const along = (at: NamedTensors): Tensor => {
    const slope = grad(loss)(at);
    const names = Object.keys(v);
    const pick = (from: NamedTensors): Tensor[] => names.flatMap((name) => from[name] ?? []);
    return inner(pick(slope), pick(v));
  };
  expectAllAgree(grad(along)(x), curvature, "reverse over reverse, curvature");
  expectAllAgree(hvp(loss, x, v), curvature, "forward over reverse, curvature");
}
