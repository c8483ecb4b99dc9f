/**
 * Quotes: text out of a file, shown in messages that no damage makes long. Rests on nothing.
 */

/** `"conv1.weight"`, shortened past 80 characters: a damaged name must not flood the message either. */
export function quoteBriefly(text: string): string {
  if (text.length <= 80) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, 80))}… (${text.length} characters)`;
}
