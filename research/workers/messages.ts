/**
 * What a worker process and the one that started it say to each other.
 * Rests on nothing.
 */
import type { RunIdentity } from "../engine/key.ts";
import type { SetAside } from "../engine/run-store.ts";

/** One run to be made. */
export interface Job {
  /** The experiment: its id, or the path of its file. */
  readonly experiment: string;
  readonly identity: RunIdentity;
  /** The store's folder. */
  readonly store: string;
  readonly threads: number;
  readonly force: boolean;
  /** Seconds between two checkpoints. */
  readonly checkpointSeconds: number;
}

/** How a run came about; its files are in the store. */
export interface Done {
  readonly type: "done";
  readonly how: "found" | "made" | "resumed" | "repeated" | "differs";
  /** Of the run in the store. */
  readonly fingerprint: string;
  /** Wall-clock seconds that making it took. */
  readonly seconds: number;
  /** Of a repetition that differs. */
  readonly other?: { readonly fingerprint: string; readonly folder: string };
}

/** Why a run did not come about. */
export interface Failed {
  readonly type: "failed";
  readonly message: string;
  /** Whether no other run can come about either: the disk is full. */
  readonly fatal: boolean;
}

/** What a worker says of its job: the last word is `done` or `failed`. */
export type Report =
  | { readonly type: "progress"; readonly share: number }
  | { readonly type: "aside"; readonly aside: SetAside }
  | Done
  | Failed;
