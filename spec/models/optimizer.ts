/**
 * Optimiser, schedule and checkpoint against plain numbers: steps, accumulation, saving, going back and clearing, in any
 * order, leave the same weights, bit for bit.
 * Rests on fast-check, optim, layers and core/io.
 */
import fc from "fast-check";
import { multiply, sum, tensor } from "../../core/index.ts";
import { encodeCheckpoint, restoreCheckpoint } from "../../core/io/index.ts";
import { assemble, type Layer, Linear } from "../../layers/index.ts";
import { type Optimizer, sgd } from "../../optim/index.ts";

const rho = 0.75;
/** Halves every three updates: exact, like all else here. */
const rateAt = (t: number): number => 0.5 ** (1 + Math.floor(t / 3));

/** The plain world: everything that the next step depends on. */
interface Numbers {
  readonly x: readonly number[];
  readonly v: readonly number[];
  readonly t: number;
  /** Gradients taken in since the last update; null where there are none. */
  readonly waiting: readonly number[] | null;
}

interface Model {
  now: Numbers;
  readonly saved: Numbers[];
}

interface Real {
  readonly net: Layer;
  readonly optimizer: Optimizer;
  readonly saved: Uint8Array[];
}

type Command = fc.Command<Model, Real>;

/** Both worlds hold the same weights and have made as many updates. */
function compare({ now }: Model, { net, optimizer }: Real): void {
  const weights = net.parameters().flatMap((w) => Array.from(w.elements()));
  const same = weights.every((w, i) => w === now.x[i]) && optimizer.steps === now.t;
  if (!same) {
    throw new Error(
      `expected ${now.x.join(", ")} after ${now.t} updates, got ${weights.join(", ")} after ${optimizer.steps}`,
    );
  }
  if (optimizer.learningRate !== rateAt(now.t)) throw new Error(`rate ${optimizer.learningRate}`);
}

/** One call of step with these gradients; every second call updates. */
class Step implements Command {
  readonly gradient: readonly number[];

  constructor(gradient: readonly number[]) {
    this.gradient = gradient;
  }

  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    const { gradient: g } = this;
    const { x, v, t, waiting } = model.now;
    if (waiting === null) {
      model.now = { x, v, t, waiting: g.map((value) => value / 2) };
    } else {
      const next = v.map((value, i) => rho * value + ((waiting[i] ?? 0) + (g[i] ?? 0) / 2));
      const moved = x.map((value, i) => value - rateAt(t) * (next[i] ?? 0));
      model.now = { x: moved, v: next, t: t + 1, waiting: null };
    }
    real.optimizer.step(() => {
      const [weight, bias] = real.net.parameters();
      if (weight === undefined || bias === undefined) throw new Error("two parameters");
      const slope = tensor([g.slice(0, 2)], { dtype: "float64" }).reshape(weight.shape);
      const shift = tensor(g.slice(2), { dtype: "float64" });
      return sum(multiply(weight, slope)).add(sum(multiply(bias, shift)));
    });
    compare(model, real);
  }

  toString(): string {
    return `step(${this.gradient.join(", ")})`;
  }
}

class Save implements Command {
  check(): boolean {
    return true;
  }

  run(model: Model, { net, optimizer, saved }: Real): void {
    model.saved.push(model.now);
    saved.push(encodeCheckpoint({ net, optimizer }));
  }

  toString(): string {
    return "save";
  }
}

/** Goes back to a checkpoint. */
class Restore implements Command {
  readonly which: number;

  constructor(which: number) {
    this.which = which;
  }

  check({ saved }: Readonly<Model>): boolean {
    return saved.length > 0;
  }

  run(model: Model, real: Real): void {
    const index = this.which % model.saved.length;
    model.now = model.saved[index] ?? model.now;
    const { net, optimizer } = real;
    restoreCheckpoint(real.saved[index] ?? new Uint8Array(), { net, optimizer });
    compare(model, real);
  }

  toString(): string {
    return `restore(${this.which})`;
  }
}

class Clear implements Command {
  check(): boolean {
    return true;
  }

  run(model: Model, real: Real): void {
    model.now = { ...model.now, waiting: null };
    real.optimizer.clearGradients();
    compare(model, real);
  }

  toString(): string {
    return "clearGradients";
  }
}

/** Sixteenths: with ρ = ¾ and halves, numbers stay exact for longer than any sequence here, and round alike after. */
const gradients = fc.array(fc.integer({ min: -64, max: 64 }), { minLength: 3, maxLength: 3 });

/** Throws the shortest sequence of commands after which the optimiser and plain numbers differ. */
export function checkOptimizerModel(seed: number, runs: number): void {
  const commands = fc.commands(
    [
      gradients.map((g) => new Step(g.map((k) => k / 16))),
      fc.constant(new Save()),
      fc.nat(5).map((which) => new Restore(which)),
      fc.constant(new Clear()),
    ],
    { maxCommands: 40, size: "max" },
  );
  const setup = (): { model: Model; real: Real } => {
    const net = assemble(new Linear(2, 1), { seed: 3, dtype: "float64" });
    const optimizer = sgd(net.parameters(), { learningRate: rateAt, momentum: rho, accumulate: 2 });
    const x = net.parameters().flatMap((w) => Array.from(w.elements()));
    const now: Numbers = { x, v: x.map(() => 0), t: 0, waiting: null };
    return { model: { now, saved: [] }, real: { net, optimizer, saved: [] } };
  };
  fc.assert(
    fc.property(commands, (sequence) => {
      fc.modelRun(setup, sequence);
    }),
    { seed, numRuns: runs },
  );
}
