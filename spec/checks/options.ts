/**
 * Options that every check takes, and what every check gives.
 * Rests on core's checks of numbers and words.
 */
import { type DType, device, deviceNames, ValueError, withDevice } from "../../core/index.ts";
import { requireInteger } from "../../core/require-number.ts";
import { requireOneOf } from "../../core/require-one-of.ts";
import { budget } from "../laws/run.ts";
import { runTrials, type TrialLaw } from "../laws/trial.ts";

/** What a check may be told. */
export interface CheckOptions {
  /** Of all that is drawn; default 20260, or BITGRAD_SPEC_SEED. */
  readonly seed?: number;
  /** Random cases a law, integer ≥ 1; default 32, or BITGRAD_SPEC_RUNS. */
  readonly runs?: number;
  /** Float dtype of the values that are checked; default both. Derivatives are checked in float64 whatever it is. */
  readonly dtype?: "float32" | "float64";
  /** Where kernels run; default the current device. */
  readonly device?: string;
  /** Order of the derivatives that are checked: 1 or 2 (default). */
  readonly order?: 1 | 2;
  /** The name of one law: all others are left out. */
  readonly only?: string;
}

/** Options with their defaults. */
export interface Settings {
  readonly seed: number;
  readonly runs: number;
  readonly dtypes: readonly DType[];
  readonly device: string;
  readonly order: 1 | 2;
  readonly only: string | undefined;
}

/** A law that held, and on how many examples. */
export interface Held {
  readonly law: string;
  readonly claim: string;
  /** Examples that the law said something about. */
  readonly examples: number;
}

/** `options` of the user's function `where`, checked. Throws ValueError for those out of range. */
export function settle(where: string, options: CheckOptions): Settings {
  const { seed = budget.seed, runs = budget.runs, dtype, order = 2, only } = options;
  const name = options.device ?? device();
  if (!deviceNames().includes(name) && !name.startsWith("gpu:")) {
    requireOneOf(where, "device", name, deviceNames());
  }
  if (dtype !== undefined) requireOneOf(where, "dtype", dtype, ["float32", "float64"]);
  if (order !== 1 && order !== 2) {
    throw new ValueError({
      where,
      argument: "order",
      expected: "to be 1 or 2",
      got: String(order),
      fix: "Choose the order of the derivatives that are checked",
    });
  }
  return {
    seed: requireInteger(where, "seed", seed, 0, "Give the seed that a failure printed"),
    runs: requireInteger(where, "runs", runs, 1, "Give the number of random cases a law"),
    dtypes: dtype === undefined ? ["float64", "float32"] : [dtype],
    device: name,
    order,
    only,
  };
}

/** Runs `body` with new tensors made on the device of `settings`. */
export function onDevice<T>({ device: name }: Settings, body: () => T): T {
  return withDevice(name, body);
}

/** The laws that `only` leaves. Throws ValueError where it names none of them. */
export function chosen<L extends { readonly name: string }>(
  where: string,
  laws: readonly L[],
  only: string | undefined,
): readonly L[] {
  if (only === undefined) return laws;
  const found = laws.filter(({ name }) => name === only);
  if (found.length > 0) return found;
  throw new ValueError({
    where,
    argument: "only",
    expected: `to be one of ${laws.map(({ name }) => name).join(", ")}`,
    got: JSON.stringify(only),
    fix: "Name a law that speaks of this",
  });
}

/** `checkOp(softsignOp, { seed: 7, runs: 32, only: "tangent" })`. */
export function callOf(
  check: string,
  subject: string,
  { seed, runs, device: name }: Settings,
  law: string,
): string {
  const where = name === "wasm" ? "" : `, device: "${name}"`;
  return `${check}(${subject}, { seed: ${seed}, runs: ${runs}${where}, only: "${law}" })`;
}

/** Holds the laws that apply and are chosen against a subject. Throws LawError for the first that is broken. */
export function holdTrials<S>(
  check: string,
  laws: readonly TrialLaw<S>[],
  subject: S,
  name: string,
  settings: Settings,
): readonly Held[] {
  const mine = laws.filter(({ applies }) => applies?.(subject) ?? true);
  const { seed, runs, only } = settings;
  return onDevice(settings, () =>
    chosen(check, mine, only).map((law) => {
      const again = (): string => callOf(check, "…", settings, law.name);
      const { failure, examples } = runTrials(law, subject, name, { seed, runs, again });
      if (failure !== null) throw failure;
      return { law: law.name, claim: law.claim, examples };
    }),
  );
}
