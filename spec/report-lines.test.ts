/** Figures of lines: colours that belong together, labels at integers, one word on bands, contours in their places. */
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { type Figure, lineFigure } from "../research/engine/index.ts";
import { renderFigure } from "../research/report/figures.ts";
import { lookOf, looksOf } from "../research/report/series.ts";

type Page = ReturnType<typeof parseHTML>["document"];

function documentOf(figure: Figure): Page {
  return parseHTML(`<!doctype html><body>${renderFigure(figure, "figure").text}</body>`).document;
}

const x = { label: "x" };

describe("lines", () => {
  test("that are broken have the colour of the whole line whose name they share most parts with", () => {
    const points = [1, 2].map((y, at) => ({ x: at, y }));
    const coloursOf = (names: readonly (readonly [string, boolean])[]): readonly number[] => {
      const looks = looksOf(names.map(([name, dashed]) => ({ name, dashed })));
      const colours = names.map((_, at) => JSON.stringify(looks(at)));
      return colours.map((colour) => colours.indexOf(colour));
    };
    const [whole, broken] = [false, true];
    const pairs = ["Xavier, tanh", "Xavier, ReLU"].flatMap((name) => [
      [name, whole] as const,
      [`${name}, oracle`, broken] as const,
    ]);
    expect(coloursOf(pairs)).toEqual([0, 0, 2, 2]);
    const after = ["after 1 updates", "after 10 updates"].map((name) => [name, whole] as const);
    expect(coloursOf([...after, ["predicted, after 10", broken]])).toEqual([0, 1, 1]);
    expect(
      coloursOf([
        ["plain, training", broken],
        ["plain, test", whole],
        ["oracle", broken],
      ]),
    ).toEqual([0, 0, 2]);
    const series = pairs.map(([name, dashed]) => ({ name, dashed, points }));
    const page = documentOf(lineFigure({ title: "t", x, y: { label: "y" }, series }));
    const strokes = [...page.querySelectorAll('.wide g[aria-label="line"]')].map((line) =>
      line.getAttribute("stroke"),
    );
    expect(strokes).toEqual([0, 0, 1, 1].map((at) => lookOf(at).colour));
  });

  test("over layers, epochs and other integers have no label between two of them", () => {
    const points = [1, 2, 3].map((layer) => ({ x: layer, y: layer / 7 }));
    const page = documentOf(
      lineFigure({ title: "t", x, y: { label: "y" }, series: [{ name: "a", points }] }),
    );
    const labels = page.querySelectorAll('.wide g[aria-label="x-axis tick label"] text');
    expect([...labels].map(({ textContent }) => textContent)).toEqual(["1", "2", "3"]);
  });

  test("name their band once: in the caption, or below it where that is silent", () => {
    const series = [
      { name: "a", points: [0, 1].map((y) => ({ x: y, y, low: y - 1, high: y + 1 })) },
    ];
    const bandsIn = (caption: string): number => {
      const page = documentOf(lineFigure({ title: "t", caption, x, y: x, series }));
      return (
        (page.querySelector("figcaption")?.textContent ?? "").match(/\bbands?\b/gi)?.length ?? 0
      );
    };
    const said = ["Losses.", "Band: 95 % interval.", "With bands.", "With intervals."].map(bandsIn);
    expect(said).toEqual([1, 1, 1, 0]);
    const flat = [{ name: "a", points: [0, 1].map((y) => ({ x: y, y, low: y, high: y })) }];
    const page = documentOf(lineFigure({ title: "t", x, y: x, series: flat }));
    expect(page.querySelector("figcaption")).toBe(null);
  });

  test("that are noise are drawn as their running mean, and say over how many points; a schedule stays as it is", () => {
    const at = Array.from({ length: 200 }, (_, i) => i);
    const drawn = (
      values: readonly number[],
    ): readonly [heights: readonly number[], said: string] => {
      const points = values.map((y, step) => ({ x: step, y, low: y, high: y }));
      const page = documentOf(
        lineFigure({
          title: "t",
          x,
          y: { label: "y", range: [-2, 2] },
          series: [{ name: "a", points }],
        }),
      );
      const path = page.querySelector('.wide g[aria-label="line"] path')?.getAttribute("d") ?? "";
      const heights = [...path.matchAll(/,([\d.]+)/g)].map(([, height]) => Number(height));
      return [heights, page.querySelector("figcaption")?.textContent ?? ""];
    };
    const spread = (heights: readonly number[]): number =>
      Math.max(...heights) - Math.min(...heights);
    const [flat, said] = drawn(at.map((i) => (i % 2 === 0 ? 1 : -1)));
    const [step, silent] = drawn(at.map((i) => (i < 100 ? 1 : -1)));
    // Means of five of a row of 1 and -1 are 0.2 or -0.2, of three at the ends 1/3: a sixth of the height or less for a third.
    expect(spread(flat)).toBeLessThan(spread(step) / 2.9);
    expect(said).toContain("Noisy lines: running mean of 5 points; bands as measured.");
    expect(spread(step)).toBeGreaterThan(100);
    expect(silent).not.toContain("Noisy");
  });

  test("lie on contours where the surface has their height", () => {
    const at = Array.from({ length: 11 }, (_, i) => i);
    const contours = { xs: at, ys: at, z: at.map(() => at) }; // height = x
    const page = documentOf(lineFigure({ title: "t", x, y: { label: "y" }, series: [], contours }));
    const [svg] = page.querySelectorAll(".wide svg");
    const ticks = [...(svg?.querySelectorAll('g[aria-label="x-axis tick label"] text') ?? [])].map(
      (text) => [
        Number(text.textContent),
        Number(/translate\(([\d.]+)/.exec(text.getAttribute("transform") ?? "")?.[1]),
      ],
    );
    const [[low = 0, left = 0] = [], [high = 1, right = 1] = []] = [ticks[0], ticks.at(-1)];
    const paths = [...(svg?.querySelectorAll('g[aria-label="contour"] path') ?? [])];
    // Each encloses what is higher: its left side is the line.
    const places = paths.map((path) =>
      Math.min(
        ...[...(path.getAttribute("d") ?? "").matchAll(/[ML]([\d.]+)/g)].map(([, at]) =>
          Number(at),
        ),
      ),
    );
    const heights = places.map((place) => low + ((place - left) / (right - left)) * (high - low));
    expect(heights.length).toBeGreaterThan(5);
    // Contours are drawn at heights that the grid has: integers. A line is rounded to 0.1 of 80 pixels.
    for (const height of heights) expect(Math.abs(height - Math.round(height))).toBeLessThan(0.01);
  });
});
