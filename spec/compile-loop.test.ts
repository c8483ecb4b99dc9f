/**
 * The training loop with compiled steps: whatever its listeners do between and within steps, it leaves the bits of the loop
 * that runs every step as written.
 */
import { fc, test } from "@fast-check/vitest";
import { beforeAll, expect } from "vitest";
import { DataLoader } from "../core/data/index.ts";
import {
  AnomalyError,
  assign,
  compile,
  detectAnomalies,
  meanMetric,
  mse,
  multiply,
  noGrad,
  parameter,
  randomUniform,
  setDevice,
  sum,
  type Tensor,
  tensor,
  UsageError,
} from "../core/index.ts";
import { assemble, BatchNorm, Dropout, Linear, ReLU, Sequential } from "../layers/index.ts";
import { adam, sgd } from "../optim/index.ts";
import { evaluate, probeLayers, TrainLoop, untouched } from "../research/index.ts";
import { bitsOf, messageOf, numbers } from "./plain.ts";
import { points } from "./regression.ts";

beforeAll(() => setDevice("wasm"));

/** What a listener does while the net's output is shown, in the middle of a step. */
const within = ["draw", "rate", "throw", "look"] as const;
/** What a listener does between steps. */
const between = [
  "freeze",
  "unfreeze",
  "probe",
  "stop probing",
  "evaluate",
  "take a gradient",
  "restore",
  "jump",
  "scale",
  "dropout off",
  "dropout on",
  "stop",
  "untouched",
] as const;

type Deed = (typeof within)[number] | (typeof between)[number] | "nothing";

/** Trains for two epochs of eight batches, the last one short, does `deeds` after each batch, and tells all that is left. */
function trained(deeds: readonly Deed[], isCompiled: boolean): readonly unknown[] {
  const dropout = new Dropout(0.3);
  const norm = new BatchNorm(6);
  const layers = [new Linear(2, 6), norm, new ReLU(), dropout, new Linear(6, 1)];
  const net = assemble(new Sequential(layers), { seed: 4 });
  let factor = 1;
  const learningRate = (t: number): number => (0.01 * factor) / (t + 1);
  const optimizer = adam(net.parameters(), { learningRate });
  const loader = new DataLoader(points(30), { batchSize: 4, seed: 2 });
  const left: unknown[] = [];
  const gradients: Tensor[] = [];
  let stopProbing = (): void => {};
  const lossOf = (): number =>
    evaluate(net, [points(5).batch(Int32Array.of(0, 1, 2, 3))], {
      loss: meanMetric((outputs, y) => mse(outputs, y, { reduction: "none" }).reshape([-1])),
    }).loss;
  const doNow = (deed: Deed | undefined, stop: () => void): void => {
    const [first] = net.parameters();
    if (deed === "freeze") layers[0]?.freeze();
    if (deed === "unfreeze") net.unfreeze();
    if (deed === "probe") {
      stopProbing();
      const probe = probeLayers(net);
      stopProbing = () => {
        left.push(probe.take());
        probe.stop();
        stopProbing = () => {};
      };
    }
    if (deed === "stop probing") stopProbing();
    if (deed === "evaluate") left.push(lossOf());
    if (deed === "take a gradient" && first !== undefined && first.grad !== null) {
      gradients.push(first.grad);
      left.push(bitsOf(first.grad));
      first.grad = null;
    }
    if (deed === "restore") {
      net.restore(net.state());
      optimizer.restore(optimizer.state());
    }
    if (deed === "jump") dropout.assembly.stream.position += 5;
    if (deed === "scale" && first !== undefined) noGrad(() => assign(first, multiply(first, 0.5)));
    if (deed === "dropout off") dropout.evaluate();
    if (deed === "dropout on") dropout.train();
    if (deed === "stop") stop();
    if (deed === "untouched") left.push(untouched(net, lossOf));
  };
  let step = 0;
  const loop: TrainLoop<{ readonly x: Tensor; readonly y: Tensor }> = new TrainLoop({
    net,
    optimizer,
    loader,
    epochs: 2,
    compile: isCompiled,
    loss: (outputs, { y }) => mse(outputs, y),
    on: {
      forward: (outputs) => {
        const deed = deeds[step];
        step += 1;
        if (deed === "draw") bitsOf(randomUniform([3], { stream: dropout.assembly.stream }));
        if (deed === "rate") factor += 1;
        if (deed === "look") left.push(bitsOf(outputs));
        if (deed === "throw") throw new RangeError("a listener's own");
      },
      batch: ({ loss, iteration, stop }) => {
        left.push(loss);
        doNow(deeds[iteration - 1], stop);
      },
    },
  });
  try {
    left.push(loop.run());
  } catch (error) {
    left.push(String(error));
  }
  stopProbing();
  const cells = [
    ...Object.values({ ...net.namedParameters(), ...net.namedBuffers() }),
    ...Object.values(optimizer.namedState()),
  ];
  return [
    ...left,
    ...cells.map((cell) => `${cell.version} ${bitsOf(cell)}`),
    net.parameters().map(({ grad }) => (grad === null ? null : bitsOf(grad))),
    gradients.map((gradient) => bitsOf(gradient)),
    dropout.assembly.stream.position,
    optimizer.steps,
  ];
}

const anything = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Deed>("nothing") },
    { weight: 1, arbitrary: fc.constantFrom<Deed[]>(...within, ...between) },
  ),
  { minLength: 16, maxLength: 16 },
);

/** In the first two steps that are repeated. */
const repeatedly = (deed: Deed): readonly Deed[] =>
  Array.from({ length: 16 }, (_, i) => (i === 2 || i === 3 ? deed : "nothing"));

test.each([...within, ...between].map((deed) => [deed] as const))(
  "%s, in the loop: compiled steps leave the bits of steps as written",
  (deed) => {
    expect(trained(repeatedly(deed), true)).toEqual(trained(repeatedly(deed), false));
  },
);

test.prop({ deeds: anything }, { seed: 8, numRuns: 8 })(
  "whatever is done in the loop, and in whichever order, compiled steps leave the bits of steps as written",
  ({ deeds }) => {
    expect(trained(deeds, true)).toEqual(trained(deeds, false));
  },
);

test("a listener that changes what the step rests on, in the middle of it, is an error", () => {
  const w = parameter(tensor([1, 2]));
  const optimizer = sgd([w], { learningRate: 0.1 });
  const layer = assemble(new Sequential([new Dropout(0.5)]), { seed: 1 });
  let isRude = false;
  const loop = new TrainLoop({
    net: layer,
    optimizer,
    loader: Array.from({ length: 8 }, () => ({ x: tensor([1, 2]) })),
    epochs: 1,
    loss: (outputs) => sum(multiply(w, outputs)),
    on: {
      forward: () => {
        if (isRude) w.requiresGrad = false;
      },
      batch: ({ iteration }) => {
        isRude = iteration === 3;
      },
    },
  });
  const message = messageOf(() => loop.run(), UsageError);
  expect(message).toContain("in the middle of the step");
  expect(message).toContain("was frozen or unfrozen");
});

test("an anomaly is named with its op and step, whether steps are compiled or not", () => {
  const run = (isCompiled: boolean): string => {
    const net = assemble(new Sequential([new Linear(2, 1)]), { seed: 4 });
    const loop = new TrainLoop({
      net,
      optimizer: sgd(net.parameters(), { learningRate: 1e12 }),
      loader: new DataLoader(points(40), { batchSize: 4, seed: 2 }),
      epochs: 1,
      compile: isCompiled,
      loss: (outputs, { y }) => mse(outputs, y),
    });
    return messageOf(() => detectAnomalies(() => loop.run(), { fromStep: 2 }), AnomalyError);
  };
  expect(run(true)).toMatch(/at step \d/);
  expect(run(true)).toBe(run(false));
});

test("a loss that is no number ends training at the same batch, and leaves the same", () => {
  const run = (isCompiled: boolean): readonly unknown[] => {
    const net = assemble(new Sequential([new Linear(2, 1)]), { seed: 4 });
    const losses: number[] = [];
    const outcome = new TrainLoop({
      net,
      optimizer: sgd(net.parameters(), { learningRate: 1e4 }),
      loader: new DataLoader(points(40), { batchSize: 4, seed: 2 }),
      epochs: 2,
      compile: isCompiled,
      loss: (outputs, { y }) => mse(outputs, y),
      on: { batch: ({ loss }) => losses.push(loss) },
    }).run();
    return [outcome, losses, ...net.parameters().map(bitsOf)];
  };
  expect(run(true)[0]).toMatchObject({ outcome: "diverged" });
  expect(run(true)).toEqual(run(false));
});

test("a gradient that was taken away keeps what it holds while the step is repeated", () => {
  const w = parameter(tensor([1, 2]));
  const optimizer = sgd([w], { learningRate: 0.1 });
  const step = compile((x: Tensor) => optimizer.step(() => sum(multiply(w, x))));
  for (let i = 0; i < 3; i++) step(tensor([1, i]));
  const taken = w.grad;
  w.grad = null;
  step(tensor([8, 9]));
  expect(taken === null ? null : numbers(taken)).toEqual([1, 2]);
  expect(w.grad === null ? null : numbers(w.grad)).toEqual([8, 9]);
  expect(step.report().replayed).toBe(2);
});
