/**
 * Checkpoints: whatever a state holds comes back exactly, to all parts or to none, and a file is old or new, never between.
 */
import { fc, test } from "@fast-check/vitest";
import { describe, expect } from "vitest";
import {
  assign,
  buffer,
  FormatError,
  parameter,
  restoringCells,
  ShapeError,
  type State,
  type Stateful,
  Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import {
  decodeCheckpoint,
  encodeCheckpoint,
  encodeSafetensors,
  parseSafetensors,
  restoreCheckpoint,
} from "../core/io/index.ts";
import { f64, messageOf, numbers } from "./plain.ts";
import { goldenBytes, storedArray } from "./safetensors-samples.ts";

/** Holds any state. */
class Holder implements Stateful {
  #state: State;
  constructor(state: State) {
    this.#state = state;
  }
  state(): State {
    return this.#state;
  }
  restore(state: State): void {
    this.#state = shown(state);
  }
}

/** A state with each tensor as the text of its bits, so that two states can be compared. */
function shown(state: State): State {
  if (state instanceof Tensor) {
    const { buffer: memory } = state.elements();
    return `${state.dtype} [${state.shape}] ${new Uint8Array(memory).join(",")}`;
  }
  if (typeof state !== "object" || state === null) return state;
  if (Array.isArray(state)) return state.map(shown);
  return Object.fromEntries(Object.entries(state).map(([name, part]) => [name, shown(part)]));
}

const anyName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 4 }),
  fc.constantFrom("", "__proto__", "$number", "$tensor", "$$", "a/b", "a~1b", "0", "toString"),
);
const anyTensor = fc
  .tuple(
    fc.constantFrom("float32", "float64", "int32", "bool"),
    fc.array(fc.constantFrom(0, 1), { maxLength: 6 }),
    fc.boolean(),
  )
  .map(([dtype, data, flat]) => {
    const { data: elements } = storedArray(dtype, [data.length], data);
    const shape = flat ? [data.length] : [1, data.length, 1];
    return tensor(elements, dtype === "bool" ? { dtype, shape } : { shape });
  });
const anyState: fc.Arbitrary<State> = fc.letrec<{ state: State }>((tie) => ({
  state: fc.oneof(
    { maxDepth: 3 },
    fc.double(),
    fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53 - 1, 5e-324, true, null),
    fc.string({ unit: "binary" }),
    fc.constant("\ud800 alone"),
    anyTensor,
    fc.array(tie("state"), { maxLength: 3 }),
    fc.dictionary(anyName, tie("state"), { maxKeys: 3 }),
  ),
})).state;
const anyParts = fc.dictionary(anyName, anyState, { minKeys: 1, maxKeys: 4 });

/** A holder for each state. */
function holders(states: Readonly<Record<string, State>>): Readonly<Record<string, Holder>> {
  return Object.fromEntries(Object.entries(states).map(([name, s]) => [name, new Holder(s)]));
}

describe("a checkpoint", () => {
  test.prop([anyParts, anyState], { seed: 31, numRuns: 300 })(
    "gives back every state as it was: numbers, texts, names and tensors to the last bit",
    (states, noted) => {
      const notes = JSON.parse(JSON.stringify(shown(noted))) as State;
      const bytes = encodeCheckpoint(holders(states), { notes });
      const parts = holders(Object.fromEntries(Object.keys(states).map((name) => [name, null])));
      expect(restoreCheckpoint(bytes, parts)).toEqual(notes);
      for (const [name, state] of Object.entries(states)) {
        expect(
          Object.entries(parts)
            .find(([part]) => part === name)?.[1]
            .state(),
        ).toEqual(shown(state));
      }
    },
  );

  test.prop([anyParts], { seed: 32, numRuns: 100 })(
    "of equal states is equal bytes, whatever the order of names",
    (states) => {
      const bytes = encodeCheckpoint(holders(states));
      expect(encodeCheckpoint(holders(turned(states) as typeof states))).toEqual(bytes);
      expect(encodeCheckpoint(holders(decodeCheckpoint(bytes).parts))).toEqual(bytes);
    },
  );

  test("keeps what JSON has no word for", () => {
    const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0.1 + 0.2];
    const { parts, notes } = decodeCheckpoint(
      encodeCheckpoint({ odd: new Holder(odd) }, { notes: odd }),
    );
    expect([parts["odd"], notes]).toEqual([odd, odd]);
  });

  test("has its tensors under part and name, for any reader of safetensors", () => {
    const state = { "conv1.weight": f64([1, 2]), moments: [f64(3)], "a/b": f64(4) };
    const { tensors } = parseSafetensors(encodeCheckpoint({ net: new Holder(state) }), "f");
    expect(Object.keys(tensors)).toEqual(["net/a~1b", "net/conv1.weight", "net/moments/0"]);
  });

  test("tells names apart that would make one path", () => {
    const state = { "a/b": f64(1), a: { b: f64(2) }, "a~1b": f64(3), "": { c: f64(4) }, c: f64(5) };
    const { parts } = decodeCheckpoint(encodeCheckpoint({ part: new Holder(state) }));
    expect(shown(parts)).toEqual(shown({ part: state }));
  });

  test("of version 1 is written and read as the committed one, which the Python library reads", () => {
    const golden = goldenBytes("checkpoint.safetensors");
    expect(encodeCheckpoint(holders(sample()), { notes: { epoch: 3 } })).toEqual(golden);
    const { parts, notes } = decodeCheckpoint(golden);
    expect([shown(parts), notes]).toEqual([shown(sample()), { epoch: 3 }]);
  });
});

/** The states in the committed checkpoint. */
function sample(): Readonly<Record<string, State>> {
  return {
    net: {
      "linear1.weight": tensor([
        [0.5, -0],
        [Number.POSITIVE_INFINITY, 1e-45],
      ]),
      "linear1.bias": tensor([0.1, 0.2]),
    },
    optimizer: {
      steps: 12,
      moments: [f64([[1 / 3, Number.NEGATIVE_INFINITY]]), f64([5e-324])],
    },
    loader: { epoch: 1, order: tensor([2, 0, 1], { dtype: "int32" }) },
    schedule: { best: Number.POSITIVE_INFINITY, wait: 0, mask: tensor([true, false]) },
  };
}

/** The same state with the names of its objects in the opposite order. */
function turned(state: State): State {
  if (state instanceof Tensor || typeof state !== "object" || state === null) return state;
  if (Array.isArray(state)) return state.map(turned);
  const members = Object.entries(state).map(([name, part]): [string, State] => [
    name,
    turned(part),
  ]);
  return Object.fromEntries(members.reverse());
}

/** Cells by name, as a net has them. */
class Cells implements Stateful {
  readonly cells: Readonly<Record<string, Tensor>>;
  constructor(cells: Readonly<Record<string, Tensor>>) {
    this.cells = cells;
  }
  state(): State {
    return this.cells;
  }
  restore(state: State): void {
    restoringCells("net.restore", this.cells, state)();
  }
}

describe("restoring", () => {
  const parts = (shape: number): Readonly<Record<string, Cells>> => ({
    a: new Cells({ w: parameter(f64([1, 2])), n: buffer(f64([3])) }),
    b: new Cells({ w: parameter(f64([4])) }),
    c: new Cells({ w: parameter(f64(new Array(shape).fill(5))) }),
  });
  const values = (of: Readonly<Record<string, Cells>>): readonly number[] =>
    Object.values(of).flatMap(({ cells }) => Object.values(cells).flatMap(numbers));

  test("puts values into the cells that are there", () => {
    const target = parts(2);
    const before = { ...target["a"]?.cells };
    for (const cell of Object.values(before)) assign(cell, f64(numbers(cell).map((x) => x + 10)));
    restoreCheckpoint(encodeCheckpoint(parts(2)), target);
    expect(target["a"]?.cells).toEqual(before);
    expect(values(target)).toEqual([1, 2, 3, 4, 5, 5]);
  });

  test.each(["a", "b", "c"])("changes no part where %s does not fit", (name) => {
    const target = parts(2);
    for (const { cells } of Object.values(target)) {
      for (const cell of Object.values(cells)) assign(cell, f64(numbers(cell).map((x) => -x)));
    }
    const other = { ...parts(2), [name]: new Cells({ w: parameter(f64([7, 7, 7])) }) };
    const error = name === "a" ? ValueError : ShapeError;
    expect(() => restoreCheckpoint(encodeCheckpoint(other), target)).toThrow(error);
    expect(values(target)).toEqual([-1, -2, -3, -4, -5, -5]);
  });

  test("needs the parts that were saved, by the same names", () => {
    const { a, b } = parts(2);
    if (a === undefined || b === undefined) throw new Error("unreachable");
    const bytes = encodeCheckpoint({ a, b });
    expect(messageOf(() => restoreCheckpoint(bytes, { a }), ValueError)).toBe(
      "restoreCheckpoint: expected state to have exactly a, got b besides. Restore a state that the same kind of object gave.",
    );
    expect(messageOf(() => restoreCheckpoint(bytes, { a, b, c: a }), ValueError)).toContain(
      "got none of c",
    );
  });

  test("leaves nothing alive of the file's tensors, and nothing of the tensors that saving read", () => {
    let kept: State = null;
    const part: Stateful = {
      state: () => ({ w: f64([1]) }),
      restore: (state) => {
        kept = state;
      },
    };
    restoreCheckpoint(encodeCheckpoint({ part }), { part });
    expect(() => shown(kept)).toThrow("its scope ended");
  });
});

describe("saving refuses, word by word,", () => {
  const wrong: readonly [string, unknown, string, string][] = [
    ["undefined", { a: undefined }, "part/a", "undefined"],
    ["a Map", [new Map()], "part/0", "a Map"],
    ["a typed array", { "a/b": Int32Array.of(1) }, "part/a~1b", "a Int32Array"],
    ["a function", () => 1, "part", "() => 1"],
  ];
  test.each(wrong)("%s in a state", (_, state, path, got) => {
    const run = (): unknown => encodeCheckpoint({ part: new Holder(state as State) });
    expect(messageOf(run, ValueError)).toBe(
      `encodeCheckpoint: expected ${path} to be tensors and plain data, at most 100 levels deep, got ${got}. Give numbers, strings, booleans, null, tensors, and arrays and plain objects of them.`,
    );
  });

  test("a state that holds itself", () => {
    const circle: State[] = [];
    circle.push(circle);
    const run = (): unknown => encodeCheckpoint({ part: new Holder(circle) });
    expect(messageOf(run, ValueError)).toContain("got deeper levels");
  });

  test("tensors in notes", () => {
    const run = (): unknown => encodeCheckpoint({}, { notes: { best: f64(1) } });
    expect(messageOf(run, ValueError)).toBe(
      "encodeCheckpoint: expected notes to be plain data, got a tensor at best. Save tensors as the state of a part.",
    );
  });
});

describe("decodeCheckpoint refuses, word by word,", () => {
  const damaged = "The file is damaged: use an earlier one.";
  const nested = `${"[".repeat(200)}${"]".repeat(200)}`;
  const cases: readonly [string, string, string][] = [
    ["no JSON", "{", `to hold the text of a checkpoint, got no JSON. ${damaged}`],
    [
      "a key that stands twice",
      '{"notes":null,"parts":{},"parts":{},"version":1}',
      `to hold the text of a checkpoint, got another form of it. ${damaged}`,
    ],
    [
      "a number that JavaScript rounds",
      '{"notes":0.10000000000000000001,"parts":{},"version":1}',
      `to hold the text of a checkpoint, got another form of it. ${damaged}`,
    ],
    [
      "nesting without end",
      `{"notes":${nested},"parts":{},"version":1}`,
      `to hold the text of a checkpoint, got deeper levels. ${damaged}`,
    ],
    [
      "another version",
      '{"notes":null,"parts":{},"version":2}',
      'to be a checkpoint of version 1, got "2". Load it with the version of bitgrad that saved it.',
    ],
    [
      "a text of another kind",
      "[]",
      'to be a checkpoint of version 1, got "none". Load it with the version of bitgrad that saved it.',
    ],
    [
      "no notes",
      '{"parts":{},"version":1}',
      `to hold the text of a checkpoint, got one with "parts, version". ${damaged}`,
    ],
    [
      "a word that it does not know",
      '{"notes":{"$date":1},"parts":{},"version":1}',
      `to hold the text of a checkpoint, got the word "$date". ${damaged}`,
    ],
    [
      "a tensor that is not there",
      '{"notes":null,"parts":{"net":{"b":{"$tensor":true}}},"version":1}',
      `to hold the text of a checkpoint, got no tensor "net/b". ${damaged}`,
    ],
    [
      "a tensor that is nowhere mentioned",
      '{"notes":null,"parts":{"net":{}},"version":1}',
      `to hold the text of a checkpoint, got tensor "net/w" in no part. ${damaged}`,
    ],
    [
      "parts that are none",
      '{"notes":null,"parts":3,"version":1}',
      `to hold the text of a checkpoint, got no parts. ${damaged}`,
    ],
  ];
  test.each(cases)("%s", (name, text, message) => {
    const w = storedArray("float32", [1], [1]);
    const tensors = name.includes("nowhere") ? { "net/w": w } : {};
    const bytes = encodeSafetensors(tensors, { "bitgrad.checkpoint": text });
    expect(messageOf(() => decodeCheckpoint(bytes, "f"), FormatError)).toBe(
      `decodeCheckpoint: expected f ${message}`,
    );
  });

  test("a file of tensors alone", () => {
    expect(messageOf(() => decodeCheckpoint(encodeSafetensors({}), "f"), FormatError)).toBe(
      "decodeCheckpoint: expected f to be a checkpoint, with metadata bitgrad.checkpoint, got none. Read its tensors with loadSafetensors.",
    );
  });
});
