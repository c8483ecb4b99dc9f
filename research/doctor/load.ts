/**
 * Loading a patient: a module of the user's that exports a net and a loader.
 * Rests on patient. A module in TypeScript needs a Node that reads it, or tsx around the command.
 */
import { statSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type BitgradError, UsageError, ValueError } from "../../core/index.ts";
import { Layer } from "../../layers/index.ts";
import type { Patient, PatientBatch } from "./patient.ts";

const where = "bitgrad doctor";

/** What a module exports, by name. */
type Exports = Readonly<Record<string, unknown>>;

/**
 * The patient that the module at `path` exports: `net` and `loader`, and if it likes `validation`, `loss`, `optimizer` and
 * `learningRate`, each by its name; or all of them in one object that is its default export, or that a function gives
 * which is. `net`, `loader` and `validation` may be functions that make them. Functions may be asynchronous.
 *
 * Throws UsageError where there is no such file; ValueError where it does not load, a function of it fails, or it exports something else.
 */
export async function loadPatient(path: string): Promise<Patient> {
  const file = resolve(path);
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true) {
    throw new UsageError({
      where,
      argument: "the module",
      expected: "to be a file",
      got: JSON.stringify(path),
      fix: "Write for example bitgrad doctor ./my-net.ts",
    });
  }
  const all = await exportsOf(path, file);
  const net = await made(path, "net", all["net"]);
  if (!(net instanceof Layer)) {
    const fix =
      "Export a net such as assemble(mlp([784, 256, 10])), made with the bitgrad that runs the doctor";
    throw unfit(path, "to export net, a layer of this bitgrad", described(net, all), fix);
  }
  const loader = await made(path, "loader", all["loader"]);
  const validation = await made(path, "validation", all["validation"]);
  return {
    net,
    loader: requireBatches(path, "loader", loader, all),
    ...(validation === undefined
      ? {}
      : { validation: requireBatches(path, "validation", validation, all) }),
    ...optionalFunction(path, "loss", all),
    ...optionalFunction(path, "optimizer", all),
    ...optionalRate(path, all),
  };
}

/** The exports by name, those of a default export among them. */
async function exportsOf(path: string, file: string): Promise<Exports> {
  let module: Exports;
  try {
    module = { ...(await import(pathToFileURL(file).href)) };
  } catch (error) {
    const fix =
      "Run the module alone to see where it fails; one in TypeScript needs tsx, or a Node that reads it";
    throw failed(path, "to load", error, fix);
  }
  const { default: given, ...named } = module;
  const whole = await made(path, "default", given);
  return typeof whole === "object" && whole !== null ? { ...whole, ...named } : named;
}

/** What a function gives; anything else as it is. */
async function made(path: string, name: string, value: unknown): Promise<unknown> {
  try {
    return await (typeof value === "function" ? value() : value);
  } catch (error) {
    const fix = "The doctor calls it without arguments: mend it, or export what it makes";
    throw failed(path, `to export ${name}, which makes its part`, error, fix);
  }
}

function requireBatches(
  path: string,
  name: "loader" | "validation",
  value: unknown,
  all: Exports,
): Iterable<PatientBatch> {
  if (typeof value === "object" && value !== null && Symbol.iterator in value) {
    return value as Iterable<PatientBatch>; // its batches are checked one by one as they come
  }
  const fix = `Export ${name}: a DataLoader, or an array of batches`;
  throw unfit(path, `to export ${name}, iterable batches { x, y }`, described(value, all), fix);
}

function optionalFunction<Name extends "loss" | "optimizer">(
  path: string,
  name: Name,
  all: Exports,
): Pick<Patient, Name> {
  const value = all[name];
  if (value === undefined || typeof value === "function") {
    return (value === undefined ? {} : { [name]: value }) as Pick<Patient, Name>;
  }
  const expected = `to export ${name} as a function`;
  throw unfit(path, expected, described(value, all), `Leave ${name} out, or export a function`);
}

function optionalRate(path: string, { learningRate }: Exports): Pick<Patient, "learningRate"> {
  if (learningRate === undefined) return {};
  if (typeof learningRate === "number" && learningRate > 0 && learningRate < Infinity) {
    return { learningRate };
  }
  const fix = "Leave it out, or export a rate such as 0.1";
  throw unfit(path, "to export learningRate as a finite number > 0", String(learningRate), fix);
}

/** What came, and of nothing, what there is. */
function described(value: unknown, all: Exports): string {
  if (value === undefined) return `exports ${Object.keys(all).join(", ") || "of no name"}`;
  if (typeof value !== "object" || value === null) return String(value);
  return `an object of class ${value.constructor?.name ?? "none"}`;
}

function unfit(path: string, expected: string, got: string, fix: string): ValueError {
  return new ValueError({ where, argument: `"${path}"`, expected, got, fix });
}

function failed(path: string, expected: string, error: unknown, fix: string): BitgradError {
  const message = error instanceof Error ? error.message : String(error);
  const [got = "an error"] = message.split("\n");
  const complaint = { where, argument: `"${path}"`, expected, got, fix };
  return new ValueError(complaint, { cause: error });
}
