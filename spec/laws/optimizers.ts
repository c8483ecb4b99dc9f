/**
 * The laws of optimisers, on any optimiser with hyper-parameters drawn at random, over a few problems.
 * Rests on trial, core, optim, and on the plain steps of what is checked where it has them.
 */
import {
  add,
  assign,
  type DType,
  multiply,
  parameter,
  sum,
  type Tensor,
} from "../../core/index.ts";
import { withObserver } from "../../core/interpreter.ts";
import type { Sampler } from "../../core/sampling.ts";
import type { Optimizer, OptimizerOptions, Trainable } from "../../optim/index.ts";
import type { Hyperparameters } from "../../optim/registry.ts";
import { cosine } from "../../schedules/index.ts";
import { bitsOf, numbers, tensorFrom } from "./arrays.ts";
import { noise } from "./noise.ts";
import { type PlainStep, plainPath } from "./plain-path.ts";
import { type Problem, problems } from "./problems.ts";
import { type Trial, type TrialLaw, written } from "./trial.ts";

/** An optimiser, and what it promises. */
export interface OptimizerSubject {
  readonly name: string;
  /**
   * What multiplying every gradient by 2^k does to the steps, exactly, with ε = 0: nothing, or the same as multiplying the
   * rate by it. Null: nothing is promised.
   */
  readonly scaling: "invariant" | "proportional" | null;
  /** Whether weight decay is a step of its own, whatever the options say. */
  readonly isDecoupled: boolean;
  /** Decay where none is given. */
  readonly defaultDecay: number;
  /** Hyper-parameters of its own, drawn from their ranges. */
  sample(draw: Sampler): Hyperparameters;
  make(
    parameters: Trainable<OptimizerOptions>,
    options: OptimizerOptions,
    hyper: Hyperparameters,
  ): Optimizer;
  /** The step of one coordinate once more, on plain numbers; null: not checked. */
  readonly plain: ((hyper: Hyperparameters) => PlainStep) | null;
}

const vector = (data: readonly number[]): Tensor =>
  tensorFrom({ shape: [data.length], data, kind: "float" });

/** The rate at which it gets along on `problem`: adaptive steps have about the length of the rate. */
const rateOf = ({ scaling }: OptimizerSubject, { rate }: Problem): number =>
  scaling === "invariant" ? 0.01 : rate;

/** Draws hyper-parameters, and says them. */
function hyperOf(subject: OptimizerSubject, trial: Trial, more = ""): Hyperparameters {
  const hyper = subject.sample(trial.draw);
  trial.at(`${subject.name} with ${written(hyper)}${more}`);
  return hyper;
}

const pseudoCode: TrialLaw<OptimizerSubject> = {
  name: "pseudo-code",
  claim: "the first steps are the pseudo-code's, on plain numbers",
  applies: ({ plain }) => plain !== null,
  check: (subject, trial) => {
    const { draw } = trial;
    const problem = draw.pick(problems);
    const [weightDecay, decoupledDecay] = [draw.pick([null, 0, 0.1]), draw.boolean()];
    const hyper = hyperOf(subject, trial, `, decay ${weightDecay}, on ${problem.name}`);
    const base = rateOf(subject, problem);
    const rate = (t: number): number => base / (1 + 0.1 * t);
    const w = parameter(vector(problem.start));
    const optimizer = subject.make(
      [w],
      {
        learningRate: rate,
        ...(subject.isDecoupled ? {} : { decoupledDecay }),
        ...(weightDecay === null ? {} : { weightDecay }),
      },
      hyper,
    );
    const { plain } = subject;
    if (plain === null) return;
    const path = plainPath(() => plain(hyper), {
      start: problem.start,
      gradient: problem.gradient,
      steps: 12,
      rate,
      decay: weightDecay ?? subject.defaultDecay,
      isDecoupled: subject.isDecoupled || decoupledDecay,
    });
    path.forEach((expected, t) => {
      optimizer.step(() => problem.loss(w, optimizer.steps));
      numbers(w).forEach((x, i) => {
        const wanted = expected[i] ?? Number.NaN;
        // Some ten roundings a step, in gradients of up to 1e3 times x and in differences that cancel (centred).
        trial.close(`x[${i}] after step ${t + 1}`, x, wanted, 1e-9 * Math.max(1, Math.abs(wanted)));
      });
    });
  },
};

const descent: TrialLaw<OptimizerSubject> = {
  name: "descent",
  claim: "fifty short steps lower a bowl",
  check: (subject, trial) => {
    const [bowl] = problems;
    if (bowl === undefined) return;
    const hyper = hyperOf(subject, trial, `, on ${bowl.name}`);
    const w = parameter(vector(bowl.start));
    const optimizer = subject.make([w], { learningRate: 1e-3, weightDecay: 0 }, hyper);
    const before = bowl.loss(w, 0).item();
    for (let t = 0; t < 50; t++) optimizer.step(() => bowl.loss(w, t));
    const after = bowl.loss(w, 50).item();
    if (!(after < before)) trial.fail(`a loss below ${before} after 50 steps`, String(after));
  },
};

/** Three parameters that together are the problem's vector, or stand in a sum of two such problems. */
class Training {
  readonly parts: readonly Tensor[];
  readonly optimizer: Optimizer;
  readonly #problem: Problem;

  constructor(
    problem: Problem,
    make: (parameters: readonly Tensor[]) => Optimizer,
    order: readonly number[] = [0, 1, 2],
  ) {
    this.parts = [0, 1, 2].map((i) =>
      parameter(i === 0 ? vector(problem.start) : noise([3, i], 70 + i), { name: `part${i}` }),
    );
    this.optimizer = make(order.flatMap((i) => this.parts[i] ?? []));
    this.#problem = problem;
  }

  run(steps: number): void {
    for (let step = 0; step < steps; step++) this.optimizer.step(() => this.#loss());
  }

  bits(): readonly string[] {
    return [...this.parts, ...Object.values(this.optimizer.namedState())].map(bitsOf);
  }

  #loss(): Tensor {
    const [first, ...others] = this.parts;
    const rest = others.map((x, i) => sum(i === 0 ? multiply(x, multiply(x, x)) : multiply(x, x)));
    const begin =
      first === undefined ? sum(vector([])) : this.#problem.loss(first, this.optimizer.steps);
    return rest.reduce((total, term) => add(total, multiply(term, 0.1)), begin);
  }
}

const resume: TrialLaw<OptimizerSubject> = {
  name: "resume",
  claim: "a run that is stopped and resumed has the bits of one that is not",
  check: (subject, trial) => {
    const [problem, cut] = [trial.draw.pick(problems), trial.draw.integer(1, 8)];
    const hyper = hyperOf(subject, trial, `, on ${problem.name}, stopped after ${cut} of 9 calls`);
    const options: OptimizerOptions = {
      learningRate: cosine({ base: rateOf(subject, problem), totalSteps: 9 }),
      weightDecay: (t) => 0.01 * t,
      clipNorm: 5,
      clipValue: 4,
      accumulate: 2, // An odd cut falls between two calls.
    };
    const [whole, before, after] = [0, 1, 2].map(
      () => new Training(problem, (parameters) => subject.make(parameters, options, hyper)),
    );
    if (whole === undefined || before === undefined || after === undefined) return;
    whole.run(9);
    before.run(cut);
    after.parts.forEach((part, i) => {
      const from = before.parts[i];
      if (from !== undefined) assign(part, from);
    });
    after.optimizer.restore(before.optimizer.state());
    after.run(9 - cut);
    trial.same("parameters and state after 9 calls", after.bits(), whole.bits());
    trial.same("updates made", after.optimizer.steps, 4);
  },
};

const zeroGradient: TrialLaw<OptimizerSubject> = {
  name: "zero gradient",
  claim: "from a fresh state a zero gradient leaves parameters to the decay",
  check: (subject, trial) => {
    const weightDecay = trial.draw.boolean() && subject.isDecoupled ? 0.1 : 0;
    const hyper = hyperOf(subject, trial, `, decay ${weightDecay}`);
    const w = parameter(vector([1.5, -2, 0]));
    const optimizer = subject.make([w], { learningRate: 0.5, weightDecay }, hyper);
    let left: readonly number[] = [1.5, -2, 0];
    for (let t = 1; t <= 3; t++) {
      optimizer.step(() => sum(multiply(w, 0)));
      if (weightDecay > 0) left = left.map((x) => x * (1 - 0.5 * 0.1));
      trial.same(`x after step ${t}`, numbers(w), left);
    }
  },
};

const coupledDecay: TrialLaw<OptimizerSubject> = {
  name: "coupled decay",
  claim: "coupled decay moves parameters also where the gradient is zero",
  applies: ({ isDecoupled }) => !isDecoupled,
  check: (subject, trial) => {
    const hyper = hyperOf(subject, trial);
    const w = parameter(vector([1.5, -2]));
    const optimizer = subject.make([w], { learningRate: 0.5, weightDecay: 0.1 }, hyper);
    optimizer.step(() => sum(multiply(w, 0)));
    const [a = 0, b = 0] = numbers(w);
    if (!(a < 1.5 && b > -2)) trial.fail("1.5 and -2 to come nearer to 0", `${a} and ${b}`);
  },
};

const scale: TrialLaw<OptimizerSubject> = {
  name: "scale",
  claim: "with ε = 0, gradients times 2^k take the same steps, or those of a rate times 2^k",
  applies: ({ scaling }) => scaling !== null,
  check: (subject, trial) => {
    const { draw } = trial;
    const k = draw.integer(-20, 20);
    const dtype: DType = draw.pick(["float32", "float64"] as const);
    const hyper = { ...hyperOf(subject, trial, `, k = ${k}, ${dtype}`), epsilon: 0, initialSum: 0 };
    const path = (factor: number, rate: number): readonly string[] => {
      const w = parameter(noise([4], 5).cast(dtype));
      const optimizer = subject.make([w], { learningRate: rate, weightDecay: 0 }, hyper);
      return Array.from({ length: 6 }, (_, t) => {
        const slope = multiply(noise([4], 100 + t).cast(w.dtype), factor);
        optimizer.step(() => sum(multiply(w, slope)));
        return bitsOf(w);
      });
    };
    const isSame = subject.scaling === "invariant";
    trial.same("the path", path(2 ** k, 0.125), path(1, isSame ? 0.125 : 0.125 * 2 ** k));
    if (isSame && k > 1 && written(path(2 ** k, 0.125)) === written(path(1, 0.125 * 2 ** k))) {
      trial.fail("a path that depends on the rate", "the same path for another rate");
    }
  },
};

const oneLaunch: TrialLaw<OptimizerSubject> = {
  name: "one launch",
  claim: "in one launch or op by op, the bits are the same",
  check: (subject, trial) => {
    const [decays, clips] = [trial.draw.boolean(), trial.draw.boolean()];
    const hyper = hyperOf(subject, trial);
    const options = {
      learningRate: 0.02,
      ...(decays ? { weightDecay: 0.1 } : {}),
      ...(clips ? { clipNorm: 0.5 } : {}),
    };
    const [launched, watched] = [false, true].map((isWatched) =>
      (["float32", "float64"] as const).map((dtype) => {
        const w = parameter(noise([33], 60).cast(dtype));
        const optimizer = subject.make([w], options, hyper);
        const body = (): void => {
          for (let t = 0; t < 4; t++) optimizer.step(() => sum(multiply(w, multiply(w, w))));
        };
        if (isWatched) withObserver(() => undefined, body);
        else body();
        return [w, ...Object.values(optimizer.namedState())].map(bitsOf);
      }),
    );
    trial.same("op by op", watched, launched);
  },
};

const order: TrialLaw<OptimizerSubject> = {
  name: "order",
  claim: "the order of parameters changes no bit",
  check: (subject, trial) => {
    const turned = trial.draw.pick([
      [1, 2, 0],
      [2, 1, 0],
      [0, 2, 1],
    ]);
    const hyper = hyperOf(subject, trial, `, order ${turned.join()}`);
    const [problem] = problems;
    if (problem === undefined) return;
    const options = { learningRate: 0.02, weightDecay: 0.1, clipValue: 0.5 };
    const [straight, shuffled] = [[0, 1, 2], turned].map((each) => {
      const make = (parameters: readonly Tensor[]): Optimizer =>
        subject.make(parameters, options, hyper);
      const training = new Training(problem, make, each);
      training.run(4);
      return training.parts.map(bitsOf);
    });
    trial.same("parameters", shuffled, straight);
  },
};

const groups: TrialLaw<OptimizerSubject> = {
  name: "groups",
  claim: "groups are optimisers side by side, each with its own options",
  check: (subject, trial) => {
    const other = subject.sample(trial.draw);
    const hyper = hyperOf(subject, trial, `, second group ${written(other)}`);
    const start = [noise([3], 20), noise([2, 2], 21)];
    const own = { learningRate: (t: number) => 0.1 / (t + 1), weightDecay: 0.2, ...other };
    const all = { learningRate: 0.05, weightDecay: 0.01 };
    const [together, apart] = [true, false].map((grouped) => {
      const [a, b] = start.map((x) => parameter(x));
      if (a === undefined || b === undefined) return [];
      const optimizers = grouped
        ? [subject.make([{ parameters: [a] }, { parameters: [b], ...own }], all, hyper)]
        : [
            subject.make([a], all, hyper),
            subject.make([b], { ...all, ...own }, { ...hyper, ...other }),
          ];
      for (let t = 0; t < 5; t++) {
        for (const optimizer of optimizers) optimizer.clearGradients();
        sum(multiply(a, a)).backward();
        sum(multiply(b, multiply(b, b))).backward();
        for (const optimizer of optimizers) optimizer.update();
      }
      return [a, b].map(bitsOf);
    });
    trial.same("parameters of two groups", together, apart);
  },
};

/** All of them. */
export const optimizerLaws: readonly TrialLaw<OptimizerSubject>[] = [
  pseudoCode,
  descent,
  resume,
  zeroGradient,
  coupledDecay,
  scale,
  oneLaunch,
  order,
  groups,
];
