/**
 * Peers: other libraries that do the same tasks beside bitgrad.
 * Rests on task and interleave.
 */
import type { Contestant } from "./interleave.ts";
import type { Task } from "./task.ts";

/** Another library, ready to be asked. */
export interface Peer {
  /** Name and version: `"PyTorch 2.13.0"`. */
  readonly title: string;
  /** Makes what the task needs. Gives one contestant for each way of doing it, none where it has no way. */
  contestants(task: Task): Promise<readonly Contestant[]>;
  /** Lets go of what the last task needed. */
  close(): void;
}

/** A peer, or the sentence that says why there is none. */
export type Found = { readonly peer: Peer } | { readonly missing: string };
