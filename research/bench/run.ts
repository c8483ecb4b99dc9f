/**
 * A benchmark: workload after workload, bitgrad and its peers in turns.
 * Rests on own, interleave, record and the peers.
 */
import { device } from "../../core/index.ts";
import { gpuContestants } from "./gpu-contestants.ts";
import { type InterleaveOptions, interleave } from "./interleave.ts";
import { memcpyContestants, ownContestant, writtenContestants } from "./own.ts";
import type { Peer } from "./peer.ts";
import { type BenchRecord, recordOf } from "./record.ts";
import type { Workload } from "./workload.ts";

/** Options of `bench`. */
export interface BenchOptions extends InterleaveOptions {
  readonly peers: readonly Peer[];
  /** Threads in use, for the record. */
  readonly threads: number;
}

/** Measures each workload on the device that new tensors are made on. */
export async function* bench(
  workloads: readonly Workload[],
  { peers, threads, ...options }: BenchOptions,
): AsyncGenerator<BenchRecord, void, undefined> {
  for (const workload of workloads) {
    const { task } = workload;
    const contestants = [
      ownContestant(task),
      ...writtenContestants(task),
      ...memcpyContestants(task),
      ...gpuContestants(task),
    ];
    for (const peer of peers) contestants.push(...(await peer.contestants(task)));
    const seconds = await interleave(contestants, options);
    const conditions = { threads, node: process.version, device: device() };
    yield recordOf(workload, contestants, seconds, conditions);
  }
}
