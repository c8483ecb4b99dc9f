/**
 * What ended runs leave: memory that only the garbage collector finds unused, such as a loader's last batch.
 * Rests on core's statistics of memory and V8's collector.
 */
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memory } from "../../core/index.ts";

/** 256 MiB: what a process may hold between two runs before a collection is worth its time. */
const tolerated = 268_435_456;

let collect: (() => void) | undefined;

/**
 * Lets finalizers run, which a synchronous run never does; where tensors still hold more than `most` bytes, a collection
 * first finds what nobody uses. So one process makes any number of runs at constant memory.
 */
export async function letGo(most: number = tolerated): Promise<void> {
  await setImmediate();
  if (memory().live <= most) return;
  collect ??= collector();
  collect();
  await setImmediate(); // finalizers are tasks of their own
}

/** V8's full collection, which a flag makes reachable from then on. */
function collector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}
