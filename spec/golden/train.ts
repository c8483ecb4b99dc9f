/**
 * The training runs of the golden file, run by bitgrad from the same first values on the same data.
 * Rests on core, layers, optim and read.
 */
import {
  add,
  assign,
  binaryCrossEntropyWithLogits,
  crossEntropy,
  matmul,
  multiply,
  parameter,
  square,
  subtract,
  sum,
  type Tensor,
} from "../../core/index.ts";
import {
  assemble,
  BatchNorm,
  Conv2d,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "../../layers/index.ts";
import { adam, type Optimizer, sgd } from "../../optim/index.ts";
import { type NamedArrays, type NetRun, type OptimizerRun, toTensor } from "./read.ts";

/** Looks an array up by name and makes it a tensor. */
function named(arrays: NamedArrays, name: string): Tensor {
  const array = arrays[name];
  if (array === undefined) throw new RangeError(`golden: no array named ${name}`);
  return toTensor(array);
}

/** What a problem's loss needs: its constants, and its parameters by name. */
type Loss = (constants: NamedArrays, parameter: (name: string) => Tensor) => Tensor;

/** The losses of training_runs.py. */
const losses: Readonly<Record<OptimizerRun["problem"], Loss>> = {
  quadratic: (constants, cell) => {
    const distance = subtract(cell("x"), named(constants, "minimum"));
    return multiply(sum(multiply(named(constants, "curvature"), square(distance))), 0.5);
  },
  logistic: (constants, cell) => {
    const logits = add(matmul(named(constants, "x"), cell("weight")), cell("bias"));
    return binaryCrossEntropyWithLogits(logits, named(constants, "target"));
  },
};

/** The optimiser of a run. */
function optimizerOf({ rule, options }: OptimizerRun, cells: readonly Tensor[]): Optimizer {
  return rule === "sgd" ? sgd(cells, options) : adam(cells, options);
}

/** The loss of each step, and all parameters' elements after it, by name. */
interface Step {
  readonly loss: number;
  readonly parameters: Readonly<Record<string, readonly number[]>>;
}

/** As many steps as the run has, of the optimiser that `make` gives for the parameters. */
export function runOptimizer(
  run: OptimizerRun,
  make: (cells: readonly Tensor[]) => Optimizer = (cells) => optimizerOf(run, cells),
): readonly Step[] {
  const cells = new Map(
    Object.entries(run.parameters).map(([name, x]) => [name, parameter(toTensor(x), { name })]),
  );
  const cell = (name: string): Tensor => {
    const found = cells.get(name);
    if (found === undefined) throw new RangeError(`golden: no parameter named ${name}`);
    return found;
  };
  const optimizer = make([...cells.values()]);
  return run.steps.map(() => {
    const loss = optimizer.step(() => losses[run.problem](run.constants, cell));
    return {
      loss: loss.elements()[0] ?? Number.NaN,
      parameters: Object.fromEntries(
        [...cells].map(([name, x]) => [name, Array.from(x.elements())]),
      ),
    };
  });
}

/** The share of the moving averages that the net keeps: PyTorch's default momentum is 1 - 0.9. */
export const rho = 0.9;

/** A net after its training, and the losses on the way. */
interface TrainedNet {
  readonly net: Layer;
  readonly losses: readonly number[];
  /** Parameters and buffers by name. */
  readonly cells: Readonly<Record<string, Tensor>>;
}

/** The net of training_runs.py, with the run's first values, trained on its batches. */
export function trainNet(run: NetRun): TrainedNet {
  const net = assemble(
    new Sequential([
      new Conv2d(2, 3, { kernel: 3, padding: 1 }),
      new BatchNorm(3, { rho, epsilon: 1e-5 }),
      new ReLU(),
      new MaxPool2d({ window: 2 }),
      new Flatten(),
      new Linear(12, 4),
    ]),
    { dtype: "float64" },
  );
  const cells = { ...net.namedParameters(), ...net.namedBuffers() };
  for (const [name, cell] of Object.entries(cells)) assign(cell, named(run.first, name));
  const optimizer = sgd(net.parameters(), { learningRate: 0.1, momentum: 0.9 });
  const found = run.batches.map(({ x, target }) => {
    const loss = optimizer.step(() => crossEntropy(net.forward(toTensor(x)), toTensor(target)));
    return loss.elements()[0] ?? Number.NaN;
  });
  return { net, losses: found, cells };
}
