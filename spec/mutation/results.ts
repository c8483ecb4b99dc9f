/**
 * What was measured last, a file a shard: shards that run side by side do not meet.
 * Rests on shards and tally.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { shards } from "./shards.ts";
import type { Tally } from "./tally.ts";

const pathOf = (shard: string): string =>
  `spec/mutation/results/${shard.replaceAll("/", "-")}.json`;

/** The shards that were measured, in their order. */
export function readResults(): readonly Tally[] {
  return shards
    .map(({ name }) => pathOf(name))
    .filter((path) => existsSync(path))
    .map((path): Tally => JSON.parse(readFileSync(path, "utf8")));
}

/** Replaces what was measured for the tally's shard. */
export function writeResult(tally: Tally): void {
  writeFileSync(pathOf(tally.shard), `${JSON.stringify(tally, null, 2)}\n`);
}
