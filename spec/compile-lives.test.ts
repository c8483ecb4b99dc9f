/**
 * Lives in captured steps: memory ends with its last use, from the first run on, and whoever looks at a tensor before it has
 * ended finds there what the step as written has there: the step's own code, code called in its midst, and later steps.
 */
import { fc, test as property } from "@fast-check/vitest";
import { beforeAll, describe, expect, test } from "vitest";
import { capturing } from "../core/capture.ts";
import {
  add,
  argmax,
  assign,
  broadcastTo,
  buffer,
  clearGradients,
  compile,
  detach,
  gather,
  keep,
  memory,
  multiply,
  noGrad,
  parameter,
  RandomSource,
  randomNormal,
  reshape,
  type Shape,
  scatterAdd,
  scope,
  setDevice,
  setThreads,
  square,
  sum,
  type Tensor,
  tensor,
  ValueError,
} from "../core/index.ts";
import { bitsOf, messageOf, numbers } from "./plain.ts";

beforeAll(() => {
  setDevice("wasm");
  setThreads(2);
});

const drawn = (shape: Shape, seed: number): Tensor =>
  randomNormal(shape, { stream: new RandomSource(seed).stream("spec/lives") });

test("a chain takes the memory of three of its links, whatever its length, from the first run on", () => {
  const link = 2 ** 22;
  const x = drawn([link / 4], 1);
  const bytesOf = (length: number): number | undefined => {
    const chain = compile((a: Tensor) => {
      let y = a;
      for (let i = 0; i < length; i++) y = add(multiply(y, 0.5), 1);
      return y.sum();
    });
    const { live } = memory();
    for (let i = 0; i < 4; i++) {
      scope(() => void chain(x));
      expect(memory().peak).toBeLessThan(live + 6 * link);
    }
    return chain.report().routines[0]?.leastBytes;
  };
  expect(bytesOf(12)).toBe(bytesOf(24));
});

/** What a run of a step does at one link of a chain. */
const deeds = ["nothing", "reads", "is called", "keeps", "writes", "breaks"] as const;
type Deed = (typeof deeds)[number];

/** Runs steps of chains, in which each call does other deeds: all that was seen, in order. */
function seenBy(calls: readonly (readonly Deed[])[], isCompiled: boolean): readonly string[] {
  const seen: string[] = [];
  const cell = buffer(tensor([0, 0, 0]));
  const kept: Tensor[] = [];
  /** Code in the midst of a step, which repetitions call as well. */
  const called = (given: Tensor): void => {
    const show = (shown: Tensor | undefined): void => void (shown && seen.push(bitsOf(shown)));
    const capture = capturing();
    if (capture === null) show(given);
    else capture.aside([given], show);
  };
  const written = (x: Tensor, plan: string): Tensor =>
    noGrad(() => {
      const links: Tensor[] = [x];
      for (const deed of plan.split(",")) {
        const last = links.at(-1) ?? x;
        links.push(add(multiply(last, 1.5), links.at(-3) ?? x));
        const seesAll = (): void => {
          for (const link of links) seen.push(bitsOf(link));
        };
        if (deed === "reads") seesAll();
        if (deed === "is called") called(last);
        if (deed === "keeps") kept.push(keep(add(last, 0.25)));
        if (deed === "writes") assign(cell, add(cell, last));
        if (deed === "breaks") throw new Error("in the midst");
      }
      return links.at(-1) ?? x;
    });
  const step = isCompiled ? compile(written) : written;
  calls.forEach((plan, i) => {
    try {
      seen.push(bitsOf(step(drawn([3], i), plan.join())));
    } catch (error) {
      seen.push(String(error).slice(0, 40));
    }
    seen.push(bitsOf(cell), ...kept.splice(0).map(bitsOf));
  });
  return seen;
}

/** Calls of two kinds, so that many are like one before and lie as planned. */
const mixed = fc
  .tuple(
    fc.array(fc.array(fc.constantFrom(...deeds), { minLength: 4, maxLength: 8 }), {
      minLength: 2,
      maxLength: 2,
    }),
    fc.array(fc.nat(1), { minLength: 2, maxLength: 6 }),
  )
  .map(([kinds, which]) => which.map((kind) => kinds[kind] ?? []));

describe("a step that does other things at each call", () => {
  property.prop({ calls: mixed }, { seed: 5, numRuns: 100 })(
    "sees what the step as written sees, and leaves what that leaves",
    ({ calls }) => {
      expect(seenBy(calls, true)).toEqual(seenBy(calls, false));
    },
  );

  test("finds tensors of the beginning at the end, where code was called between, in a run that lies as planned", () => {
    const run = (isCompiled: boolean): readonly string[] => {
      const seen: string[] = [];
      let isRead = false;
      const written = (x: Tensor): Tensor =>
        noGrad(() => {
          const links: Tensor[] = [x];
          for (let i = 1; i <= 9; i++) {
            const last = add(multiply(links.at(-1) ?? x, 1.5), links.at(-3) ?? x);
            links.push(last);
            if (i % 4 === 0) capturing()?.aside([last], (given) => void given?.elements());
          }
          if (isRead) seen.push(...links.map(bitsOf));
          return links.at(-1) ?? x;
        });
      const step = isCompiled ? compile(written) : written;
      for (const reads of [false, true, false]) {
        isRead = reads;
        seen.push(bitsOf(step(drawn([3], seen.length))));
      }
      return seen;
    };
    expect(run(true)).toEqual(run(false));
  });
});

test("a gradient of the step before is read before its memory goes, also where it is cleared at once", () => {
  const run = (isCompiled: boolean): readonly string[] => {
    const w = parameter(drawn([3], 1));
    const written = (x: Tensor): Tensor => {
      const [first, before] = [add(x, 1), w.grad];
      const momentum = before === null ? first : add(first, multiply(before, 0.5));
      clearGradients([w]);
      const loss = sum(square(multiply(w, x)));
      loss.backward();
      return detach(add(momentum, loss));
    };
    const step = isCompiled ? compile(written) : written;
    return [1, 2, 3, 4, 5, 6].map((i) => bitsOf(step(drawn([3], i))));
  };
  expect(run(true)).toEqual(run(false));
});

test.each([
  ["gather", (table: Tensor, place: Tensor) => gather(table, place, { axis: 2 })],
  [
    "scatterAdd",
    (table: Tensor, place: Tensor) =>
      scatterAdd(broadcastTo(sum(table), [1, 1, 2]), place, table.slice([null, null, [0, 1]]), {
        axis: 2,
      }),
  ],
] as const)(
  "indices of %s that the step itself makes are refused where the step as written refuses them",
  (_, choose) => {
    const run = (isCompiled: boolean): readonly string[] => {
      const cell = buffer(tensor([0]));
      const written = (x: Tensor, table: Tensor): Tensor =>
        noGrad(() => {
          const place = reshape(argmax(x, { axis: 0 }), [1, 1, 1]);
          assign(cell, add(cell, 1));
          const found = choose(table, place);
          assign(cell, add(cell, reshape(sum(found), [1])));
          return found;
        });
      const step = isCompiled ? compile(written) : written;
      return [0, 1, 0, 2, 1, 2, 0, 1].flatMap((largest, i) => {
        const x = tensor([0, 1, 2].map((place) => (place === largest ? 1 : 0)));
        const table = tensor([[[i, i + 0.5]]]);
        const outcome =
          largest === 2 ? messageOf(() => step(x, table), ValueError) : bitsOf(step(x, table));
        return [outcome, String(numbers(cell)[0])];
      });
    };
    expect(run(true)).toEqual(run(false));
  },
);
