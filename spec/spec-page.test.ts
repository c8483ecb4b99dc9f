/** The page of what has been proven: what is broken shows, and every figure on it is what ran. */
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { registry } from "../core/index.ts";
import type { LawResult, Proof } from "./deep/proof.ts";
import { resultsOf } from "./deep/proof.ts";
import { proofs } from "./deep/proofs.ts";
import { SpecTally } from "./deep/tally.ts";
import { isAlike, isNear } from "./laws/observed.ts";
import { exceptionLists } from "./page/exceptions.ts";
import { percentOf, shownOf } from "./page/matrix.ts";
import { renderProven } from "./page/render.ts";

const context = {
  environment: { bitgrad: "0.0.0", commit: null },
  command: "npm run spec -- --seed 5",
  exceptions: exceptionLists(),
  kept: [{ subject: "exp", law: "tangent", seed: 9, runs: 32 }],
};
const options = { seed: 5, runs: 8, device: "wasm" };

/** A proof of laws that make these comparisons of errors with a bound of 1, and one exact one. */
function proofOf(kind: Proof["kind"], name: string, errors: Readonly<Record<string, number>>) {
  const laws = Object.keys(errors).map((law) => ({ name: law, claim: `${law} holds` }));
  const results = resultsOf(name, options, laws, (law) => {
    isAlike(true);
    const isFine = isNear(errors[law.name] ?? 0, 1);
    return { examples: 3, failure: isFine ? null : new Error(`${law.name} of <${name}> is off`) };
  });
  return { kind, name, results };
}

function pageOf(
  ...proven: readonly { kind: Proof["kind"]; name: string; results: readonly LawResult[] }[]
) {
  const tally = new SpecTally();
  tally.passes.push(options);
  for (const { results, ...proof } of proven) tally.add(proof, results);
  const text = renderProven(tally, context);
  const { document } = parseHTML(text);
  return { text, tally, document };
}

type Document = ReturnType<typeof pageOf>["document"];

/** The cells of a row, by the name of their column. */
function cellsOf(document: Document, subject: string) {
  const row = [...document.querySelectorAll(".laws tbody tr")].find(
    (candidate) => candidate.querySelector("th")?.textContent === subject,
  );
  const heads = [...(row?.closest("table")?.querySelectorAll("thead th") ?? [])].slice(1);
  const cells = [...(row?.querySelectorAll("td") ?? [])];
  return Object.fromEntries(
    heads.flatMap((head, i) => (cells[i] === undefined ? [] : [[head.textContent, cells[i]]])),
  );
}

describe("a cell", () => {
  const seen = { examples: 7, observed: { measured: 2, worst: 0.432, exact: 1 }, broken: null };

  test("shows the worst error in percent of its bound", () => {
    expect(shownOf(seen)).toEqual({
      kind: "measured",
      text: "43",
      words: "7 examples, 2 comparisons, the worst error 43 % of its bound",
    });
  });

  test.each([
    [{ ...seen, observed: { measured: 0, worst: 0, exact: 4 } }, "exact", "="],
    [{ ...seen, observed: { measured: 0, worst: 0, exact: 0 } }, "held", "✓"],
    [{ ...seen, broken: "why" }, "broken", "✗"],
  ] as const)("shows exact, held and broken laws by signs of their own", (cell, kind, text) => {
    expect([shownOf(cell).kind, shownOf(cell).text]).toEqual([kind, text]);
  });

  test.each([
    [0, "0"],
    [0.0004, "<0.1"],
    [0.0321, "3.2"],
    [0.0996, "10"],
    [1, "100"],
  ])("writes a share of %d as %s percent", (share, text) => {
    expect(percentOf(share)).toBe(text);
  });
});

describe("the page", () => {
  const { text, tally, document } = pageOf(
    proofOf("op", "exp", { tangent: 0.25, adjoint: 0 }),
    proofOf("op", "log", { tangent: 1.5 }),
    proofOf("part", "models", { scopes: 0.5 }),
  );

  test("shows a planted error: red in its cell and in that of all, and its words at the top", () => {
    expect(cellsOf(document, "log")["tangent"]?.className).toBe("broken");
    expect(cellsOf(document, "exp")["tangent"]?.className).toBe("measured");
    const totals = [...document.querySelectorAll(".laws tfoot td")].map((cell) => cell.className);
    expect(totals).toEqual(["broken", "measured"]);
    expect(document.querySelector("section")?.textContent).toContain("tangent of <log> is off");
    expect(document.querySelector("header p")?.textContent).toContain("1 broken.");
    expect(tally.broken).toBe(1);
  });

  test("without one says that none is broken, and has no such section", () => {
    const fine = pageOf(proofOf("op", "exp", { tangent: 0.25 }));
    expect(fine.document.querySelector("header p")?.textContent).toBe(
      "3 examples of 1 pairs of a law and what it is held against. None is broken.",
    );
    expect(fine.document.querySelectorAll(".breach").length).toBe(0);
  });

  test("loads nothing, runs no script, and names rows and columns", () => {
    expect(text).not.toMatch(/<script|<link|https?:|url\(/);
    for (const table of document.querySelectorAll("table.laws, table.verdicts")) {
      expect(
        [...table.querySelectorAll("thead th")].every((th) => th.getAttribute("scope") === "col"),
      ).toBe(true);
      expect(
        [...table.querySelectorAll("tbody th")].every((th) => th.getAttribute("scope") === "row"),
      ).toBe(true);
    }
  });

  test("names every exception with its reason, the kept examples, seed, budget and command", () => {
    const all = document.body.textContent;
    for (const { title, entries } of exceptionLists()) {
      expect(all).toContain(title);
      for (const { names, reason } of entries) {
        expect(all).toContain(names.join(", "));
        expect(all).toContain(reason);
      }
    }
    for (const part of ["exp, tangent, seed 9", "5 with 8 cases a law", context.command]) {
      expect(all).toContain(part);
    }
  });
});

test("counts of several passes add up, and the worst error stays", () => {
  const twice = pageOf(
    proofOf("op", "exp", { tangent: 0.75 }),
    proofOf("op", "exp", { tangent: 0.25 }),
  );
  expect(twice.tally.cells).toEqual([
    {
      law: "tangent",
      claim: "tangent holds",
      examples: 6,
      observed: { measured: 2, worst: 0.75, exact: 2 },
      broken: null,
    },
  ]);
  expect(cellsOf(twice.document, "exp")["tangent"]?.textContent).toBe("756");
});

test("figures of a real op are what its laws ran: examples, comparisons, worst error", async () => {
  const proof = proofs.find(({ name }) => name === "exp");
  const results = (await proof?.run(options)) ?? [];
  const { document, tally } = pageOf({ kind: "op", name: "exp", results });
  const cells = cellsOf(document, "exp");
  expect(Object.keys(cells)).toEqual(results.map(({ law }) => law));
  for (const { law, examples, observed, found } of results) {
    expect(cells[law]?.textContent).toBe(
      `${shownOf({ examples, observed, broken: null }).text}${examples}`,
    );
    expect([found, observed.worst > 1]).toEqual([null, false]);
    expect(observed.measured + observed.exact).toBeGreaterThan(0);
  }
  const examples = results.reduce((total, result) => total + result.examples, 0);
  expect(tally.examples).toBe(examples);
  expect(registry.some(({ name }) => name === "exp")).toBe(true);
});
