/**
 * The checks that train: one small batch learnt by heart, a rate that falls in range, and what is learnt beside what is not.
 * Rests on finding, patient, optim, schedules and evaluation. Each trains a net that `diagnose` puts back.
 */
import {
  accuracy,
  accuracyMetric,
  crossEntropy,
  meanMetric,
  noGrad,
  scope,
  type Tensor,
  ValueError,
} from "../../core/index.ts";
import { log } from "../../core/scalar-math/index.ts";
import type { Layer } from "../../layers/index.ts";
import { adam, Optimizer, sgd } from "../../optim/index.ts";
import { findRateRange, rateSweep, type Schedule } from "../../schedules/index.ts";
import { untouched } from "../probes/index.ts";
import { evaluate } from "../training/evaluate.ts";
import { fail, pass, percent, type Said, shown, skip, warn } from "./finding.ts";
import { copyOf, isClassified, type Patient, type PatientBatch } from "./patient.ts";

type Loss = (outputs: Tensor, batch: PatientBatch) => Tensor;

/** Steps with each rate to learn a small batch by heart. */
const heartSteps = 200;

/**
 * Eight examples, learnt by heart: any net that can learn anything can. Adam at 1e-2, then at 1e-3, of 200 steps each; dropout
 * rests. Passes where all eight are classified and the loss is half of log C, which smoothed labels allow too; for other losses,
 * where it is a tenth of the first.
 */
export function checkOverfit(net: Layer, [first]: readonly PatientBatch[], loss: Loss): Said {
  if (first === undefined) return skip("no batch");
  const batch = copyOf(first, 8);
  const count = batch.x.shape[0] ?? 0;
  let lowest = Infinity;
  for (const learningRate of [1e-2, 1e-3]) {
    const learnt = untouched(net, () => {
      const optimizer = adam(net.parameters(), { learningRate });
      let goal = Number.NaN;
      for (let step = 1; step <= heartSteps; step++) {
        const value = optimizer.step(() => loss(net.forward(batch.x), batch)).item();
        if (step === 1) goal = half(logClasses(net, batch)) ?? 0.1 * value;
        lowest = Math.min(lowest, value);
        if (value <= goal && isAllRight(net, batch)) return { step, value };
        if (!Number.isFinite(value)) break;
      }
      return null;
    });
    if (learnt === null) continue;
    const found = `${count} examples by heart in ${learnt.step} steps of Adam at ${learningRate}, loss ${shown(learnt.value)}`;
    return pass(found, { steps: learnt.step, loss: learnt.value });
  }
  return fail(
    `${count} examples not learnt by heart in ${heartSteps} steps of Adam, lowest loss ${shown(lowest)}`,
    "Look for what cuts gradients off (dead units, saturation, detach, frozen layers) and for labels that contradict each other",
    { steps: null, loss: lowest },
  );
}

function half(value: number | null): number | null {
  return value === null ? null : value / 2;
}

/** log C; null where these are no classes. */
function logClasses(net: Layer, batch: PatientBatch): number | null {
  return scope(() =>
    noGrad(() => {
      const outputs = net.forward(batch.x);
      return isClassified(outputs, batch) ? log(outputs.shape[1] ?? 1) : null;
    }),
  );
}

/** Whether every example is classified, by the statistics of this batch where the net normalizes by them. */
function isAllRight(net: Layer, batch: PatientBatch): boolean {
  return scope(() =>
    noGrad(() => {
      const outputs = net.forward(batch.x);
      return !isClassified(outputs, batch) || accuracy(outputs, batch.y) === 1;
    }),
  );
}

/** Of the net as it evaluates. */
function accuracyOf(
  net: Layer,
  batches: readonly PatientBatch[],
): { readonly accuracy: number; readonly loss: number } {
  return evaluate(net, batches, {
    accuracy: accuracyMetric,
    loss: meanMetric((outputs, y) => crossEntropy(outputs, y, { reduction: "none" })),
  });
}

/** An optimizer for `net` at a rate, as the patient makes them. */
type MakeOptimizer = (learningRate: number | Schedule) => Optimizer;

/** How to train `net`: with its own optimizer, or SGD with momentum. */
export function optimizerOf({ net, optimizer }: Patient): MakeOptimizer {
  return (learningRate) => {
    if (optimizer === undefined) return sgd(net.parameters(), { learningRate, momentum: 0.9 });
    const made: unknown = optimizer(net.parameters(), { learningRate });
    if (made instanceof Optimizer) return made;
    throw new ValueError({
      where: "diagnose",
      argument: "optimizer",
      expected: "to give an Optimizer",
      got: String(made),
      fix: "Give adam itself, or (parameters, { learningRate }) => sgd(parameters, { learningRate, momentum: 0.9 })",
    });
  };
}

/** Trains through the batches, around and around. Gives each loss; a loss that is not finite is the last. */
function train(
  net: Layer,
  batches: readonly PatientBatch[],
  { loss, optimizer, steps }: { loss: Loss; optimizer: Optimizer; steps: number },
): readonly number[] {
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const batch = batches[step % batches.length];
    if (batch === undefined) break;
    const value = optimizer.step(() => loss(net.forward(batch.x), batch)).item();
    losses.push(value);
    if (!Number.isFinite(value)) break;
  }
  return losses;
}

/** The sweep: so many decades up to 10, or to ten times the patient's rate, with this many steps to a decade. */
const lowestRate = 1e-6;
const stepsPerDecade = 10;

/** Steps at the patient's own rate. */
const trialSteps = 40;

/**
 * The rate range test, with the patient's optimizer; then a few steps at its rate, or at the one recommended: a tenth of
 * that with the lowest loss. Fails where that trial diverges (not finite, or a mean of its last ten losses of more than
 * 1.5 times the first), or the sweep had by that rate. Warns beyond the rate with the lowest loss, a thousand times below
 * the one recommended, and where no rate lowers the loss by 2 %. Gives a rate to go on with.
 */
export function checkRateRange(
  patient: Patient,
  batches: readonly PatientBatch[],
  loss: Loss,
): { readonly said: Said; readonly rate: number } {
  const { net, learningRate } = patient;
  const make = optimizerOf(patient);
  let high = 10;
  while (learningRate !== undefined && high < 10 * learningRate) high *= 10;
  const totalSteps = stepsPerDecade * decades(high / lowestRate);
  const sweep = rateSweep({ low: lowestRate, high, totalSteps });
  const losses = untouched(net, () =>
    train(net, batches, { loss, optimizer: make(sweep), steps: totalSteps + 1 }),
  );
  const rates = Array.from({ length: totalSteps + 1 }, (_, t) => sweep(t));
  const [first = Number.NaN] = losses;
  if (!Number.isFinite(first)) {
    const said = fail(`the first loss is ${first}`, "Look at the inputs and the first weights");
    return { said, rate: learningRate ?? 1e-3 };
  }
  if (losses.some((value) => value < 0)) {
    const said = skip("the loss falls below 0, so that it tells nothing of divergence");
    return { said, rate: learningRate ?? 1e-3 };
  }
  // What came to an end by diverging stays so.
  const padded = rates.map((_, t) => losses[t] ?? Infinity);
  const { lowest, steepest, diverged, smoothed } = findRateRange(rates, padded, { smoothing: 0.8 });
  const recommended = lowest / 10;
  const rate = learningRate ?? recommended;
  const best = Math.min(...smoothed);
  const range = `the loss falls from ${shown(first)} to ${shown(best)} at rate ${shown(lowest)}${diverged === null ? "" : `, diverges from ${shown(diverged)} on`}`;
  const measures = { lowest, steepest, diverged, recommended, learningRate: learningRate ?? null };
  if (!(best < 0.98 * first)) {
    const advice = "Look at the other lines: no rate helps a net whose gradients are cut off";
    const found = `no rate from ${lowestRate} to ${high} lowers the loss of ${shown(first)} by 2 %`;
    return { said: warn(found, advice, measures), rate };
  }
  const trial = untouched(net, () =>
    train(net, batches, { loss, optimizer: make(rate), steps: trialSteps }),
  );
  const end = trial.slice(-10).reduce((sum, value) => sum + value, 0) / Math.min(10, trial.length);
  const advice = `Train at about ${shown(recommended)}`;
  if (!(end <= 1.5 * first) || (diverged !== null && rate >= diverged)) {
    const found = `at ${shown(rate)} the loss goes from ${shown(first)} to ${shown(end)} in ${trial.length} steps; ${range}`;
    return { said: fail(found, advice, measures), rate: recommended };
  }
  if (learningRate !== undefined && learningRate > lowest) {
    return { said: warn(`${shown(rate)} is high: ${range}`, advice, measures), rate: recommended };
  }
  if (learningRate !== undefined && learningRate < recommended / 1000) {
    return { said: warn(`${shown(rate)} is low: ${range}`, advice, measures), rate: recommended };
  }
  const about = learningRate === undefined ? `; train at about ${shown(recommended)}` : "";
  return { said: pass(`${range}${about}`, measures), rate };
}

/** How many factors of ten, rounded up. */
function decades(factor: number): number {
  let count = 0;
  for (let power = 1; power < factor * (1 - 1e-9); power *= 10) count += 1;
  return count;
}

/** Steps before what is learnt is looked at. */
const trainingSteps = 150;

/** What the check of generalization looks at. */
export interface Split {
  readonly training: readonly PatientBatch[];
  readonly heldOut: readonly PatientBatch[];
  /** Whether the patient gave the latter. */
  readonly isOwn: boolean;
}

/**
 * The gap: 150 steps, then the accuracy on what was trained on and on what was held out. Chance is the share of the commonest
 * class held out, and an accuracy within three standard errors of it is at chance. Fails where the net learns, yet is at
 * chance on what it has not seen; warns where it learns nothing, or where accuracies lie more than 10 points and three
 * standard errors apart.
 */
export function checkGeneralization(
  patient: Patient,
  { training, heldOut, isOwn }: Split,
  { loss, rate }: { readonly loss: Loss; readonly rate: number },
): Said {
  const { net } = patient;
  const [batch] = training;
  if (batch === undefined || heldOut.length === 0) {
    return skip("one batch: nothing can be held out; give validation, or smaller batches");
  }
  if (logClasses(net, batch) === null)
    return skip("not a net of classes: there is no chance level");
  const optimizer = optimizerOf(patient)(rate);
  const last = train(net, training, { loss, optimizer, steps: trainingSteps }).at(-1);
  if (!Number.isFinite(last)) {
    return warn(`the loss is ${last} within ${trainingSteps} steps`, "See the line rate-range");
  }
  const seen = accuracyOf(net, training);
  const unseen = accuracyOf(net, heldOut);
  const { chance, count } = commonest(heldOut);
  const base = commonest(training);
  const measures = {
    training: seen.accuracy,
    heldOut: unseen.accuracy,
    chance,
    trainingLoss: seen.loss,
    heldOutLoss: unseen.loss,
  };
  const what = isOwn ? "of validation" : "held out";
  const found = `after ${trainingSteps} steps ${percent(seen.accuracy)} of ${base.count} trained on and ${percent(unseen.accuracy)} of ${count} ${what} are right, chance is ${percent(chance)}`;
  const error = standardError(chance, count);
  if (seen.accuracy <= base.chance + 3 * standardError(base.chance, base.count)) {
    const advice =
      "It has learnt nothing yet: see the other lines, and whether labels belong to their inputs";
    return warn(found, advice, measures);
  }
  if (unseen.accuracy <= chance + 3 * error) {
    const advice =
      "Look whether each label still belongs to its input: this is what shuffled labels look like; else get more examples";
    return fail(found, advice, measures);
  }
  const gap = seen.accuracy - unseen.accuracy;
  if (gap > 0.1 + 3 * standardError(unseen.accuracy, count)) {
    const advice = "It over-fits: more data, augmentation, weight decay, dropout, or stop earlier";
    return warn(found, advice, measures);
  }
  return pass(found, measures);
}

function standardError(share: number, count: number): number {
  return Math.sqrt((share * (1 - share)) / count);
}

/** The share of the commonest label, and how many labels there are. */
function commonest(batches: readonly PatientBatch[]): {
  readonly chance: number;
  readonly count: number;
} {
  const counts = new Map<number, number>();
  let count = 0;
  for (const { y } of batches) {
    for (const label of y.elements()) {
      counts.set(label, (counts.get(label) ?? 0) + 1);
      count += 1;
    }
  }
  return { chance: Math.max(...counts.values()) / count, count };
}
