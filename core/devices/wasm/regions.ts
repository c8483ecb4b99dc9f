/**
 * Regions: memory that programs lay their blocks in. They run one at a time, and nothing in it outlives a run.
 * Rests on memory and runtime.
 */
import { DeviceError } from "../../errors.ts";
import type { Allocator } from "./memory.ts";
import type { Runtime } from "./runtime.ts";

/** Memory that many programs share. */
export interface Region {
  readonly pointer: number;
  readonly bytes: number;
  /** How many run in it now. */
  users: number;
  /** Whether it was given back. */
  isGone: boolean;
}

let regions: readonly Region[] = [];

/** Gives regions back in which nothing runs; their programs cannot run again. */
function relieve(allocator: Allocator): boolean {
  const idle = regions.filter(({ users }) => users === 0);
  for (const region of idle) {
    region.isGone = true;
    allocator.putLasting(region.pointer, region.bytes);
  }
  regions = regions.filter(({ users }) => users > 0);
  return idle.length > 0;
}

/** A region with room for `bytes`: the smallest there is, else a new one; null where there is no memory for it. */
export function regionFor({ allocator }: Runtime, bytes: number): Region | null {
  const roomy = regions.filter((region) => region.bytes >= bytes);
  const found = roomy.sort((a, b) => a.bytes - b.bytes)[0];
  if (found !== undefined) return found;
  allocator.relieve = () => relieve(allocator);
  try {
    const region = { pointer: allocator.takeLasting(bytes), bytes, users: 0, isGone: false };
    regions = [...regions, region];
    return region;
  } catch (error) {
    if (error instanceof DeviceError) return null;
    throw error;
  }
}

/** Lets no program lie in `region` any more: something in it goes on living. */
export function abandonRegion(region: Region): void {
  regions = regions.filter((other) => other !== region);
}
