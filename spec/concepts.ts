/**
 * The table of the README from concept to module to property: prints it, or with --write puts it between the README's markers.
 * `node --import tsx spec/concepts.ts --write`. Rests on claims, and on the titles in spec/*.test.ts.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { type Claim, claims } from "./claims.ts";

/** A test, or a group of them, named after a claim. */
export interface ClaimTitle {
  readonly id: string;
  readonly title: string;
  /** From the top: `spec/train-loop.test.ts`. */
  readonly file: string;
}

/** The table stands between these lines of the README. */
export const markers: readonly [string, string] = ["<!-- concepts -->", "<!-- /concepts -->"];

/** The first argument of a call that is a text beginning with `some-id: `. */
const titled =
  /\(\s*(["'`])((?:data|init|opt|lr|loop|fit|bn|norm)-[a-z-]+): ((?:\\.|(?!\1)[^\\])*)\1/g;

/** What `text`, a test file, claims by the titles in it. */
export function titlesIn(text: string, file: string): readonly ClaimTitle[] {
  return [...text.matchAll(titled)].map(([, , id = "", title = ""]) => ({ id, title, file }));
}

/** What all test files claim, by file name. This script's own test has such titles in texts. */
export function claimTitles(): readonly ClaimTitle[] {
  return readdirSync("spec")
    .filter((name) => name.endsWith(".test.ts") && name !== "concepts.test.ts")
    .sort()
    .flatMap((name) => titlesIn(readFileSync(`spec/${name}`, "utf8"), `spec/${name}`));
}

/** The table, as Markdown without a last line break. */
export function conceptTable(titles: readonly ClaimTitle[]): string {
  return [
    "| concept | module | what must hold |",
    "| --- | --- | --- |",
    ...claims.map((claim) => rowOf(claim, titles)),
  ].join("\n");
}

/** `readme` with the table between its markers. Throws where they are not there once, in order. */
export function withTable(readme: string, table: string): string {
  const [first, last] = markers;
  const parts = readme.split(first);
  const rest = parts[1]?.split(last);
  if (parts.length !== 2 || rest?.length !== 2) {
    throw new Error(`README.md: expected ${first} and then ${last}, each once. Add them.`);
  }
  return `${parts[0]}${first}\n\n${table}\n\n${last}${rest[1]}`;
}

function rowOf({ id, concept, modules, property }: Claim, titles: readonly ClaimTitle[]): string {
  const files = new Set(titles.filter((title) => title.id === id).map(({ file }) => file));
  const shown =
    property === null
      ? "a question for data, not for a law"
      : `${property} (${[...files].map((file) => link(file, file.replace(/^spec\/|\.test\.ts$/g, ""))).join(", ")})`;
  const places = modules.length > 0 ? modules.map((path) => link(path, path)).join(", ") : "–";
  return `| \`${id}\`: ${cell(concept)} | ${places} | ${cell(shown)} |`;
}

function link(path: string, text: string): string {
  return `[${text}](${path})`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const table = conceptTable(claimTitles());
  if (process.argv.includes("--write")) {
    writeFileSync("README.md", withTable(readFileSync("README.md", "utf8"), table));
  } else {
    console.log(table);
  }
}
