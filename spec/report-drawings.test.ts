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
  tableFigure,
} from "../research/engine/index.ts";
import { scaleOf } from "../research/report/axes.ts";
import { strongShare } from "../research/report/figure-heat.ts";
import { renderFigure } from "../research/report/figures.ts";
import { lookOf } from "../research/report/series.ts";
import { styleSheet } from "../research/report/style.ts";
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

describe("tables", () => {
  test("have words at the left, below names that stand there too, and numbers at the right", () => {
    const page = documentOf(
      tableFigure({
        title: "t",
        columns: ["net", "norm", "error"],
        rows: [
          ["a", "batch", 0.5],
          ["b", null, 1],
        ],
      }),
    );
    const sides = [...page.querySelectorAll("th[scope=col], td")].map((one) => one.className);
    expect(sides).toEqual(["words", "words", "", "words", "", "words", ""]);
  });
});

describe("axes", () => {
  const extents = fc.tuple(
    fc.integer({ min: -1000, max: 1000 }),
    fc.integer({ min: 1, max: 5000 }),
  );
  test.prop([extents, scales, fc.boolean(), fc.integer({ min: 2, max: 12 })], {
    seed: 66,
    numRuns: 300,
  })(
    "of what is counted are labelled at integers alone, those of two integers or more twice or more",
    ([low, length], scale, nice, ticks) => {
      const from = scale === "log" ? 1 + Math.abs(low) : low;
      const found = scaleOf({ label: "n", scale }, [from, from + length], {
        integers: true,
        nice,
        ticks,
      });
      expect(found.ticks.filter((tick) => !Number.isInteger(tick))).toEqual([]);
      if (scale === "linear") expect(found.ticks.length).toBeGreaterThan(1);
    },
  );

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

/** A colour in linear light, red, green and blue in [0, 1]. */
type Light = readonly [number, number, number];

/** `#rrggbb` in linear light. IEC 61966-2-1. */
function lightOf(hex: string): Light {
  const channel = (at: number): number => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

/** Contrast ratio in [1, 21]. WCAG 2.2, definition of contrast ratio. */
function contrast(a: Light, b: Light): number {
  const luminance = ([red, green, blue]: Light): number =>
    0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (high + 0.05) / (low + 0.05);
}

function times(matrix: readonly Light[], [x, y, z]: Light): Light {
  const [a = 0, b = 0, c = 0] = matrix.map(([p, q, r]) => p * x + q * y + r * z);
  return [a, b, c];
}

/** A mixture in Oklab, as the browser makes of `color-mix(in oklab, …)`. Matrices: Ottosson 2020. */
function mixture(from: Light, to: Light, share: number): Light {
  const lab = (light: Light): Light => {
    const [l, m, s] = times(
      [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
      ],
      light,
    );
    return times(
      [
        [0.2104542553, 0.793617785, -0.0040720468],
        [1.9779984951, -2.428592205, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.808675766],
      ],
      [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)],
    );
  };
  const [one, other] = [lab(from), lab(to)];
  const mixed = (at: 0 | 1 | 2): number => one[at] + share * (other[at] - one[at]);
  const [l, m, s] = times(
    [
      [1, 0.3963377774, 0.2158037573],
      [1, -0.1055613458, -0.0638541728],
      [1, -0.0894841775, -1.291485548],
    ],
    [mixed(0), mixed(1), mixed(2)],
  );
  return times(
    [
      [4.0767416621, -3.3077115913, 0.2309699292],
      [-1.2684380046, 2.6097574011, -0.3413193965],
      [-0.0041960863, -0.7034186147, 1.707614701],
    ],
    [l * l * l, m * m * m, s * s * s],
  );
}

describe.each(["light", "dark"])("the %s colours", (theme) => {
  const [light = "", dark = ""] = styleSheet.split("@media (prefers-color-scheme: dark)");
  const colour = (name: string): Light => {
    const text = theme === "light" ? light : dark;
    return lightOf(new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(text)?.[1] ?? "none");
  };

  test("of lines and bars stand out from the card 3 to 1, those of words 4.5 to 1", () => {
    // WCAG 2.2, criteria 1.4.11 and 1.4.3.
    for (let at = 0; at < 7; at++) {
      expect(contrast(colour(`series-${at}`), colour("card"))).toBeGreaterThan(3);
    }
    for (const name of ["yes", "no", "open", "ink", "soft"]) {
      expect(contrast(colour(name), colour("card"))).toBeGreaterThan(4.5);
    }
  });

  test("of digits in a heat map stand out 4.4 to 1 on every strength of the colour", () => {
    // Black and white cannot both stand out more than 4.58 to 1 anywhere; strengths come in steps of one per cent.
    for (let percent = 0; percent <= 100; percent++) {
      const ink = percent / 100 > strongShare ? "heat-strong" : "heat-weak";
      const ground = mixture(colour("heat-low"), colour("heat-high"), percent / 100);
      expect(contrast(colour(ink), ground)).toBeGreaterThan(4.4);
    }
  });
});
