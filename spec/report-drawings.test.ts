/** The drawings of figures: what is drawn is in proportion to its numbers, and what has no place is said and not drawn. */
import { fc, test } from "@fast-check/vitest";
import { parseHTML } from "linkedom";
import { describe, expect } from "vitest";
import {
  barFigure,
  type Figure,
  heatFigure,
  histogramFigure,
  lineFigure,
} from "../research/engine/index.ts";
import { scaleOf } from "../research/report/axes.ts";
import { renderFigure } from "../research/report/figures.ts";
import { lookOf } from "../research/report/series.ts";
import { ordinaryFigures, strangeFigures } from "./report-samples.ts";

type Page = ReturnType<typeof parseHTML>["document"];

function documentOf(figure: Figure): Page {
  return parseHTML(`<!doctype html><body>${renderFigure(figure, "figure").text}</body>`).document;
}

/** Numbers of an attribute of every element, in their order. */
function numbersIn(page: Page, selector: string, attribute: string): readonly number[] {
  return [...page.querySelectorAll(selector)].map((one) => Number(one.getAttribute(attribute)));
}

/** Values with and without a place, ties and extremes among them. */
const values = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -40, max: 40 }).map((i) => i / 4) },
  { weight: 1, arbitrary: fc.constantFrom(Number.NaN, 1 / 0, -1 / 0, 0, 1e-300, 1e300, -1e12) },
);
const scales = fc.constantFrom("linear" as const, "log" as const);
const x = { label: "x" };

describe("a figure of any kind", () => {
  test.each(
    [...ordinaryFigures, ...strangeFigures].map((figure) => [figure.title, figure] as const),
  )(
    "has its title, drawings that are described, and no coordinate that is no number: %s",
    (_, figure) => {
      const page = documentOf(figure);
      expect(page.querySelector("h4")?.textContent).toBe(figure.title);
      for (const svg of page.querySelectorAll("svg[role=img]")) {
        for (const name of ["aria-labelledby", "aria-describedby"]) {
          const id = svg.getAttribute(name) ?? "";
          expect(page.getElementById(id)?.textContent).not.toBe("");
        }
      }
      expect(page.toString()).not.toMatch(/="[^"]*\b(?:NaN|Infinity|undefined)\b[^"]*"/);
    },
  );

  test("is the same bytes when drawn again", () => {
    for (const figure of [...ordinaryFigures, ...strangeFigures]) {
      expect(renderFigure(figure, "f").text).toBe(renderFigure(figure, "f").text);
    }
  });

  test.prop([fc.array(values, { maxLength: 6 }), scales], { seed: 61, numRuns: 15 })(
    "draws whatever numbers it is given, without a coordinate that is none",
    (ys, scale) => {
      const y = { label: "y", scale };
      const cells = ys.map((value, at) => ({ x: value, y: at, value }));
      const points = ys.map((value, at) => ({ x: at, y: value, low: value, high: value * 2 }));
      const bars = ys.map((value, at) => ({
        group: `${at}`,
        series: "s",
        y: value,
        low: -1,
        high: value,
      }));
      const panels = [{ title: "p", edges: ys, counts: ys.slice(1) }];
      const figures = [
        lineFigure({ title: "l", x, y, series: [{ name: "a", points }] }),
        barFigure({ title: "b", x: "g", y, bars }),
        heatFigure({ title: "h", x, y: x, value: y, cells }),
        histogramFigure({ title: "i", x: y, rows: [{ name: "r", panels }] }),
      ];
      for (const figure of figures) {
        const bare = renderFigure(figure, "f").text.replace(/<title[^>]*>.*?<\/title>/g, "");
        expect(bare).not.toMatch(/="[^"]*\b(?:NaN|Infinity|undefined)\b[^"]*"/);
      }
    },
  );
});

describe("lines", () => {
  test.prop([fc.array(values, { minLength: 1, maxLength: 30 }), scales], { seed: 62, numRuns: 20 })(
    "break where a value has no place, and the caption counts those",
    (ys, scale) => {
      const points = ys.map((y, at) => ({ x: at, y }));
      const page = documentOf(
        lineFigure({ title: "t", x, y: { label: "y", scale }, series: [{ name: "a", points }] }),
      );
      const placed = ys.map((y) => Number.isFinite(y) && (scale === "linear" || y > 0));
      const stretches = placed.filter((is, at) => is && placed[at - 1] !== true).length;
      const [svg] = page.querySelectorAll("svg[role=img]");
      const drawn = [...(svg?.querySelectorAll('g[aria-label="line"] path') ?? [])]
        .map((path) => path.getAttribute("d") ?? "")
        .join("");
      expect(drawn.match(/M/g)?.length ?? 0).toBe(stretches);
      const gaps = placed.filter((is) => !is).length;
      const caption = page.querySelector("figcaption")?.textContent ?? "";
      expect(Number(/(\d+) points? not drawn/.exec(caption)?.[1] ?? 0)).toBe(gaps);
    },
  );

  test("that are cut off by the range of an axis say how many points lie outside", () => {
    const points = [1, 2, 50, 3, -9].map((y, at) => ({ x: at, y }));
    const page = documentOf(
      lineFigure({
        title: "t",
        x,
        y: { label: "y", range: [0, 10] },
        series: [{ name: "a", points }],
      }),
    );
    expect(page.querySelector("figcaption")?.textContent).toContain("2 points outside the frame.");
    expect(page.querySelector("clipPath")?.id).toBe("figure-wide-clip-0");
  });

  test("of 49 series all look different", () => {
    const looks = Array.from({ length: 49 }, (_, at) => JSON.stringify(lookOf(at)));
    expect(new Set(looks).size).toBe(49);
  });
});

describe("bars", () => {
  test.prop([fc.array(fc.integer({ min: -30, max: 30 }), { minLength: 2, maxLength: 6 })], {
    seed: 63,
    numRuns: 12,
  })("are as long as their values: they begin at zero", (ys) => {
    const bars = ys.map((y, at) => ({ group: `${at}`, series: "s", y }));
    const page = documentOf(barFigure({ title: "t", x: "g", y: { label: "y" }, bars }));
    const lengths = numbersIn(page, '.wide g[aria-label="bar"] rect', "width");
    const most = Math.max(...ys.map(Math.abs));
    const longest = Math.max(...lengths);
    expect(lengths.length).toBe(ys.length);
    ys.forEach((y, at) => {
      // Coordinates are rounded to 0.01 pixel: two of them, compared with a third.
      const wanted = most === 0 ? 0 : (Math.abs(y) / most) * longest;
      expect(Math.abs((lengths[at] ?? 0) - wanted)).toBeLessThanOrEqual(0.03);
    });
  });

  test("on a logarithmic axis are points, and what is not positive is written", () => {
    const bars = [1, 10, 0].map((y, at) => ({ group: `${at}`, series: "s", y }));
    const page = documentOf(
      barFigure({ title: "t", x: "g", y: { label: "y", scale: "log" }, bars }),
    );
    expect(page.querySelectorAll('.wide g[aria-label="bar"] rect').length).toBe(0);
    expect(page.querySelectorAll('.wide g[aria-label="dot"] circle').length).toBe(2);
    expect(page.querySelector("figcaption")?.textContent).toContain("1 value written in place");
  });
});

describe("histograms", () => {
  test("have areas in proportion to their counts, also where bins differ in width", () => {
    const edges = [0, 1, 3, 7];
    const counts = [10, 10, 20];
    const page = documentOf(
      histogramFigure({
        title: "t",
        x,
        rows: [{ name: "r", panels: [{ title: "p", edges, counts }] }],
      }),
    );
    const widths = numbersIn(page, 'g[aria-label="rect"] rect', "width");
    const heights = numbersIn(page, 'g[aria-label="rect"] rect', "height");
    const areas = widths.map((width, at) => width * (heights[at] ?? 0));
    const [first = 0, second = 0, third = 0] = areas;
    // Sides are rounded to 0.01 of 20 pixels or more: 5e-4 each at most, a thousandth together.
    expect(second / first).toBeCloseTo(1, 2);
    expect(third / first).toBeCloseTo(2, 2);
  });

  test("without counts, or with one that is none, say so", () => {
    const panels = [
      { title: "a", edges: [], counts: [] },
      { title: "b", edges: [0, 1], counts: [Number.NaN] },
      { title: "c", edges: [0, 1], counts: [3] },
    ];
    const page = documentOf(histogramFigure({ title: "t", x, rows: [{ name: "r", panels }] }));
    const said = [...page.querySelectorAll(".panels svg")].map(({ textContent }) =>
      (textContent ?? "").includes("no counts"),
    );
    expect(said).toEqual([true, true, false]);
  });
});

describe("heat maps", () => {
  test.prop([fc.array(values, { minLength: 1, maxLength: 12 }), scales], { seed: 64, numRuns: 40 })(
    "are the stronger the higher the value, and grey where there is none",
    (all, scale) => {
      const cells = all.map((value, at) => ({ x: at, y: 0, value }));
      const page = documentOf(
        heatFigure({ title: "t", x, y: x, value: { label: "v", scale }, cells }),
      );
      const fills = [...page.querySelectorAll('.wide g[aria-label="cell"] rect')].map((rect) => {
        const percent = /heat-high\) (\d+)%/.exec(rect.getAttribute("fill") ?? "");
        return percent === null ? null : Number(percent[1]);
      });
      expect(fills.length).toBe(all.length);
      all.forEach((value, at) => {
        const placed = Number.isFinite(value) && (scale === "linear" || value > 0);
        expect(fills[at] !== null).toBe(placed);
        all.forEach((other, beside) => {
          const [own, its] = [fills[at] ?? null, fills[beside] ?? null];
          if (own !== null && its !== null && value < other) expect(own).toBeLessThanOrEqual(its);
        });
      });
    },
  );

  test("say how many values one cell hides", () => {
    const cells = [1, 2, 3].map((value) => ({ x: 0, y: 0, value }));
    const page = documentOf(heatFigure({ title: "t", x, y: x, value: x, cells }));
    expect(page.querySelector("figcaption")?.textContent).toContain("2 values hidden");
  });
});

describe("axes", () => {
  test.prop([fc.array(values, { maxLength: 8 }), scales, fc.boolean()], { seed: 65, numRuns: 200 })(
    "hold every value that has a place, with one label or more, all of them inside",
    (all, scale, nice) => {
      const { domain, ticks, type } = scaleOf({ label: "y", scale }, all, { nice });
      const [low, high] = domain;
      expect(low).toBeLessThan(high);
      for (const value of all) {
        if (!Number.isFinite(value) || (type === "log" && value <= 0)) continue;
        expect(value >= low && value <= high).toBe(true);
      }
      expect(ticks.length).toBeGreaterThan(0);
      // A tick may miss an end by the rounding of its multiplication.
      const hair = 1e-9 * Math.max(Math.abs(low), Math.abs(high));
      for (const tick of ticks) expect(tick >= low - hair && tick <= high + hair).toBe(true);
    },
  );
});
