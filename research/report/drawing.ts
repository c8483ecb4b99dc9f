/**
 * Drawings: Observable Plot's SVG as text, without a browser, the same bytes each time.
 * Rests on Plot, linkedom and html.
 */
import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";
import { html, Markup } from "./html.ts";

/** What a drawing is called, and what it shows in words, for those who cannot see it. */
export interface DrawingText {
  /** Unique in the page: letters, digits, hyphens. */
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** What a figure of any kind is drawn to. */
export interface DrawnFigure {
  readonly drawing: Markup;
  /** Sentences below the caption: scales, gaps, what lies outside. */
  readonly notes: readonly string[];
}

/** The drawing of no values. */
export const nothing: DrawnFigure = { drawing: html``, notes: ["There is nothing to draw."] };

/** A width on the page, and what fits it. */
export interface DrawingSize {
  readonly name: "wide" | "narrow";
  readonly width: number;
  readonly height: number;
  /** Labels of the x axis, about. */
  readonly ticks: number;
}

/** The drawing for a page. */
export const wideSize: DrawingSize = { name: "wide", width: 880, height: 340, ticks: 10 };

/** The two drawings of a figure: for a page and for a phone, where the same letters need more room. */
const drawingSizes: readonly DrawingSize[] = [
  wideSize,
  { name: "narrow", width: 344, height: 270, ticks: 5 },
];

/** Coordinates to a hundredth of a pixel, those of lines to a tenth, in tags only: texts stay as they are. */
function roundCoordinates(svg: string): string {
  return svg.replace(/<[^>]*>/g, (tag) => {
    const digits = tag.startsWith("<path") ? 1 : 2;
    return tag.replace(/-?\d+\.\d{2,}(?:e-?\d+)?/g, (number) =>
      String(Number(Number(number).toFixed(digits))),
    );
  });
}

/** Plot counts its clip paths over the whole process: here they count within the drawing. */
function renameClips(svg: string, id: string): string {
  const names = [...new Set(svg.match(/plot-clip-\d+/g) ?? [])];
  return svg.replace(/plot-clip-\d+/g, (name) => `${id}-clip-${names.indexOf(name)}`);
}

/** Plot's SVG of `options`, bare: for a picture beside its words. */
export function svgOf(options: Plot.PlotOptions, id: string): string {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawn: { readonly outerHTML: string } = Plot.plot({
    document,
    style: { fontSize: "13px", fontFamily: "inherit", overflow: "visible" },
    ...options,
  });
  return renameClips(roundCoordinates(drawn.outerHTML), id);
}

/** Plot's SVG of `options`, with a title and a description for screen readers. */
export function drawPlot(options: Plot.PlotOptions, text: DrawingText): Markup {
  const { id, title, description } = text;
  const head = html`<title id="${id}-title">${title}</title><desc id="${id}-desc">${description}</desc>`;
  const names = `role="img" aria-labelledby="${id}-title" aria-describedby="${id}-desc"`;
  const svg = svgOf(options, id).replace(
    /^<svg([^>]*)>/,
    (_, rest: string) => `<svg ${names}${rest}>${head.text}`,
  );
  return new Markup(svg);
}

/** Both drawings of a figure, of which the page shows the one that fits. */
export function drawBoth(
  optionsFor: (size: DrawingSize) => Plot.PlotOptions,
  text: DrawingText,
): readonly Markup[] {
  return drawingSizes.map((size) => {
    const drawing = drawPlot(optionsFor(size), { ...text, id: `${text.id}-${size.name}` });
    return html`<div class="${size.name}">${drawing}</div>`;
  });
}
