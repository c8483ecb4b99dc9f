/**
 * The table of the README from concept to module to property: prints it, or with --write puts it between the README's markers.
 * `node --import tsx spec/concepts.ts --write`. Rests on markers, claims, and the titles in spec/*.test.ts.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Claim, claims } from "../research/claims.ts";
import { type Markers, withBetween } from "../research/markers.ts";

/** Which claims each test file shows, by its path from the top: `spec/train-loop.test.ts`. */
export type Shown = Readonly<Record<string, readonly string[]>>;

/** The table stands between these lines of the README. */
export const markers: Markers = ["<!-- concepts -->", "<!-- /concepts -->"];

const anyId = "(?:data|init|opt|lr|loop|fit|bn|norm)-[a-z-]+";
/** The first argument of a call that is a text beginning with `some-id: `. */
const titled = new RegExp(`\\(\\s*["'\`](${anyId}): `, "g");
/** The same with an id that the file computes: from those that stand in it as texts of their own. */
const computed = /\(\s*`\$\{claim\}: /;
const alone = new RegExp(`"(${anyId})"`, "g");

/** The ids that titles of tests in `text`, a test file, begin with. */
export function claimsIn(text: string): readonly string[] {
  const found = [...text.matchAll(titled), ...(computed.test(text) ? text.matchAll(alone) : [])];
  return [...new Set(found.map(([, name = ""]) => name))];
}

/** What all test files show, in their order. This script's own test has such titles in texts. */
export function shownByTests(): Shown {
  const files = readdirSync("spec")
    .filter((name) => name.endsWith(".test.ts") && name !== "concepts.test.ts")
    .sort()
    .map((name) => `spec/${name}`);
  return Object.fromEntries(files.map((file) => [file, claimsIn(readFileSync(file, "utf8"))]));
}

/** The table, as Markdown without a last line break. */
export function conceptTable(shown: Shown): string {
  return [
    "| concept | module | what must hold |",
    "| --- | --- | --- |",
    ...claims.map((claim) => rowOf(claim, shown)),
  ].join("\n");
}

/** `readme` with the table between its markers. Throws where they are not there once, in order. */
export function withTable(readme: string, table: string): string {
  return withBetween(readme, markers, "README.md", table);
}

function rowOf({ id, concept, modules, property }: Claim, shown: Shown): string {
  const tests = Object.keys(shown)
    .filter((file) => shown[file]?.includes(id))
    .map((file) => link(file, file.replace(/^spec\/|\.test\.ts$/g, "")));
  const places = modules.map((path) => link(path, path)).join(", ") || "–";
  const law =
    property === null
      ? "a question for data, not for a law"
      : `${property} (${tests.join(", ") || "no test yet"})`;
  return `| \`${id}\`: ${cell(concept)} | ${places} | ${cell(law)} |`;
}

function link(path: string, text: string): string {
  return `[${text}](${path})`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const table = conceptTable(shownByTests());
  if (process.argv.includes("--write")) {
    writeFileSync("README.md", withTable(readFileSync("README.md", "utf8"), table));
  } else {
    console.log(table);
  }
}
