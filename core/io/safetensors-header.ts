/**
 * The header of a safetensors file: JSON of one fixed form, read strictly and in one pass.
 * Rests on quote and shape.
 *
 * `{"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}`: names in any
 * order. Not JSON.parse, which keeps the last of two equal keys, rounds long numbers, and builds whatever a damaged file
 * asks for; what is made here is at most a few times as large as the text.
 */
import type { Shape } from "../shape.ts";
import { quoteBriefly } from "./quote.ts";

/** What the header says of one tensor. */
export interface HeaderEntry {
  readonly name: string;
  /** As it is written: `"F32"`. */
  readonly dtype: string;
  readonly shape: Shape;
  /** Of its first byte, counted from the end of the header. */
  readonly begin: number;
  /** After its last byte. */
  readonly end: number;
}

/** What the header says. */
export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Makes the error to throw of what was expected and what came. */
export type Refuse = (expected: string, got: string) => Error;

/** Bytes of the longest header that is read or written, as in the Python library: 100 MB. */
export const longestHeader: number = 100_000_000;

/** Bytes of the header's length. */
export const prefix: number = 8;

/** The key under which texts may stand, which no tensor can have as its name. */
export const metadataKey = "__metadata__";

/** A lone half of a surrogate pair: no Unicode text, and nothing that UTF-8 can write. */
export const loneSurrogate: RegExp = /\p{Surrogate}/u;

/** Reads the header's text. Throws what `refuse` makes where it is not of the form above. */
export function readHeader(text: string, refuse: Refuse): Header {
  const cursor = new Cursor(text, refuse);
  const entries: HeaderEntry[] = [];
  const metadata: [string, string][] = [];
  if (!text.startsWith("{")) throw refuse("to have a header that begins with {", cursor.found());
  cursor.object((name) => {
    if (name === metadataKey) cursor.object((key) => metadata.push([key, cursor.string()]));
    else entries.push(readEntry(name, cursor, refuse));
  });
  cursor.skipSpace();
  if (!cursor.ended) throw cursor.unexpected("spaces after its header's last }");
  return { entries, metadata: Object.fromEntries(metadata) };
}

function readEntry(name: string, cursor: Cursor, refuse: Refuse): HeaderEntry {
  let dtype: string | undefined;
  let shape: Shape | undefined;
  let offsets: readonly number[] | undefined;
  cursor.object((field) => {
    if (field === "dtype") dtype = cursor.string();
    else if (field === "shape") shape = cursor.integers();
    else if (field === "data_offsets") offsets = cursor.integers();
    else {
      throw refuse(
        `to say only dtype, shape and data_offsets of ${quoteBriefly(name)}`,
        quoteBriefly(field),
      );
    }
  });
  const [begin, end] = offsets ?? [];
  const whole = begin !== undefined && end !== undefined && offsets?.length === 2;
  if (dtype === undefined || shape === undefined || !whole) {
    const missing = dtype === undefined ? "no dtype" : shape === undefined ? "no shape" : undefined;
    throw refuse(
      `to say dtype, shape and two data_offsets of ${quoteBriefly(name)}`,
      missing ?? (offsets === undefined ? "no data_offsets" : `${offsets.length} of them`),
    );
  }
  return { name, dtype, shape, begin, end };
}

/** A place in the text that moves over one token at a time. */
class Cursor {
  readonly #text: string;
  readonly #refuse: Refuse;
  #at = 0;

  constructor(text: string, refuse: Refuse) {
    this.#text = text;
    this.#refuse = refuse;
  }

  get ended(): boolean {
    return this.#at === this.#text.length;
  }

  /** What stands here, for messages. */
  found(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return "its end";
    return `${JSON.stringify(String.fromCodePoint(code))} at character ${this.#at}`;
  }

  unexpected(expected: string): Error {
    return this.#refuse(`to have ${expected}`, this.found());
  }

  skipSpace(): void {
    while (" \t\n\r".includes(this.#text.charAt(this.#at)) && !this.ended) this.#at++;
  }

  /** Moves over `char` and the space before it, if it stands here. */
  #takes(char: string): boolean {
    this.skipSpace();
    if (this.#text.charAt(this.#at) !== char || this.ended) return false;
    this.#at++;
    return true;
  }

  #take(char: string): void {
    if (!this.#takes(char)) throw this.unexpected(`${char} in its header`);
  }

  /** Items separated by commas up to `close`; `item` reads one. */
  #list(close: string, item: () => void): void {
    if (this.#takes(close)) return;
    do item();
    while (this.#takes(","));
    this.#take(close);
  }

  /** An object; `member` reads the value of a key. Throws where a key stands twice. */
  object(member: (key: string) => void): void {
    const keys = new Set<string>();
    this.#take("{");
    this.#list("}", () => {
      const key = this.string();
      if (keys.has(key)) {
        throw this.#refuse("to have each key of its header once", `${quoteBriefly(key)} twice`);
      }
      keys.add(key);
      this.#take(":");
      member(key);
    });
  }

  /** An array of integers in [0, 2^53). */
  integers(): readonly number[] {
    const numbers: number[] = [];
    this.#take("[");
    this.#list("]", () => numbers.push(this.#integer()));
    return numbers;
  }

  #integer(): number {
    this.skipSpace();
    const start = this.#at;
    while (/^[0-9]$/.test(this.#text.charAt(this.#at))) this.#at++;
    const digits = this.#text.slice(start, this.#at);
    const value = Number(digits);
    if (digits === "" || /[.eE]/.test(this.#text.charAt(this.#at))) {
      throw this.unexpected("integers ≥ 0 as shapes and offsets");
    }
    if ((digits.length > 1 && digits.startsWith("0")) || !Number.isSafeInteger(value)) {
      const expected = "to have integers below 2^53 without leading zeros as shapes and offsets";
      throw this.#refuse(expected, `${quoteBriefly(digits)} at character ${start}`);
    }
    return value;
  }

  /** A string, its escapes resolved. */
  string(): string {
    this.#take('"');
    const start = this.#at;
    let escaped = false;
    for (; ; this.#at++) {
      const code = this.#text.charCodeAt(this.#at); // NaN at the end
      if (code === 0x22) break;
      if (!(code >= 0x20)) throw this.unexpected('strings that end with " in its header');
      if (code === 0x5c) {
        escaped = true;
        this.#at++; // what is escaped is no end
        if (this.ended) throw this.unexpected('strings that end with " in its header');
      }
    }
    const raw = this.#text.slice(start, this.#at++);
    return escaped ? this.#unescape(raw, start) : raw;
  }

  #unescape(raw: string, start: number): string {
    const got = `${quoteBriefly(raw)} at character ${start}`;
    let text: string;
    try {
      text = JSON.parse(`"${raw}"`);
    } catch {
      throw this.#refuse("to have JSON's escapes in the strings of its header", got);
    }
    if (loneSurrogate.test(text)) {
      throw this.#refuse("to have Unicode text in the strings of its header", got);
    }
    return text;
  }
}
