/**
 * Text between two markers of a document, for what a script writes into it.
 * Rests on nothing.
 */

/** Lines that each stand once, in this order: `["<!-- concepts -->", "<!-- /concepts -->"]`. */
export type Markers = readonly [first: string, last: string];

/** What stands between the markers, without the line breaks around it. Throws where they are not there once, in order. */
export function betweenMarkers(document: string, markers: Markers, name: string): string {
  return partsOf(document, markers, name)[1].trim();
}

/** `document`, called `name`, with `text` between the markers. Throws where they are not there once, in order. */
export function withBetween(
  document: string,
  markers: Markers,
  name: string,
  text: string,
): string {
  const [before, , after] = partsOf(document, markers, name);
  const [first, last] = markers;
  return `${before}${first}\n\n${text}\n\n${last}${after}`;
}

function partsOf(document: string, [first, last]: Markers, name: string): [string, string, string] {
  const parts = document.split(first);
  const rest = parts[1]?.split(last);
  const [before, between, after] = [parts[0], rest?.[0], rest?.[1]];
  if (
    parts.length !== 2 ||
    rest?.length !== 2 ||
    before === undefined ||
    between === undefined ||
    after === undefined
  ) {
    throw new Error(`${name}: expected ${first} and then ${last}, each once. Add them.`);
  }
  return [before, between, after];
}
