/**
 * The training loop, bit for bit: it is the loop written by hand, and goes on from its state as if it had not stopped.
 */
import { test } from "@fast-check/vitest";
import { expect, vi } from "vitest";
import {
  channelStatistics,
  DataLoader,
  imageDataset,
  readMnist,
  takeFirst,
} from "../core/data/index.ts";
import { buffer, crossEntropy, type State, type Stateful, Tensor } from "../core/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../layers/index.ts";
import { adam, type Optimizer, sgd } from "../optim/index.ts";
import {
  TrainLoop,
  type TrainLoopOptions,
  type TrainOutcome,
  trainLoop,
} from "../research/index.ts";
import { bitsOf } from "./plain.ts";
import { type Batch, points, regression } from "./regression.ts";

/** What a loop leaves: every parameter's bits, and the loss of every step. */
interface Trace {
  readonly parameters: readonly string[];
  readonly losses: readonly number[];
}

/** Runs the README's example as it stands, with its optimiser watched and its printing kept. */
async function readmeLoop(): Promise<Trace & { readonly printed: readonly string[] }> {
  const losses: number[] = [];
  const optimizers: Optimizer[] = [];
  vi.doMock("bitgrad/optim", async (original) => {
    const optim = await original<typeof import("../optim/index.ts")>();
    const watched: typeof sgd = (...args) => {
      const optimizer = optim.sgd(...args);
      const step = optimizer.step.bind(optimizer);
      optimizer.step = (closure) => {
        const loss = step(closure);
        losses.push(loss.item());
        return loss;
      };
      optimizers.push(optimizer);
      return optimizer;
    };
    return { ...optim, sgd: watched };
  });
  const printed: string[] = [];
  const log = vi.spyOn(console, "log").mockImplementation((line) => printed.push(String(line)));
  try {
    await import("./examples/training-loop.ts");
  } finally {
    log.mockRestore();
    vi.doUnmock("bitgrad/optim");
  }
  return {
    losses,
    printed,
    parameters: optimizers.flatMap(({ parameters }) => parameters.map(bitsOf)),
  };
}

/** The README's data, net and optimiser in the library's loop. */
function libraryLoop(): Trace & { readonly outcome: TrainOutcome } {
  const images = takeFirst(readMnist().train, 1000);
  const dataset = imageDataset(images, channelStatistics(images));
  const loader = new DataLoader(dataset, { batchSize: 20, seed: 0 });
  const block = [
    new Conv2d(1, 8, { kernel: 3, stride: 2 }),
    new ReLU(),
    new MaxPool2d({ window: 2 }),
  ];
  const net = assemble(new Sequential([...block, new Flatten(), new Linear(288, 10)]), { seed: 0 });
  const optimizer = sgd(net.parameters(), { learningRate: 0.05, momentum: 0.9 });
  const losses: number[] = [];
  const outcome = trainLoop({
    net,
    loader,
    optimizer,
    epochs: 2,
    loss: (logits, { y }) => crossEntropy(logits, y),
    on: { forward: () => {}, batch: ({ loss }) => losses.push(loss) },
  });
  return { outcome, losses, parameters: optimizer.parameters.map(bitsOf) };
}

test("loop-sgd: the README's hand-written loop equals the library's, every loss and parameter bit for bit", async () => {
  const [byHand, library] = [await readmeLoop(), libraryLoop()];
  expect(byHand.losses).toHaveLength(100);
  expect(byHand.parameters).toHaveLength(4);
  expect(library.losses).toEqual(byHand.losses);
  expect(library.parameters).toEqual(byHand.parameters);
  expect(library.outcome).toEqual({ outcome: "finished", epochs: 2, iterations: 100 });
  expect(byHand.printed.at(-1)).toBe(`step 100  loss ${library.losses.at(-1)}`);
});

/** A net that normalizes and drops, its loop, and all it depends on. */
function resumable(on: TrainLoopOptions<Batch>["on"] = {}): Readonly<Record<Part, Stateful>> & {
  readonly loop: TrainLoop<Batch>;
} {
  const layers = [
    new Linear(2, 8),
    new BatchNorm(8),
    new ReLU(),
    new Dropout(0.3),
    new Linear(8, 1),
  ];
  const net = assemble(new Sequential(layers), { seed: 4 });
  const optimizer = adam(net.parameters(), { learningRate: 0.01 });
  const loader = new DataLoader(points(13), { batchSize: 4, seed: 2 });
  const loop = new TrainLoop({
    ...regression({}, { checkpointsPerEpoch: 3 }),
    ...{ net, optimizer, loader, on },
  });
  return { net, optimizer, loader, loop };
}

type Part = "net" | "optimizer" | "loader" | "loop";
const parts: readonly Part[] = ["net", "optimizer", "loader", "loop"];

/** A state as it is now: its tensors are copies. */
function copied(state: State): State {
  if (state instanceof Tensor) return buffer(state);
  if (Array.isArray(state)) return state.map(copied);
  if (typeof state !== "object" || state === null) return state;
  return Object.fromEntries(Object.entries(state).map(([name, part]) => [name, copied(part)]));
}

/** The bits of every tensor of a state, with everything else. */
function bitsOfState(state: State): unknown {
  if (state instanceof Tensor) return bitsOf(state);
  if (typeof state !== "object" || state === null) return state;
  return Object.entries(state).map(([name, part]) => [name, bitsOfState(part)]);
}

test("loop-checkpoints: resuming from any batch, epoch or checkpoint gives the same bits as never stopping", () => {
  const saved: { readonly states: readonly State[]; readonly told: number }[] = [];
  const told: number[] = [];
  const save = (): void => {
    saved.push({ states: parts.map((part) => copied(run[part].state())), told: told.length });
  };
  const run = resumable({
    batch: ({ loss }) => {
      told.push(loss);
      save();
    },
    epoch: ({ loss }) => {
      told.push(loss);
      save();
    },
    checkpoint: save,
  });
  const outcome = run.loop.run();
  expect(saved).toHaveLength(3 * (4 + 1 + 3));
  for (const { states, told: before } of saved) {
    const rest: number[] = [];
    const tell = ({ loss }: { readonly loss: number }) => rest.push(loss);
    const again = resumable({ batch: tell, epoch: tell });
    parts.forEach((part, i) => {
      again[part].restore(states[i] ?? null);
    });
    expect(again.loop.run()).toEqual(outcome);
    expect([...told.slice(0, before), ...rest]).toEqual(told);
    for (const part of parts) {
      expect(bitsOfState(again[part].state())).toEqual(bitsOfState(run[part].state()));
    }
  }
});
