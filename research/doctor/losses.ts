/**
 * The checks of the loss: that it is a mean over the batch, and that an untrained net starts at log C.
 * Rests on finding, patient and core.
 */
import { full, noGrad, scope, type Tensor } from "../../core/index.ts";
import { log } from "../../core/scalar-math/index.ts";
import type { Layer } from "../../layers/index.ts";
import { fail, pass, type Said, shown, skip, warn } from "./finding.ts";
import { isClassified, meanCrossEntropy, type PatientBatch } from "./patient.ts";

type Loss = (outputs: Tensor, batch: PatientBatch) => Tensor;

/** What `net` gives for a batch, seen by `use`; nothing is recorded or left behind. */
function seen<T>(net: Layer, batch: PatientBatch, use: (outputs: Tensor) => T): T {
  return scope(() => noGrad(() => use(net.forward(batch.x))));
}

/**
 * The loss alone: of outputs that are all one, -log C, it must be log C, whether it takes logits or log-probabilities, with
 * label smoothing or without. That holds to a few roundings of float32: 1e-4 is a thousand of them.
 */
export function checkLoss(net: Layer, [batch]: readonly PatientBatch[], loss: Loss): Said {
  if (batch === undefined) return skip("no batch");
  return seen(net, batch, (outputs) => {
    if (!isClassified(outputs, batch)) return skip("not a net of classes: there is no log C");
    const [size = 1, classes = 1] = outputs.shape;
    const expected = log(classes);
    const equal = full(outputs.shape, -expected, { dtype: outputs.dtype });
    const measured = loss(equal, batch).item();
    const measures = { loss: measured, expected };
    const found = `${shown(measured)} where all ${classes} classes are equally likely, log ${classes} = ${shown(expected)}`;
    const isNear = (other: number): boolean => Math.abs(measured - other) <= 1e-4 * other;
    if (isNear(expected)) return pass(found, measures);
    const on = "; the lines below use the mean cross-entropy";
    if (isNear(size * expected)) {
      const advice = `Divide by the ${size} examples: the loss is their sum, and the rate grows with the batch`;
      return fail(`${found}${on}`, advice, measures);
    }
    if (isNear(expected / size)) {
      const advice = `Divide by the ${size} examples once: they are averaged twice, and the rate shrinks with the batch`;
      return fail(`${found}${on}`, advice, measures);
    }
    if (!Number.isFinite(measured)) return skip(`${found}: the loss takes no logits`);
    return fail(
      `${found}${on}`,
      "Use the mean cross-entropy over the examples of a batch",
      measures,
    );
  });
}

/**
 * The net as it stands: without knowledge the loss is log C. Logits of variance v add v/2 to it; with Kaiming's variance of 2
 * in the last layer as well, that is 1. More than 3 above fails: the logits are of a size that training must first undo. More than
 * 30 % below warns: the net knows something already.
 */
export function checkInitialLoss(net: Layer, batches: readonly PatientBatch[], loss: Loss): Said {
  let [total, examples, classes] = [0, 0, 0];
  for (const batch of batches.slice(0, 8)) {
    const one = seen(net, batch, (outputs) =>
      isClassified(outputs, batch)
        ? { loss: loss(outputs, batch).item(), classes: outputs.shape[1] ?? 1 }
        : null,
    );
    if (one === null) return skip("not a net of classes: there is no log C");
    const [size = 1] = batch.x.shape;
    total += one.loss * size;
    examples += size;
    classes = one.classes;
  }
  const expected = log(classes);
  const mean = total / examples;
  const measures = { loss: mean, expected };
  const found = `${shown(mean)}, log ${classes} = ${shown(expected)}`;
  const smaller =
    "Start the last layer smaller, for example with xavierNormal(), and look at the inputs";
  if (!(mean - expected <= 3)) return fail(found, smaller, measures);
  if (mean - expected > 1) return warn(found, smaller, measures);
  if (mean < 0.7 * expected) {
    const advice = "Look whether the net is trained already, or the inputs hold the labels";
    return warn(found, advice, measures);
  }
  return pass(found, measures);
}

/** The loss that the further checks use: the given one, unless `said` found it wrong. */
export function trustedLoss(said: Said, loss: Loss): Loss {
  return said.status === "fail" ? meanCrossEntropy : loss;
}
