/**
 * Studies as a report reads them: the files `<store>/<experiment>/studies/<name>.json`, checked.
 * Rests on zod and the run store.
 */
import { z } from "zod";
import { FormatError } from "../../core/index.ts";
import type { Figure } from "../engine/figure.ts";
import { readObject } from "../engine/run-store.ts";
import type { Values } from "../engine/values.ts";
import type { ProfileName, Verdict } from "../engine/verdict.ts";

/** One selection of one experiment, and what its runs came to. */
export interface StudyRecord {
  readonly experiment: string;
  /** `"quick"`, `"full"`, or `"custom-"` and the beginning of a hash. */
  readonly name: string;
  /** What to write after `bitgrad run`. */
  readonly command: string;
  readonly title: string;
  readonly question: string;
  readonly claims: readonly string[];
  readonly source: string;
  readonly kind: "statistical" | "deterministic";
  readonly profile: ProfileName;
  /** The profile that a custom selection changes. */
  readonly base: "quick" | "full";
  readonly device: string;
  readonly overrides: Readonly<Record<string, readonly Values[string][]>>;
  readonly seeds: readonly number[];
  readonly runs: readonly { readonly key: string; readonly fingerprint: string }[];
  readonly failures: readonly {
    readonly key: string;
    readonly config: Values;
    readonly seed: number;
    readonly message: string;
  }[];
  /** Why there are no verdicts though all runs are there. */
  readonly note: string | null;
  readonly verdicts: Readonly<Record<string, Verdict>>;
  readonly figures: readonly Figure[];
}

/** Any number, NaN and infinities too, which zod's refuse. */
const anyNumber = z.custom<number>((value) => typeof value === "number", "expected a number");
const text = z.string();
const optionalNumber = z.exactOptional(anyNumber);

const axis = z.strictObject({
  label: text,
  unit: z.exactOptional(text),
  scale: z.exactOptional(z.enum(["linear", "log"])),
  range: z.exactOptional(z.tuple([z.number(), z.number()])),
});
const words = { title: text, caption: z.exactOptional(text) };
const figure = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("lines"),
    ...words,
    x: axis,
    y: axis,
    series: z.array(
      z.strictObject({
        name: text,
        points: z.array(
          z.strictObject({ x: anyNumber, y: anyNumber, low: optionalNumber, high: optionalNumber }),
        ),
        mark: z.exactOptional(z.enum(["line", "path", "dots"])),
        dashed: z.exactOptional(z.boolean()),
      }),
    ),
    rules: z.exactOptional(z.array(z.strictObject({ y: anyNumber, label: text }))),
    contours: z.exactOptional(
      z.strictObject({
        xs: z.array(anyNumber),
        ys: z.array(anyNumber),
        z: z.array(z.array(anyNumber)),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("bars"),
    ...words,
    x: text,
    y: axis,
    bars: z.array(
      z.strictObject({
        group: text,
        series: text,
        y: anyNumber,
        low: optionalNumber,
        high: optionalNumber,
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("histograms"),
    ...words,
    x: axis,
    rows: z.array(
      z.strictObject({
        name: text,
        panels: z.array(
          z.strictObject({ title: text, edges: z.array(anyNumber), counts: z.array(anyNumber) }),
        ),
      }),
    ),
  }),
  z.strictObject({
    kind: z.literal("heat"),
    ...words,
    x: axis,
    y: axis,
    value: axis,
    cells: z.array(z.strictObject({ x: anyNumber, y: anyNumber, value: anyNumber })),
  }),
  z.strictObject({
    kind: z.literal("table"),
    ...words,
    columns: z.array(text),
    rows: z.array(z.array(z.union([text, anyNumber, z.null()]))),
  }),
]);

const verdict = z.strictObject({
  verdict: z.enum(["reproduced", "not reproduced", "inconclusive"]),
  threshold: text,
  reason: text,
  measured: text,
  paper: z.exactOptional(text),
  effect: z.exactOptional(
    z.strictObject({
      name: text,
      mean: anyNumber,
      low: anyNumber,
      high: anyNumber,
      confidence: z.number().gt(0).lt(1),
      standardised: optionalNumber,
    }),
  ),
  p: z.exactOptional(z.number().min(0).max(1)),
});

const values = z.record(text, z.unknown());
const study = z.strictObject({
  experiment: text,
  name: text,
  command: text,
  title: text,
  question: text,
  claims: z.array(text),
  source: text,
  kind: z.enum(["statistical", "deterministic"]),
  profile: z.enum(["quick", "full", "custom"]),
  base: z.enum(["quick", "full"]),
  device: text,
  overrides: z.record(text, z.array(z.unknown())),
  seeds: z.array(z.int()),
  runs: z.array(z.strictObject({ key: text, fingerprint: text })),
  failures: z.array(z.strictObject({ key: text, config: values, seed: z.int(), message: text })),
  note: text.nullable(),
  verdicts: z.record(text, verdict),
  figures: z.array(figure),
});

const full = z.strictObject({
  commit: text.nullable(),
  runs: z.int(),
  seeds: z.int(),
  seconds: z.number(),
  fingerprint: text,
  verdicts: z.record(text, verdict),
});

/** Reads a study. Throws FormatError where the file is damaged or of another bitgrad. */
export function readStudyRecord(path: string): StudyRecord {
  const value: unknown = readObject(path);
  requireShape<StudyRecord>(path, study, value);
  return value;
}

/** Asserts that `value` is the entry of one experiment among the full verdicts. Throws FormatError otherwise. */
export function requireVerdicts<T>(path: string, value: unknown): asserts value is T {
  requireShape<T>(path, full, value);
}

/** Asserts that `value` is what `schema` describes. Throws FormatError, naming the first place where it is not. */
function requireShape<T>(path: string, schema: z.ZodType, value: unknown): asserts value is T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return;
  const [issue] = parsed.error.issues;
  throw new FormatError({
    where: "bitgrad report",
    argument: path,
    expected: "to be a study as bitgrad run writes it",
    got: `at ${issue?.path.join("/") ?? ""}: ${issue?.message ?? "something else"}`,
    fix: "Run the experiment again: finished runs are taken from the store",
  });
}
