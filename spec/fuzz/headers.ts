/**
 * Damages that only safetensors knows: to its header as text, as a plan of arrays, and to a checkpoint's text inside it.
 * Rests on mutate. After each the header's length is told anew, so that readers come past it.
 */
import { fileOf } from "../safetensors-samples.ts";
import type { Draws } from "./draws.ts";
import { type Mutation, textMutations } from "./mutate.ts";

const dtypes = ["F64", "F32", "I32", "BOOL", "F16", "BF16", "I64", "U64", "U8", "I8", "F4", "C64"];
const headerWords: readonly string[] = [
  ...['"dtype"', '"shape"', '"data_offsets"', '"__metadata__"', '"__proto__"', '"\\u0061"', '"a"'],
  ...dtypes.map((dtype) => `"${dtype}"`),
  ...["null", "true", "1e3", "-", ".", ",", ":", "{", "}", "[", "]", "{}", "[]", " ", "\0", '"'],
];
const checkpointWords: readonly string[] = [
  ...['"$tensor"', '"$number"', '"$$"', '"$"', '"NaN"', '"-0"', "-0", '"__proto__"', '"w"', '""'],
  ...['"notes"', '"parts"', '"version"', "1", "2", "0.1", "1e400", "null", "true", "false"],
  ...[
    ",",
    ":",
    "{",
    "}",
    "[",
    "]",
    "{}",
    "[]",
    " ",
    '"',
    "\\",
    '{"$number":"NaN"}',
    '{"$tensor":true}',
  ],
];

/** A file's header as text, each byte a character, and its data. */
function parts(bytes: Uint8Array): { readonly text: string; readonly data: Uint8Array } {
  if (bytes.length < 8) return { text: "", data: bytes };
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = bytes.subarray(8, 8 + length);
  return {
    text: Buffer.from(header).toString("latin1"),
    data: bytes.subarray(8 + header.length),
  };
}

/** Damages to the header's text. */
export const headerMutations: readonly Mutation[] = textMutations(headerWords).map(
  ({ name, apply }) => ({
    name: `header: ${name}`,
    apply: (bytes, draws) => {
      const { text, data } = parts(bytes);
      return fileOf(Buffer.from(apply(text, draws), "latin1"), data);
    },
  }),
);

/** A member of a header, as it is understood: an array's, or the metadata's. */
interface Member {
  name: string;
  readonly info: { dtype?: string; shape?: number[]; data_offsets?: number[] };
}

/** The members of a header, if it is still JSON of objects. */
function membersOf(text: string): Member[] {
  try {
    const header: unknown = JSON.parse(Buffer.from(text, "latin1").toString());
    return Object.entries(Object(header)).map(([name, info]) => ({ name, info: Object(info) }));
  } catch {
    return [];
  }
}

/** A change to what the header says, which stays well-formed. */
type Change = (members: Member[], draws: Draws, data: Uint8Array) => Uint8Array | undefined;

const changes: Readonly<Record<string, Change>> = {
  "give another dtype": (members, draws) => {
    draws.of(members).info.dtype = draws.of(dtypes);
  },
  "change a length": (members, draws) => {
    const { shape = [] } = draws.of(members).info;
    const length = draws.of([0, 1, 2, 3, 4, 6, 8, 255, 2 ** 31, 2 ** 32, 2 ** 53 - 1]);
    shape.splice(draws.below(shape.length + 1), draws.below(2), length);
  },
  "move an offset": (members, draws) => {
    const { data_offsets: offsets = [] } = draws.of(members).info;
    const at = draws.below(offsets.length);
    const step = draws.of([-8, -4, -1, 1, 4, 8, 2 ** 32]);
    offsets[at] = Math.max(0, (offsets[at] ?? 0) + step);
  },
  "move an array": (members, draws) => {
    const { info } = draws.of(members);
    const step = draws.of([-8, -4, -1, 1, 4, 8]);
    info.data_offsets = (info.data_offsets ?? []).map((offset) => Math.max(0, offset + step));
  },
  "exchange the places of two arrays": (members, draws) => {
    const [a, b] = [draws.of(members).info, draws.of(members).info];
    const [from = [], to = []] = [a.data_offsets, b.data_offsets];
    a.data_offsets = to;
    b.data_offsets = from;
  },
  "repeat an array": (members, draws) => {
    const { name, info } = draws.of(members);
    members.push({ name: draws.of([name, `${name}'`]), info: { ...info } });
  },
  "forget an array": (members, draws) => {
    members.splice(draws.below(members.length), 1);
  },
  "rename an array": (members, draws) => {
    draws.of(members).name = draws.of([draws.of(members).name, "new", "__metadata__", "__proto__"]);
  },
  "add an empty array": (members, draws) => {
    const offset = draws.of(members).info.data_offsets?.[draws.below(2)] ?? 0;
    const shape = draws.of([[0], [0, 2 ** 53 - 1], new Array(30).fill(2 ** 53 - 1).concat([0])]);
    members.push({ name: "empty", info: { dtype: "F32", shape, data_offsets: [offset, offset] } });
  },
  "shuffle the members": (members, draws) => {
    for (let i = members.length - 1; i > 0; i--) {
      const other = members.splice(draws.below(i + 1), 1);
      members.push(...other);
    }
  },
  "change the data": (_, draws, data) => {
    const out = data.slice();
    for (let n = 0; n < 4 && out.length > 0; n++) out[draws.below(out.length)] = draws.below(256);
    return out;
  },
  "lengthen the data": (_, draws, data) => Buffer.concat([data, Buffer.alloc(draws.below(9))]),
};

/** Changes to what the header says. */
export const planMutations: readonly Mutation[] = Object.entries(changes).map(([name, change]) => ({
  name: `plan: ${name}`,
  apply: (bytes, draws) => {
    const { text, data } = parts(bytes);
    const members = membersOf(text);
    if (members.length === 0) return bytes;
    const changed = change(members, draws, data) ?? data;
    const written = members.map(
      ({ name, info }) => `${JSON.stringify(name)}:${JSON.stringify(info)}`,
    );
    return fileOf(`{${written.join(",")}}`, changed);
  },
}));

/** Damages to the text of a checkpoint. */
export const checkpointMutations: readonly Mutation[] = textMutations(checkpointWords).map(
  ({ name, apply }) => ({
    name: `state: ${name}`,
    apply: (bytes, draws) => {
      const { text, data } = parts(bytes);
      const members = membersOf(text);
      const written = members.map(({ name, info }) => {
        const entries = Object.entries(info).map(([key, value]): [string, unknown] => [
          key,
          name === "__metadata__" && typeof value === "string" ? apply(value, draws) : value,
        ]);
        return `${JSON.stringify(name)}:${JSON.stringify(Object.fromEntries(entries))}`;
      });
      return members.length === 0 ? bytes : fileOf(`{${written.join(",")}}`, data);
    },
  }),
);
