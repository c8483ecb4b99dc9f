/** The report of a run: it shows the figures of its record, loads nothing, and lets nothing in. */
import { fc, test } from "@fast-check/vitest";
import { parseHTML } from "linkedom";
import { describe, expect } from "vitest";
import { ValueError } from "../core/errors.ts";
import { html } from "../research/report/html.ts";
import { type Mistake, recordImage, type TrainingRecord } from "../research/report/record.ts";
import { renderReport } from "../research/report/render.ts";

/** A mistake on image `index` with this loss. */
function mistake(index: number, loss: number | null): Mistake {
  const image = recordImage(Uint8Array.of(0, 85, 170, 255), [1, 2, 2]);
  return { index, label: 1, predicted: 2, probability: 0.01, loss, image };
}

/** A small record, any part of which a test may replace. */
function record(change: Partial<TrainingRecord> = {}): TrainingRecord {
  return {
    title: "A net on dots",
    command: "npm run -s bitgrad -- train --seed 7",
    config: { batch: 32, learningRate: 0.002, note: null },
    environment: { node: "v20.20.2", device: "reference" },
    dataset: { name: "dots", trainCount: 12345, testCount: 1000, mean: [0.1307], std: [0.3081] },
    net: [
      { layer: "Linear(4 → 3)", outputShape: [3], parameters: 15 },
      { layer: "Linear(3 → 3)", outputShape: [3], parameters: 1012 },
    ],
    lossName: "cross-entropy (nats)",
    outcome: "finished",
    steps: Array.from({ length: 100 }, (_, i) => ({
      step: i + 1,
      epoch: (i + 1) / 50,
      loss: 2 / (i + 1),
    })),
    epochs: [
      { epoch: 1, trainLoss: 0.5, trainAccuracy: 0.9, testLoss: 0.4, testAccuracy: 0.95 },
      { epoch: 2, trainLoss: 0.2, trainAccuracy: 0.97, testLoss: 0.1234567, testAccuracy: 0.978 },
    ],
    confusion: {
      classes: ["a", "b", "c"],
      counts: [
        [300, 0, 0],
        [2, 308, 20],
        [0, 0, 370],
      ],
    },
    mistakes: [mistake(5, 4.6)],
    testAccuracy: 0.978,
    fingerprint: "0123abcd",
    bitReproducible: true,
    timing: {
      startedAt: "2026-01-12T09:14:03Z",
      finishedAt: "2026-01-12T09:17:31Z",
      seconds: 208.4,
      epochSeconds: [104, 103.5],
    },
    ...change,
  };
}

/** What a reader sees of a report: its text with white space made one space. */
function textOf(page: string): string {
  const { document } = parseHTML(page);
  for (const style of document.querySelectorAll("style")) style.remove();
  return (document.documentElement.textContent ?? "").replace(/\s+/g, " ");
}

describe("a report", () => {
  const page = renderReport(record());
  const text = textOf(page);

  test.each([
    ["the accuracy", "97.80 %"],
    ["what it counts", "978 of 1,000 test images"],
    ["the fingerprint", "0123abcd"],
    ["the command", "npm run -s bitgrad -- train --seed 7"],
    ["the smoothing", "mean over a centred window of 3 steps, cut off at both ends"],
    ["the loss after the last epoch", "0.1235"],
    ["a recall", "93.3"],
    ["a precision", "94.9"],
    ["a mistake", "b read as c, p(b) = 0.01"],
    ["the parameters in all", "1,027"],
    ["the statistics of the data", "0.1307"],
    ["the configuration", "learningRate0.002"],
    ["the environment", "v20.20.2"],
    ["the time taken", "3 min 28 s"],
  ])("shows %s", (_, shown) => {
    expect(text).toContain(shown);
  });

  test("says beside the epochs that a run diverged, and nothing of one that finished", () => {
    const heading = "100 steps in 2 epochs";
    expect(text).toMatch(new RegExp(`${heading}(?!,)`));
    expect(textOf(renderReport(record({ outcome: "diverged" })))).toContain(`${heading}, diverged`);
  });

  test("is the same bytes for the same record, read back from JSON too", () => {
    expect(renderReport(record())).toBe(page);
    expect(renderReport(JSON.parse(JSON.stringify(record())))).toBe(page);
  });

  test("differs from itself only where times stand when only times differ", () => {
    const later = { startedAt: "then", finishedAt: "now", seconds: 9, epochSeconds: [4, 5] };
    const cut = (html: string): string => html.replace(/<h2>Time<\/h2>.*?<\/table>/s, "");
    expect(cut(renderReport(record({ timing: later })))).toBe(cut(page));
  });

  test("loads nothing and runs nothing", () => {
    const { document } = parseHTML(page);
    expect(document.querySelectorAll("script, link, iframe, object, embed, base").length).toBe(0);
    for (const element of document.querySelectorAll("[src], [href], [srcset], [action]")) {
      expect(element.getAttribute("src")).toMatch(/^data:image\/png;base64,/);
    }
    expect(page).not.toMatch(/https?:\/\/(?!www\.w3\.org\/(?:2000\/svg|1999\/xlink))/);
    expect(page).not.toMatch(/url\(|@import/);
    const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]");
    expect(policy?.getAttribute("content")).toContain("default-src 'none'");
  });

  test("gives each drawing a title and a description, and each table head a scope", () => {
    const { document } = parseHTML(page);
    const drawings = [...document.querySelectorAll("svg[role=img]")];
    expect(drawings.length).toBe(4);
    for (const svg of drawings) {
      for (const [name, tag] of [
        ["aria-labelledby", "title"],
        ["aria-describedby", "desc"],
      ] as const) {
        expect(document.getElementById(svg.getAttribute(name) ?? "")?.localName).toBe(tag);
      }
    }
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.querySelectorAll("th:not([scope])").length).toBe(0);
    for (const image of document.querySelectorAll("img")) {
      expect(image.getAttribute("alt")).not.toBe("");
    }
  });

  test("puts a number at each tick, on a logarithmic axis too", () => {
    const steps = [3, 0.1, 0.006].map((loss, i) => ({ step: i + 1, epoch: i + 1, loss }));
    const { document } = parseHTML(renderReport(record({ steps })));
    for (const svg of document.querySelectorAll("svg[role=img]")) {
      const ticks = svg.querySelectorAll('[aria-label="y-axis tick"] path');
      const numbers = [...svg.querySelectorAll('[aria-label="y-axis tick label"] text')];
      expect(ticks.length).toBeGreaterThan(1);
      expect(numbers.map(({ textContent }) => textContent !== "")).toEqual(
        Array.from(ticks, () => true),
      );
    }
  });

  test("shows the 24 mistakes with the highest loss, not finite above all, ties by number", () => {
    const losses = Array.from({ length: 40 }, (_, i) => (i === 3 ? null : (i * 7) % 20));
    const shown = parseHTML(
      renderReport(record({ mistakes: losses.map((loss, i) => mistake(i, loss)) })),
    ).document.querySelectorAll(".mistakes .note");
    const numbers = [...shown].map((note) => Number(note.textContent?.match(/no\.\s(\d+)/)?.[1]));
    // i·7 mod 20 takes each value at i and i + 20, so 19 first at 17 and 37, and so on downwards.
    expect(numbers.length).toBe(24);
    expect(numbers.slice(0, 5)).toEqual([3, 17, 37, 14, 34]);
  });

  test("says so where no epoch ended, no mistake was made, and a loss was not finite", () => {
    const steps = [1, 2].map((step) => ({ step, epoch: step / 9, loss: step === 1 ? 2 : null }));
    const timing = { ...record().timing, epochSeconds: [] };
    const shown = textOf(renderReport(record({ epochs: [], mistakes: [], steps, timing })));
    expect(shown).toContain("No epoch was completed.");
    expect(shown).toContain("No mistake was recorded.");
    expect(shown).toContain("1 step with a loss that is not finite is not drawn.");
    expect(shown).toContain("Too few steps to smooth.");
  });

  test("says when its device does not promise the same bits", () => {
    expect(textOf(renderReport(record({ bitReproducible: false })))).toContain("Not bit-repro");
    expect(text).not.toContain("Not bit-reproducible");
  });
});

describe("text from outside", () => {
  const hostile = `"><script>alert(1)</script><img src=x onerror='1'>&lt;`;
  const texts = fc.oneof(
    fc.constant(hostile),
    fc.string({ unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "b", "-", " ", "]", "`") }),
  );

  test.prop([texts], { seed: 31, numRuns: 20 })("never becomes markup, wherever it stands", (s) => {
    const run = record();
    const page = renderReport({
      ...run,
      title: s,
      command: s,
      config: { [`k${s}`]: s },
      environment: { [`k${s}`]: s },
      dataset: { ...run.dataset, name: s },
      net: [{ layer: s, outputShape: [1], parameters: 0 }],
      lossName: s,
      confusion: { ...run.confusion, classes: [s, s, s] },
      fingerprint: s,
      timing: { ...run.timing, startedAt: s, finishedAt: s },
    });
    const elements = (html: string): string[] =>
      [...parseHTML(html).document.querySelectorAll("*")].map(({ localName }) => localName).sort();
    const plain = renderReport({ ...run, title: "t", lossName: "l" });
    const extra = ["span", "text", "tr", "td", "th", "code"]; // words, axis label, rows: as many as there are
    const kinds = (html: string): string[] =>
      elements(html).filter((name) => !extra.includes(name));
    expect(kinds(page)).toEqual(kinds(plain));
    const { document } = parseHTML(page);
    expect(document.querySelector("h1")?.textContent).toBe(s);
    expect(document.querySelector(".hash")?.textContent).toBe(s);
    expect(document.querySelector("pre")?.textContent).toBe(s);
    const attributes = [...document.querySelectorAll("*")].flatMap((e) => e.getAttributeNames());
    expect(attributes.filter((name) => name.startsWith("on"))).toEqual([]);
  });

  test("is escaped in a template unless it is Markup", () => {
    const inner = html`<b>${"<&>"}</b>`;
    expect(html`<p title="${`"'`}">${inner}${[inner, inner]}${7}</p>`.text).toBe(
      `<p title="&quot;&#39;">${"<b>&lt;&amp;&gt;</b>".repeat(3)}7</p>`,
    );
  });
});

describe("renderReport refuses, word by word,", () => {
  const fix = "Record what the run measured, without editing it.";
  const image = recordImage(new Uint8Array(3), [1, 2, 2]);
  const cases: readonly [string, Partial<TrainingRecord>, string][] = [
    [
      "an accuracy that the confusion matrix denies",
      { testAccuracy: 0.98 },
      `expected testAccuracy to be 978 / 1000, as in the confusion matrix, got 0.98. ${fix}`,
    ],
    [
      "an accuracy that is NaN",
      { testAccuracy: Number.NaN },
      `expected testAccuracy to be 978 / 1000, as in the confusion matrix, got NaN. ${fix}`,
    ],
    [
      "a confusion matrix that is not square",
      { confusion: { classes: ["a", "b"], counts: [[1, 0], [1]] } },
      `expected confusion.counts[1] to have 2 columns, one for each class, got 1. ${fix}`,
    ],
    [
      "a count that is none",
      { confusion: { classes: ["a"], counts: [[-1]] } },
      `expected confusion.counts[0] to hold integers ≥ 0, got -1. ${fix}`,
    ],
    [
      "another number of test images than were counted",
      { dataset: { ...record().dataset, testCount: 999 } },
      `expected dataset.testCount to be the 1000 images of the confusion matrix, got 999. ${fix}`,
    ],
    [
      "a mistake that is none",
      { mistakes: [{ ...mistake(1, 2), predicted: 1 }] },
      `expected mistakes[0].predicted to be another class than 1, in [0, 3), got 1. ${fix}`,
    ],
    [
      "a picture that is not of its size",
      { mistakes: [{ ...mistake(1, 2), image }] },
      `expected mistakes[0].image.bytes to hold 1 × 2 × 2 bytes, got 3. ${fix}`,
    ],
    [
      "steps that go back",
      { steps: [2, 1].map((step) => ({ step, epoch: 0, loss: 1 })) },
      `expected steps[1].step to be an integer greater than the one before, got 1. ${fix}`,
    ],
    [
      "epochs without their times",
      { timing: { ...record().timing, epochSeconds: [1] } },
      `expected timing.epochSeconds to have 2 entries, one for each epoch, got 1. ${fix}`,
    ],
  ];
  test.each(cases)("%s", (_, change, message) => {
    expect(() => renderReport(record(change))).toThrow(ValueError);
    expect(() => renderReport(record(change))).toThrow(`renderReport: ${message}`);
  });
});
