/**
 * CSV: tables of text, their columns as numbers or as classes, and examples made of them.
 * Rests on csv-parse (RFC 4180), errors and dataset.
 */
import { CsvError, parse } from "csv-parse/sync";
import { FormatError, ValueError } from "../errors.ts";
import { arrayDataset } from "./combinators.ts";
import type { LabelledExamples } from "./dataset.ts";

/** How a CSV file is written. */
export interface CsvOptions {
  /** Between two fields: one character; default `","`. */
  readonly delimiter?: string;
  /** Whether the first line has the names of the columns; default true. Without it they are called `"0"`, `"1"`, … */
  readonly header?: boolean;
}

/** A table: columns of text, all of one length. */
export interface CsvTable {
  /** What it is, for messages. */
  readonly name: string;
  readonly columns: readonly string[];
  /** Number of rows, without the header. */
  readonly length: number;
  /** The text of a column, spaces around it removed. Throws ValueError for a column that is not there. */
  texts(column: string): readonly string[];
  /**
   * A column of numbers, float64: decimal, with `.` and an exponent if need be.
   * Throws FormatError for any other text, for an empty field and a number too large; ValueError as `texts`.
   */
  numbers(column: string): Float64Array;
  /** A column as labels: classes are its different texts, sorted by code unit, numbered from 0. */
  classes(column: string): { readonly labels: Int32Array; readonly classes: readonly string[] };
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * Reads a CSV file: UTF-8, with or without a byte order mark, lines ended by LF or CRLF, fields in double quotes where they
 * hold a delimiter, a quote (doubled) or a line's end. Empty lines are skipped. `name` is the file's, for messages; `where` the caller's.
 * Throws FormatError for bytes that are not UTF-8, rows of different length, quotes that do not match, no rows, and names of columns
 * that are empty or come twice; ValueError for a delimiter that is not one character.
 * Example: `parseCsv("a,b\n1,x\n", "t.csv").numbers("a")` is `[1]`.
 */
export function parseCsv(
  source: string | Uint8Array,
  name: string,
  { delimiter = ",", header = true }: CsvOptions = {},
  where = "parseCsv",
): CsvTable {
  const refuse = (expected: string, got: string, fix: string, cause?: unknown): FormatError =>
    new FormatError({ where, argument: name, expected, got, fix }, { cause });
  if (delimiter.length !== 1 || /["\r\n]/.test(delimiter)) {
    throw new ValueError({
      where,
      argument: "delimiter",
      expected: "to be one character, no quote and no line's end",
      got: JSON.stringify(delimiter),
      fix: 'Give what stands between two fields, such as ";" or "\\t"',
    });
  }
  const rows = rowsOf(source, delimiter, refuse);
  const columns = header
    ? (rows.shift() ?? [])
    : Array.from({ length: rows[0]?.length ?? 0 }, (_, i) => String(i));
  if (rows.length < 1) {
    throw refuse("to have at least one row", "none", "Check that this is the right file");
  }
  const twice = columns.find((column, i) => column === "" || columns.indexOf(column) !== i);
  if (twice !== undefined) {
    const fix = "Name the columns in the first line, or pass { header: false }";
    throw refuse("to name each column once", JSON.stringify(twice), fix);
  }
  const texts = (column: string): readonly string[] => {
    const index = columns.indexOf(column);
    if (index !== -1) return rows.map((row) => row[index] ?? "");
    throw new ValueError({
      where,
      argument: "column",
      expected: `to be one of ${columns.join(", ")}`,
      got: JSON.stringify(column),
      fix: `Name a column of ${name}`,
    });
  };
  const numbers = (column: string): Float64Array =>
    Float64Array.from(texts(column), (text, row) => {
      const value = decimal.test(text) ? Number(text) : Number.NaN;
      if (Number.isFinite(value)) return value;
      const got = `${JSON.stringify(text)} in row ${row + 1}`;
      throw refuse(`to have numbers in column ${column}`, got, "Mend or leave out that row");
    });
  const classes: CsvTable["classes"] = (column) => {
    const own = texts(column);
    const names = [...new Set(own)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const numbersOf = new Map(names.map((text, label) => [text, label]));
    return { labels: Int32Array.from(own, (text) => numbersOf.get(text) ?? 0), classes: names };
  };
  return { name, columns, length: rows.length, texts, numbers, classes };
}

/** Rows of equal length. */
function rowsOf(
  source: string | Uint8Array,
  delimiter: string,
  refuse: (expected: string, got: string, fix: string, cause?: unknown) => FormatError,
): string[][] {
  let text: string;
  try {
    text =
      typeof source === "string"
        ? source
        : new TextDecoder("utf-8", { fatal: true }).decode(source);
  } catch (cause) {
    throw refuse("to be UTF-8", "other bytes", "Save it as UTF-8", cause);
  }
  try {
    return parse(text, {
      bom: true,
      delimiter,
      record_delimiter: ["\r\n", "\n"],
      skip_empty_lines: true,
      trim: true,
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    const line = typeof cause["lines"] === "number" ? ` at line ${cause["lines"]}` : "";
    throw refuse(
      "to be CSV with rows of one length",
      `${cause.code}${line}`,
      "Mend that line, or give the delimiter",
      cause,
    );
  }
}

/** Which columns `csvExamples` takes. */
export interface CsvExamplesOptions {
  /** The columns of numbers that x is made of, in this order; at least one. */
  readonly x: readonly string[];
  /** The column of classes. */
  readonly y: string;
}

/**
 * Rows of a table as examples: x [number of columns] float32, y int32 as `table.classes(y)` numbers them.
 * Throws what `table.numbers` throws, FormatError for a number too large for float32, ValueError for no column.
 *
 * @example csvExamples(parseCsv(text, "iris.csv"), { x: ["length", "width"], y: "species" })
 */
export function csvExamples(table: CsvTable, { x, y }: CsvExamplesOptions): LabelledExamples {
  if (x.length < 1) {
    throw new ValueError({
      where: "csvExamples",
      argument: "x",
      expected: "to name at least one column",
      got: "none",
      fix: `Choose among ${table.columns.join(", ")}`,
    });
  }
  const columns = x.map((column) => float32Numbers(table, column));
  const values = Float32Array.from(
    { length: table.length * columns.length },
    (_, at) => columns[at % columns.length]?.[Math.floor(at / columns.length)] ?? 0,
  );
  return arrayDataset(
    table.length,
    { x: { shape: [columns.length], dtype: "float32" }, y: { shape: [], dtype: "int32" } },
    { x: values, y: table.classes(y).labels },
  );
}

/** The numbers of a column. Throws FormatError for one that float32 rounds to an infinity. */
function float32Numbers(table: CsvTable, column: string): Float64Array {
  const values = table.numbers(column);
  const row = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
  if (row === -1) return values;
  throw new FormatError({
    where: "csvExamples",
    argument: table.name,
    expected: `to have numbers that float32 holds in column ${column}`,
    got: `${values[row]} in row ${row + 1}`,
    fix: "Use another unit, such as thousands",
  });
}
