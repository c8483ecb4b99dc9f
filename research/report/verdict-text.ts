/**
 * Verdicts in words: what came out as a headline, an effect with its interval, reasons as sentences.
 * Rests on the verdict's contract and axes.
 */
import type { Verdict } from "../engine/verdict.ts";
import { formatValue } from "./axes.ts";

type Effect = NonNullable<Verdict["effect"]>;

/** Letters that a headline has at most. */
const longest = 110;

/** What came out, in a line: the first of what `measured` says. */
export function headlineOf({ measured }: Verdict): string {
  const [first = ""] = measured.split("; ");
  if (first.length <= longest) return first;
  const cut = first.slice(0, longest);
  return `${cut.slice(0, cut.lastIndexOf(" "))} …`;
}

/** `gain 0.3 [0.1, 0.5]`: an effect as a table shows it, beside the headline that names it. */
export function intervalOf(effect: Effect): string {
  const word = effect.name.startsWith("gain in ") ? "gain " : "";
  return `${word}${boundsOf(effect)}`;
}

/** `difference of losses (nats): −0.3 [−0.5, −0.1], 95 % interval, d_z −1.2`. */
export function effectText(effect: Effect): string {
  const { confidence, standardised } = effect;
  const name = effect.name.replace(/^gain in (?=gain )/, "");
  const percent = Number((100 * confidence).toPrecision(4));
  const size = standardised === undefined ? "" : `, d_z ${formatValue(standardised)}`;
  return `${name}: ${boundsOf(effect)}, ${percent}\u00a0% interval${size}`;
}

function boundsOf({ mean, low, high }: Effect): string {
  const shown = (value: number): string => formatValue(Number(value.toPrecision(3)));
  return `${shown(mean)} [${shown(low)}, ${shown(high)}]`;
}

/** Numbers of a sentence in four digits, where they have more than six decimals. */
export function shortNumbers(text: string): string {
  return text.replace(/\d+\.\d{7,}/g, (number) => String(Number(Number(number).toPrecision(4))));
}

/** Text as sentences, each once: a word that begins one has a capital letter, a letter that is a quantity (`n`, `x`) stays. */
export function sentences(text: string): string {
  const once = [...new Set(text.split(". "))].join(". ");
  return once.replace(/(?<=^|\. )(?:\p{Ll}(?=\p{L})|a(?= \p{L}))/gu, (letter) =>
    letter.toUpperCase(),
  );
}
