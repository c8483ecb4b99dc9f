/**
 * HTML that cannot be injected into: every value put into a template is escaped unless it is Markup.
 * Rests on nothing.
 */

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes. */
export type Piece = string | number | Markup | readonly Markup[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** `text` as it must be written to be shown, in content and in quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** The HTML of one piece. */
function textOf(piece: Piece): string {
  if (piece instanceof Markup) return piece.text;
  if (typeof piece === "object") return piece.map(textOf).join("");
  return escapeHtml(String(piece));
}

/** A template whose pieces are escaped. Example: `` html`<b>${"<"}</b>` `` is `<b>&lt;</b>`. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return new Markup(
    strings.map((string, i) => (i === 0 ? "" : textOf(pieces[i - 1] ?? "")) + string).join(""),
  );
}

/** `12,345`: written here, since Intl may differ from engine to engine. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** `97.42 %` of a share in [0, 1], with a space that does not break. */
export function formatPercent(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)}\u00a0%`;
}

/** A loss or similar with four significant digits; a dash for what is not finite. */
export function formatMeasure(value: number | null): string {
  return isMeasured(value) ? value.toPrecision(4) : "–";
}

/** A probability: two decimals, or its magnitude where they would round to less than a hundredth. */
export function formatProbability(value: number): string {
  return value >= 0.0095 || value === 0 ? value.toFixed(2) : value.toExponential(0);
}

/** `3 min 25 s`. */
export function formatDuration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)}\u00a0s`;
  const whole = Math.round(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = `${Math.floor(whole / 60) % 60}\u00a0min`;
  return hours > 0 ? `${hours}\u00a0h ${minutes}` : `${minutes} ${whole % 60}\u00a0s`;
}

/** Whether a recorded number is one: JSON has neither NaN nor infinities. */
export function isMeasured(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}
