/**
 * Keys: what decides the bits of a run, and the hash that names it.
 * Rests on values, sources and datasets.
 */
import { readDataset } from "./datasets.ts";
import type { LocatedExperiment } from "./locate.ts";
import { sourcesHash } from "./sources.ts";
import { canonicalOf, hashOf, type Values } from "./values.ts";

/** All that a run's bits depend on. */
export interface RunIdentity {
  readonly experiment: string;
  readonly config: Values;
  readonly seed: number;
  /** The hash of each dataset, by name. */
  readonly data: Readonly<Record<string, string>>;
  readonly device: string;
  /** Hash of the library, the experiment and what it imports. */
  readonly sources: string;
}

/** SHA-256 in hex of the canonical JSON of an identity. */
export function keyOf(identity: RunIdentity): string {
  return hashOf([canonicalOf("keyOf", "the identity", { ...identity })]);
}

/** The identity of one run. Throws DatasetError where a dataset that it needs is not on this machine. */
export function identityOf(
  { experiment, file }: LocatedExperiment,
  {
    config,
    seed,
    device,
  }: { readonly config: Values; readonly seed: number; readonly device: string },
): RunIdentity {
  const names = experiment.datasets(config);
  return {
    experiment: experiment.id,
    config,
    seed,
    data: Object.fromEntries(names.map((name) => [name, readDataset(name).hash])),
    device,
    sources: sourcesHash(file),
  };
}
