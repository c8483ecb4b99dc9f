/**
 * Labelled rules across a figure of lines: a target, chance, a paper's value.
 * Rests on Plot, axes and the figure's data.
 */
import * as Plot from "@observablehq/plot";
import type { LineFigure, LinePoint } from "../engine/figure.ts";
import { isInside, isPlaceable, type Scale, shareOf } from "./axes.ts";

/** Rules to be drawn over the lines, each label at the end of its rule that fewer points are near. */
export function ruleMarks(
  rules: LineFigure["rules"],
  points: readonly LinePoint[],
  x: Scale,
  y: Scale,
): readonly Plot.Markish[] {
  const drawn = (rules ?? []).filter((rule) => isPlaceable(y.type, rule.y) && isInside(y, rule.y));
  const sideOf = (rule: { readonly y: number }): "start" | "end" => {
    const near = points.filter((point) => Math.abs(shareOf(y, point.y) - shareOf(y, rule.y)) < 0.1);
    const places = near.map((point) => shareOf(x, point.x));
    const atEnd = places.filter((place) => place > 0.75).length;
    return atEnd > places.filter((place) => place < 0.25).length ? "start" : "end";
  };
  return [
    Plot.ruleY(drawn, { y: "y", stroke: "var(--ink)", strokeOpacity: 0.6, strokeDasharray: "2 3" }),
    ...(["start", "end"] as const).map((side) =>
      Plot.text(
        drawn.filter((rule) => sideOf(rule) === side),
        {
          y: "y",
          x: () => x.domain[side === "start" ? 0 : 1],
          text: "label",
          textAnchor: side,
          dx: side === "start" ? 6 : 0,
          dy: -8,
          fill: "var(--ink)",
          stroke: "var(--card)",
          strokeWidth: 4,
          paintOrder: "stroke",
        },
      ),
    ),
  ];
}
