/**
 * Finding experiments: those of the library by their ids, a reader's own by the path of their file.
 * Rests on experiments, knobs and errors.
 */
import { existsSync } from "node:fs";
import { dirname, extname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UsageError } from "../../core/index.ts";
import { experiments } from "../experiments/index.ts";
import type { Experiment } from "./define-experiment.ts";
import { nearest } from "./knobs.ts";

/** An experiment, and the file that it stands in. */
export interface LocatedExperiment {
  readonly experiment: Experiment;
  /** Absolute path. */
  readonly file: string;
}

const here = fileURLToPath(import.meta.url);
const folder: string = join(dirname(dirname(here)), "experiments");

/** The experiments of the library, each in the file of its id. */
export function listedExperiments(): readonly LocatedExperiment[] {
  return experiments.map((experiment) => ({
    experiment,
    file: join(folder, `${experiment.id}${extname(here)}`),
  }));
}

/**
 * The experiment called `name`: an id, or the path of a module whose default export is one (`./mine.ts`).
 * Throws UsageError for others, with the nearest ids.
 */
export async function locateExperiment(where: string, name: string): Promise<LocatedExperiment> {
  const listed = listedExperiments();
  const found = listed.find(({ experiment }) => experiment.id === name);
  if (found !== undefined) return found;
  const file = resolve(name);
  if (/\.[cm]?[jt]s$/.test(name) && existsSync(file)) return await experimentIn(where, file);
  const ids = listed.map(({ experiment }) => experiment.id);
  const near = nearest(name, ids);
  throw new UsageError({
    where,
    argument: "the experiment",
    expected: `to be one of ${ids.join(", ")}, or the path of a file`,
    got: `"${name}"`,
    fix: near.length > 0 ? `Did you mean ${near.join(" or ")}` : "See them with bitgrad list",
  });
}

async function experimentIn(where: string, file: string): Promise<LocatedExperiment> {
  const refuse = (got: string, cause?: unknown): UsageError => {
    const begin = "Begin with the file that bitgrad new writes";
    return new UsageError(
      {
        where,
        argument: file,
        expected: "to be a module whose default export is what defineExperiment gives",
        got,
        fix: isUnread(cause) ? `Use Node 22.18 or newer, or install tsx and ${withTsx}` : begin,
      },
      { cause },
    );
  };
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(pathToFileURL(file).href);
  } catch (error) {
    throw refuse(`${error instanceof Error ? error.message : String(error)}`, error);
  }
  const experiment = module["default"];
  if (!isExperiment(experiment)) throw refuse("another default export, or none");
  return { experiment, file };
}

const withTsx = "begin the command with NODE_OPTIONS='--import tsx'";

/** Whether it is that of a Node that does not read TypeScript. */
function isUnread(error: unknown): boolean {
  const hasCode = error instanceof Error && "code" in error;
  return hasCode && error.code === "ERR_UNKNOWN_FILE_EXTENSION";
}

function isExperiment(value: unknown): value is Experiment {
  return (
    typeof value === "object" &&
    value !== null &&
    "knobs" in value &&
    "resolve" in value &&
    "verdict" in value
  );
}
