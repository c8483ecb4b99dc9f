/**
 * Checkpoints of a run in one folder: those of the last few steps, and the best one.
 * Rests on checkpoint and files. In Node only.
 */
import { ValueError } from "../errors.ts";
import { scope } from "../scope.ts";
import { partOfState, recordOfState, type State } from "../state.ts";
import { decodeCheckpoint, type Parts, restoreCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { listFolder, makeFolder, readFile, removeFile } from "./files.ts";

/** Options of `CheckpointFolder`. */
export interface CheckpointFolderOptions {
  /** How many of the last checkpoints stay, integer ≥ 1; default 3. The best one stays besides. */
  readonly keep?: number;
  /** Which scores are better; default `"higher"`, as of accuracies. */
  readonly better?: "higher" | "lower";
}

/** What was saved with a checkpoint, besides the parts. */
export interface SavedNotes {
  /** The step it was saved at. */
  readonly step: number;
  /** Its score, or null for none. */
  readonly score: number | null;
  /** Plain data of the caller's. */
  readonly notes: State;
}

/** Options of saving into a folder. */
export interface FolderSaveOptions {
  /** What decides which is the best, such as the validation accuracy. NaN is never the best. */
  readonly score?: number;
  /** Plain data to find again; default null. */
  readonly notes?: State;
}

/** Ten digits, so that names sort as steps do. */
const stepName = /^step-(\d{10})\.safetensors$/;
const bestName = "best.safetensors";

/**
 * A folder of checkpoints, made where it does not exist. Whenever the process is stopped, the last checkpoint that was
 * saved whole is there.
 *
 * Throws ValueError for a `keep` that is no integer ≥ 1, and another word for `better`.
 *
 * @example
 * const checkpoints = new CheckpointFolder("runs/mnist", { keep: 2 });
 * checkpoints.save(optimizer.steps, { net, optimizer, loader }, { score: accuracy });
 * const last = checkpoints.restoreLast({ net, optimizer, loader }); // null in a fresh folder
 */
export class CheckpointFolder {
  readonly folder: string;
  readonly keep: number;
  readonly better: "higher" | "lower";

  constructor(folder: string, { keep = 3, better = "higher" }: CheckpointFolderOptions = {}) {
    requireInteger("CheckpointFolder", "keep", keep, 1, "Keep at least one checkpoint");
    if (better !== "higher" && better !== "lower") {
      throw new ValueError({
        where: "CheckpointFolder",
        argument: "better",
        expected: 'to be "higher" or "lower"',
        got: JSON.stringify(better),
        fix: "Accuracies are better when higher, losses when lower",
      });
    }
    this.folder = folder;
    this.keep = keep;
    this.better = better;
    makeFolder("CheckpointFolder", folder);
  }

  /** The steps that have a checkpoint, ascending. */
  steps(): readonly number[] {
    return listFolder("checkpoints.steps", this.folder)
      .flatMap((name) => stepName.exec(name)?.slice(1, 2) ?? [])
      .map(Number)
      .sort((a, b) => a - b);
  }

  /**
   * Saves `parts` as the checkpoint of `step`, an integer in [0, 10¹⁰) not below the last one saved, and as the best one if
   * its score is better than those before; then removes all but the last `keep`. Throws ValueError for another step, and as
   * `saveCheckpoint`.
   */
  save(step: number, parts: Parts, { score, notes = null }: FolderSaveOptions = {}): void {
    const where = "checkpoints.save";
    const last = this.steps().at(-1) ?? 0;
    const fix = "Restore the last one first, or save into another folder";
    requireInteger(where, "step", step, last, fix);
    const saved = { notes: { step, score: score ?? null, notes } };
    // The best one first: a run that continues from this step never offers its score again.
    if (score !== undefined && this.#isBest(where, score)) {
      saveCheckpoint(this.#bestPath(), parts, saved);
    }
    saveCheckpoint(this.#pathOf(step), parts, saved);
    for (const old of this.steps().slice(0, -this.keep)) removeFile(where, this.#pathOf(old));
  }

  /** Restores the last checkpoint and gives its notes, or null if there is none. Throws as `loadCheckpoint`. */
  restoreLast(parts: Parts): SavedNotes | null {
    const last = this.steps().at(-1);
    if (last === undefined) return null;
    return restoreNoted("checkpoints.restoreLast", this.#pathOf(last), parts);
  }

  /** Restores the best checkpoint and gives its notes, or null if none had a score. Throws as `loadCheckpoint`. */
  restoreBest(parts: Parts): SavedNotes | null {
    const where = "checkpoints.restoreBest";
    if (!this.#hasBest(where)) return null;
    return restoreNoted(where, this.#bestPath(), parts);
  }

  #isBest(where: string, score: number): boolean {
    if (Number.isNaN(score)) return false;
    if (!this.#hasBest(where)) return true;
    const path = this.#bestPath();
    const { score: best } = notesIn(where, readFile(where, path), path);
    return best === null || (this.better === "higher" ? score > best : score < best);
  }

  #hasBest(where: string): boolean {
    return listFolder(where, this.folder).includes(bestName);
  }

  #bestPath(): string {
    return `${this.folder}/${bestName}`;
  }

  #pathOf(step: number): string {
    return `${this.folder}/step-${String(step).padStart(10, "0")}.safetensors`;
  }
}

/** Restores `parts` from the file at `path` once its notes are known to be those that `save` writes. */
function restoreNoted(where: string, path: string, parts: Parts): SavedNotes {
  const bytes = readFile(where, path);
  const notes = notesIn(where, bytes, path);
  restoreCheckpoint(bytes, parts, path);
  return notes;
}

/** The notes that `save` writes. Throws ValueError for others: a checkpoint of `saveCheckpoint` under such a name. */
function notesIn(where: string, bytes: Uint8Array, path: string): SavedNotes {
  const state = scope(() => decodeCheckpoint(bytes, path, where).notes);
  const { step, score, notes } = recordOfState(where, state, ["step", "score", "notes"]);
  return {
    step: partOfState(where, "step", step, "number"),
    score: score === null ? null : partOfState(where, "score", score, "number"),
    notes,
  };
}

function requireInteger(
  where: string,
  argument: string,
  value: number,
  least: number,
  fix: string,
): void {
  if (Number.isInteger(value) && value >= least && value < 1e10) return;
  throw new ValueError({
    where,
    argument,
    expected: `to be an integer in [${least}, 10^10)`,
    got: String(value),
    fix,
  });
}
