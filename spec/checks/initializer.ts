/**
 * checkInitializer: every law of initializers, on one kind of initializer.
 * Rests on the laws of initializers.
 */
import type { Sampler } from "../../core/sampling.ts";
import type { Initializer } from "../../init/index.ts";
import type { InitRecord } from "../../init/registry.ts";
import {
  type InitializerCase,
  type InitializerSubject,
  initializerLaws,
} from "../laws/initializers.ts";
import { type CheckOptions, type Held, holdTrials, settle } from "./options.ts";

/** Options of `checkInitializer`. */
export interface InitializerOptions extends Omit<CheckOptions, "order" | "dtype"> {
  /** What it is called in messages; default the function's name. */
  readonly name?: string;
  /** Shapes it is for: `"matrix"` [out, in], `"kernel"` [out, in, k, k], `"weight"` both (default), or `"any"`. */
  readonly shapes?: InitializerSubject["shapes"];
}

/**
 * Holds every law of initializers against those that `make` draws: numbers that depend on seed and name alone, float32
 * as rounded float64, streams without correlation, and the moments, where they are promised, in intervals that a right
 * initializer leaves once in 10⁹ trials. `make` may give the initializer alone. `runs`: default 6.
 *
 * Throws LawError for the first law that is broken, with the shrunk options; ValueError for options out of range.
 *
 * @example
 * checkInitializer((draw) => halved({ std: draw.number({ min: 0.1, max: 1 }) }));
 */
export function checkInitializer(
  make: (draw: Sampler) => InitializerCase | Initializer,
  options: InitializerOptions = {},
): readonly Held[] {
  const settings = settle("checkInitializer", { ...options, runs: options.runs ?? 6 });
  const { shapes = "weight", name = make.name === "" ? "the initializer" : make.name } = options;
  const sample = (draw: Sampler): InitializerCase => {
    const made = make(draw);
    return typeof made === "function" ? { initializer: made } : made;
  };
  const subject: InitializerSubject = { name, shapes, sample };
  return holdTrials("checkInitializer", initializerLaws, subject, name, settings);
}

/** A record of the registry as the laws take it. */
export function initializerSubject(record: InitRecord): InitializerSubject {
  const { name, shapes } = record;
  return { name, shapes, sample: (draw) => record.sample(draw) };
}
