/**
 * The canonical run as a program of one file, for any engine: the fingerprint on the wasm device, or why not.
 * Rests on core and research; it is bundled for where no TypeScript runs.
 */
import { setDevice, setThreads, threadCount } from "../../core/index.ts";
import { canonicalFingerprint } from "../../research/fingerprint.ts";

/** What an engine answers. */
export interface Answer {
  /** The fingerprint, or the error's message. */
  readonly result: string;
  /** Threads at work; null after an error. */
  readonly threads: number | null;
}

/** Runs with so many threads; null leaves their number to bitgrad. */
export function answer(threads: number | null): Answer {
  try {
    if (threads !== null) setThreads(threads);
    setDevice("wasm");
    return { result: canonicalFingerprint(), threads: threadCount() };
  } catch (error) {
    return { result: String(error), threads: null };
  }
}
