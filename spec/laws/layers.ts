/**
 * The laws of layers, on any layer with options drawn at random.
 * Rests on trial, layer-maker, central-difference, core and layers.
 */
import {
  clearGradients,
  concat,
  functionalCall,
  grad,
  multiply,
  parameter,
  sin,
  sum,
  type Tensor,
} from "../../core/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { assemble, Dropout, type Layer, ReLU, Sequential } from "../../layers/index.ts";
import { bitsOf, numbers } from "./arrays.ts";
import { centralDifference } from "./central-difference.ts";
import { bitsByName, type LayerSubject, Maker, placesOf, rewind, shifted } from "./layer-maker.ts";
import { distinct, noise } from "./noise.ts";
import type { TrialLaw } from "./trial.ts";

const promisedShape: TrialLaw<LayerSubject> = {
  name: "shape",
  claim: "gives the shape and dtype it promises, in both modes",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    for (const dtype of subject.dtypes) {
      const net = maker.made(dtype);
      for (const mode of [net.train(), net.evaluate()]) {
        const y = mode.forward(maker.batch(dtype));
        trial.same("the output's dtype", y.dtype, dtype);
        if (maker.output !== undefined) trial.same("the output's shape", y.shape, maker.output);
        trial.same("the length of the output's batch", y.shape[0], maker.input[0]);
      }
    }
  },
};

const parameterCount: TrialLaw<LayerSubject> = {
  name: "parameters",
  claim: "owns as many parameters as its formula says, before and after it is assembled",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const { parameterCount: before } = maker.bare();
    const sizes = assemble(maker.bare())
      .parameters()
      .map(({ shape }) => sizeOf(shape));
    trial.same(
      "the count after assembling",
      sizes.reduce((total, size) => total + size, 0),
      before,
    );
    if (maker.count !== undefined) trial.same("the count", before, maker.count);
  },
};

const unassembled: TrialLaw<LayerSubject> = {
  name: "unassembled",
  claim: "is refused before it is assembled, if it owns or draws anything",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const layer = maker.bare();
    const isFree =
      layer.parameterCount === 0 &&
      [...layer.walk()].every(
        (inner) => !inner.drawsRandomly && Object.keys(inner.declareBuffers()).length === 0,
      );
    let came = "a value";
    try {
      layer.forward(noise(maker.input, 1));
    } catch (error) {
      came = error instanceof Error ? error.name : String(error);
    }
    trial.same("what a call gives", came, isFree ? "a value" : "ValueError");
  },
};

const gradients: TrialLaw<LayerSubject> = {
  name: "gradients",
  claim: "has the gradients that central differences find, in its input and every parameter",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const { isNet } = subject;
    const net = maker.made("float64");
    const p = net.namedParameters();
    const x = isNet ? noise(maker.input, trial.seed) : distinct(maker.input, trial.seed);
    const f = (q: Record<string, Tensor>, at: Tensor): Tensor => {
      rewind(net);
      return sum(sin(functionalCall(net, q, at)));
    };
    /** In nets a short way off, so that no ReLU or maximum changes sides between the points of a difference. */
    const along = (w: Tensor, salt: number): Tensor =>
      multiply(noise(w.shape, trial.seed + salt), isNet ? 1e-3 : 1);
    const compare = (what: string, slope: Tensor, value: (h: number) => Tensor): void => {
      // The value is of magnitude 100 at most; 1e-13 of it is 450 roundings.
      const found = centralDifference(
        (h) => numbers(value(h)),
        () => 1e-11,
      );
      const [wanted = 0] = found?.value ?? [];
      const [bound = 0] = found?.tolerance ?? [];
      if (found === null) trial.fail(`a derivative in ${what}`, "differences that do not settle");
      trial.close(
        `the slope of Σ sin(y) along a direction in ${what}`,
        slope.item(),
        wanted,
        bound,
      );
    };
    const t = along(x, 1);
    const dx = grad((at: Tensor) => f(p, at))(x);
    compare("x", sum(multiply(dx, t)), (h) => f(p, shifted(x, t, h)));
    const dp = grad(f)(p, x);
    for (const [index, [name, w]] of Object.entries(p).entries()) {
      const u = along(w, 2 + index);
      const slope = sum(multiply(dp[name] ?? u, u));
      compare(name, slope, (h) => f({ ...p, [name]: shifted(w, u, h) }, x));
    }
  },
};

const alone: TrialLaw<LayerSubject> = {
  name: "alone in evaluation",
  claim: "gives an example alone the bits that it has in a batch, when evaluating",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    for (const dtype of subject.dtypes) {
      const net = maker.made(dtype);
      net.forward(maker.batch(dtype, 1)); // averages move
      net.evaluate();
      const x = maker.batch(dtype);
      const whole = net.forward(x);
      for (let n = 0; n < (maker.input[0] ?? 0); n++) {
        const single = net.forward(x.slice([[n, n + 1]]));
        trial.same(`example ${n} alone`, bitsOf(single), bitsOf(whole.slice([[n, n + 1]])));
      }
    }
  },
};

const training: TrialLaw<LayerSubject> = {
  name: "training",
  claim:
    "does in training what it declares: the same as in evaluation, random draws, or averages that move",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const net = maker.made("float64");
    const x = maker.batch("float64");
    const state = (): object => ({
      buffers: bitsByName(net.namedBuffers()),
      places: placesOf(net),
    });
    const before = state();
    const evaluated = bitsOf(net.evaluate().forward(x));
    trial.same("the state after evaluating", state(), before);
    const buffers = bitsByName(net.namedBuffers());
    const places = placesOf(net);
    const trained = net.train().forward(x);
    if (subject.training === "same") {
      trial.same("the output in training", bitsOf(trained), evaluated);
      trial.same("the state after training", state(), before);
    } else if (subject.training === "random") {
      trial.same("the output in evaluation", evaluated, bitsOf(x));
      if (placesOf(net).join() === places.join()) trial.fail("numbers to be drawn", "none");
    } else {
      for (const [name, bits] of Object.entries(bitsByName(net.namedBuffers()))) {
        if (bits === buffers[name]) trial.fail(`${name} to move in training`, "the same bits");
      }
    }
  },
};

/** Of some layers, those that follow notice nothing: it is asked over many trials in one. */
const neighbours: TrialLaw<LayerSubject> = {
  name: "neighbours",
  claim: "in training makes an example's output depend on its neighbours, where it says so",
  applies: ({ training: mode }) => mode === "batch",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const noticed = [1, 2, 3, 4, 5].some((salt) => {
      const net = maker.made("float64", trial.seed + salt).train();
      const first = (y: Tensor): string => bitsOf(y.slice([[0, 1]]));
      const x = maker.batch("float64", 10 * salt);
      const others = maker.batch("float64", 10 * salt + 1).slice([[1, maker.input[0] ?? 0]]);
      const together = concat([x.slice([[0, 1]]), others]);
      return first(net.forward(together)) !== first(net.forward(x));
    });
    if (!noticed)
      trial.fail("the first example to notice other neighbours", "the same bits, five times");
  },
};

const restored: TrialLaw<LayerSubject> = {
  name: "state",
  claim:
    "put back into another net, its state gives the next training step and all later ones the same bits",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const [dtype = "float32"] = subject.dtypes.toReversed();
    const net = maker.made(dtype);
    const other = maker.made(dtype, trial.seed + 7);
    for (const step of [1, 2]) net.forward(maker.batch(dtype, step));
    other.forward(maker.batch(dtype));
    other.restore(net.state());
    trial.same(
      "the parameters",
      bitsByName(other.namedParameters()),
      bitsByName(net.namedParameters()),
    );
    trial.same("the places in streams", placesOf(other).slice(1), placesOf(net).slice(1));
    for (const step of [3, 4]) {
      const x = maker.batch(dtype, step);
      trial.same(`the output of step ${step}`, bitsOf(other.forward(x)), bitsOf(net.forward(x)));
    }
    const x = maker.batch(dtype);
    const evaluated = bitsOf(net.evaluate().forward(x));
    trial.same("the output in evaluation", bitsOf(other.evaluate().forward(x)), evaluated);
  },
};

const names: TrialLaw<LayerSubject> = {
  name: "names",
  claim: "keeps its names and first values when dropouts and activations come before and after it",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const { seed } = trial;
    const single = assemble(new Sequential([maker.bare()]), { seed });
    const inside = [new Dropout(0.5), new ReLU(), maker.bare(), new Dropout(0.1)];
    const amid = assemble(new Sequential(inside), { seed });
    trial.same(
      "parameters",
      bitsByName(amid.namedParameters()),
      bitsByName(single.namedParameters()),
    );
    trial.same("buffers", bitsByName(amid.namedBuffers()), bitsByName(single.namedBuffers()));
  },
};

/** Gradients of Σ sin(y) in x and every parameter, by `backward`. */
function backwardBits(net: Layer, x: Tensor): readonly (string | null)[] {
  rewind(net);
  clearGradients([...net.parameters(), x]);
  sum(sin(net.forward(x))).backward();
  return [x, ...net.parameters()].map(({ grad: found }) => found && bitsOf(found));
}

const frozen: TrialLaw<LayerSubject> = {
  name: "frozen",
  claim:
    "frozen gives its parameters no gradients, and its input the same; thawed, it gives all again",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const net = maker.made("float64");
    const x = parameter(maker.batch("float64"));
    const [atInput, ...atParameters] = backwardBits(net, x);
    if (atParameters.includes(null)) trial.fail("a gradient in every parameter", "none in one");
    net.freeze();
    trial.same(
      "left gradients",
      net.parameters().map((w) => w.grad),
      atParameters.map(() => null),
    );
    const none = [atInput, ...atParameters.map(() => null)];
    trial.same("gradients of the frozen layer", backwardBits(net, x), none);
    net.unfreeze();
    trial.same("gradients once thawed", backwardBits(net, x), [atInput, ...atParameters]);
  },
};

const observed: TrialLaw<LayerSubject> = {
  name: "observed",
  claim:
    "observed, it gives the same bits, values and gradients, and tells of its own output and gradient",
  check: (subject, trial) => {
    const maker = new Maker(subject, trial);
    const net = maker.made("float64");
    const x = parameter(maker.batch("float64"));
    const run = (): {
      readonly y: string;
      readonly all: readonly unknown[];
      readonly cos: string;
    } => {
      rewind(net);
      const y = net.forward(x);
      const cos = bitsOf(grad((at: Tensor) => sum(sin(at)))(y));
      return { y: bitsOf(y), all: backwardBits(net, x), cos };
    };
    const plain = run();
    const told: string[] = [];
    const stop = net.observe({
      activation: ({ layer, output }) => {
        if (layer === net) told.push(bitsOf(output));
      },
      gradient: ({ layer, gradient }) => {
        if (layer === net) told.push(bitsOf(gradient));
      },
    });
    trial.same("the observed run", backwardBits(net, x), plain.all);
    trial.same("what was told", told, [plain.y, plain.cos]);
    stop();
    trial.same("the run after", run(), plain);
    trial.same("what was told in all", told.length, 2);
  },
};

/** All of them. */
export const layerLaws: readonly TrialLaw<LayerSubject>[] = [
  promisedShape,
  parameterCount,
  unassembled,
  gradients,
  alone,
  training,
  neighbours,
  restored,
  names,
  frozen,
  observed,
];
