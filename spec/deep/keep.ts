/**
 * Keeping an example: a line in spec/laws/kept.ts, which runs before all others from then on.
 * Rests on the file system.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { KeptExample } from "../laws/kept.ts";

const file = new URL("../laws/kept.ts", import.meta.url);
const end = "\n];\n";

/** Writes the example into the file at `path`. Gives whether it was not there before. */
export function keepExample(example: KeptExample, path: URL | string = file): boolean {
  const text = readFileSync(path, "utf8");
  const parts = Object.entries(example).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const line = `\n  { ${parts.join(", ")} },`;
  if (text.includes(line)) return false;
  const place = text.indexOf(end);
  if (place < 0)
    throw new Error(
      `keepExample: expected a list in ${path.toString()}, got none. Restore the file.`,
    );
  writeFileSync(path, text.slice(0, place) + line + text.slice(place));
  return true;
}
