/**
 * Scopes and lifetimes against a model: random programs of nested scopes, views, kept values, errors and late uses. After
 * every action the same values are alive, with the same numbers, and the device holds as many blocks as the model.
 * Rests on fast-check and core; runs on the reference device, where every value is a block.
 */
import fc from "fast-check";
import {
  add,
  keep,
  ScopeError,
  scope,
  type Tensor,
  tensor,
  transpose,
  withDevice,
} from "../../core/index.ts";
import { countingMemory } from "../counting-memory.ts";

/** One action; values are named by number, modulo how many there are. */
type Action =
  | { readonly do: "make"; readonly value: number }
  | { readonly do: "add"; readonly left: number; readonly right: number }
  | { readonly do: "view" | "keep"; readonly of: number }
  | {
      readonly do: "scope";
      readonly body: readonly Action[];
      /** Which value leaves with the result, or none; and whether the body ends with an error. */
      readonly result: number | null;
      readonly throws: boolean;
    };

/** A block of memory, as the model sees it. */
interface Block {
  alive: boolean;
  kept: boolean;
}

/** A value: a tensor and what is expected of it. */
interface Value {
  readonly tensor: Tensor;
  readonly block: Block;
  readonly number: number;
}

const of = fc.nat(20);
const small = fc.integer({ min: -9, max: 9 });

/** Programs of up to `depth` scopes in each other. */
function programs(depth: number): fc.Arbitrary<readonly Action[]> {
  const plain: fc.Arbitrary<Action>[] = [
    fc.record({ do: fc.constant("make" as const), value: small }),
    fc.record({ do: fc.constant("add" as const), left: of, right: of }),
    fc.record({ do: fc.constantFrom("view" as const, "keep" as const), of }),
  ];
  const nested: fc.Arbitrary<Action>[] =
    depth === 0
      ? []
      : [
          fc.record({
            do: fc.constant("scope" as const),
            body: programs(depth - 1),
            result: fc.option(of, { nil: null }),
            throws: fc.integer({ min: 0, max: 3 }).map((k) => k === 3),
          }),
        ];
  return fc.array(fc.oneof(...plain, ...nested), { maxLength: 7 });
}

/** Runs `program` in both worlds. */
function compare(program: readonly Action[], blocks: () => number): void {
  const values: Value[] = [];
  const all: Block[] = [];
  const pick = (n: number): Value | undefined => values[n % Math.max(1, values.length)];
  const made = (from: Tensor, number: number, owner: Set<Block> | null): void => {
    const block: Block = { alive: true, kept: false };
    owner?.add(block);
    all.push(block);
    values.push({ tensor: from, block, number });
  };

  const check = (): void => {
    for (const { tensor: x, block, number } of values) {
      if (block.alive) same("a value", x.elements()[0], number);
      else refused(() => x.elements());
    }
    same("blocks in use", blocks(), all.filter(({ alive }) => alive).length);
  };

  const run = (action: Action, owner: Set<Block> | null): void => {
    if (action.do === "make") {
      made(tensor([[action.value]], { dtype: "float64" }), action.value, owner);
    } else if (action.do === "add") {
      const [a, b] = [pick(action.left), pick(action.right)];
      if (a === undefined || b === undefined) return;
      if (a.block.alive && b.block.alive) {
        made(add(a.tensor, b.tensor), a.number + b.number, owner);
      } else refused(() => add(a.tensor, b.tensor));
    } else if (action.do === "scope") {
      enter(action, owner);
    } else {
      const value = pick(action.of);
      if (value === undefined || !value.block.alive) return;
      if (action.do === "keep") {
        keep(value.tensor);
        value.block.kept = true;
      } else {
        values.push({ ...value, tensor: transpose(value.tensor) });
      }
    }
  };

  const enter = (
    { body, result, throws }: Action & { do: "scope" },
    outer: Set<Block> | null,
  ): void => {
    const mine = new Set<Block>();
    let leaving: Value | undefined;
    try {
      scope(() => {
        for (const action of body) {
          run(action, mine);
          check();
        }
        if (throws) throw new RangeError("on purpose");
        leaving = result === null ? undefined : pick(result);
        return leaving?.tensor;
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    for (const block of mine) {
      if (block === leaving?.block) outer?.add(block);
      else if (!block.kept) block.alive = false;
    }
  };

  for (const action of program) {
    run(action, null);
    check();
  }
}

function same(what: string, got: unknown, expected: unknown): void {
  if (got !== expected) throw new Error(`${what}: expected ${expected}, got ${got}`);
}

function refused(use: () => unknown): void {
  try {
    use();
  } catch (error) {
    if (error instanceof ScopeError) return;
    throw error;
  }
  throw new Error("a value was used after its scope ended, and nobody said so");
}

/** Throws the shrunk program on which a scope and the model differ. */
export function checkScopes(seed: number, runs: number): void {
  withDevice("reference", () => {
    fc.assert(
      fc.property(programs(3), (program) => {
        countingMemory((count) => compare(program, () => count.blocks));
      }),
      { seed, numRuns: runs },
    );
  });
}
