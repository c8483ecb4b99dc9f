/**
 * The diagnosis: every check of a net and its loader, in order, with the net put back after each.
 * Rests on the checks beside it.
 */
import { isFloat } from "../../core/dtype.ts";
import { Tensor, ValueError } from "../../core/index.ts";
import { requirePositive } from "../../core/require-number.ts";
import { Layer } from "../../layers/index.ts";
import { untouched } from "../probes/index.ts";
import { type CheckName, type Finding, type FindingStatus, type Said, skip } from "./finding.ts";
import { checkInputs } from "./inputs.ts";
import { checkInitialLoss, checkLoss, trustedLoss } from "./losses.ts";
import { meanCrossEntropy, type Patient, sampleOf } from "./patient.ts";
import { checkActivations, checkDeadUnits } from "./signals.ts";
import { checkGeneralization, checkOverfit, checkRateRange, type Split } from "./training.ts";

/** What was found. */
export interface Diagnosis {
  /** The worst of all findings: "pass", "warn" or "fail". */
  readonly status: Exclude<FindingStatus, "skip">;
  readonly findings: readonly Finding[];
}

/** Checks whose failure brings that of a later one about: what follows from them only warns, and says so. */
const causes: Partial<Readonly<Record<CheckName, readonly CheckName[]>>> = {
  "initial-loss": ["inputs"],
  activations: ["inputs"],
  "overfit-batch": ["inputs", "dead-units", "activations"],
  "rate-range": ["inputs", "dead-units", "activations"],
  generalization: ["inputs", "dead-units", "activations", "overfit-batch"],
};

/** What `check` says, after what was found before it. */
function inTurn<S extends Said>(check: CheckName, said: S, findings: readonly Finding[]): S {
  const failed = findings
    .filter(({ check: earlier, status }) => status === "fail" && causes[check]?.includes(earlier))
    .map(({ check: earlier }) => earlier);
  if (said.status !== "fail" || failed.length === 0) return said;
  const advice = `Mend ${failed.join(" and ")} first: this may follow from it`;
  return { ...said, status: "warn", advice };
}

/**
 * Goes through the checklist before a long training: inputs normalized, a loss that is a mean, an initial loss of log C, no
 * dead units, activations as in a net of infinite width, one small batch learnt by heart, a rate in range, and learning that
 * carries over to what was held out. Each line says pass, warn, fail or skip, what was found, and what to do. What fails
 * and may follow from an earlier failure warns only.
 *
 * The net is the same afterwards, bit for bit, with its streams, gradients and modes, and a DataLoader keeps its place. The same
 * patient gives the same findings. `onFinding` hears of each as it is made. Throws ValueError for a patient that cannot be looked
 * at, and what its own functions throw.
 *
 * @example
 * const { status, findings } = diagnose({ net, loader, optimizer: adam, learningRate: 1e-3 });
 */
export function diagnose(
  patient: Patient,
  { onFinding = () => {} }: { readonly onFinding?: (finding: Finding) => void } = {},
): Diagnosis {
  requirePatient(patient);
  const { net } = patient;
  const loss = checkedLoss(patient.loss ?? meanCrossEntropy);
  const batches = sampleOf("loader", patient.loader);
  const split = splitOf(patient, batches);
  const findings: Finding[] = [];
  const say = <S extends Said>(check: CheckName, run: () => S): S => {
    const plain = untouched(net, () => {
      net.train();
      for (const layer of net.walk()) if (layer.drawsRandomly) layer.training = false;
      return run();
    });
    const said = inTurn(check, plain, findings);
    const { status, found, advice, measures } = said;
    const finding = { check, status, found, advice, measures };
    findings.push(finding);
    onFinding(finding);
    return said;
  };
  const numeric = batches.every(({ x }) => isFloat(x.dtype));
  say("inputs", () => (numeric ? checkInputs(batches) : skip("inputs are no floats")));
  const trusted = trustedLoss(
    say("loss", () => checkLoss(net, batches, loss)),
    loss,
  );
  say("initial-loss", () => checkInitialLoss(net, batches, trusted));
  const { lost } = say("dead-units", () => {
    const { said, lost: layers } = checkDeadUnits(net, batches);
    return { ...said, lost: layers };
  });
  say("activations", () => checkActivations(net, batches, lost));
  say("overfit-batch", () => checkOverfit(net, batches, trusted));
  const { rate } = say("rate-range", () => {
    const { said, rate: chosen } = checkRateRange(patient, batches, trusted);
    return { ...said, rate: chosen };
  });
  say("generalization", () => checkGeneralization(patient, split, { loss: trusted, rate }));
  const has = (status: FindingStatus): boolean => findings.some((one) => one.status === status);
  return { status: has("fail") ? "fail" : has("warn") ? "warn" : "pass", findings };
}

/** The loss, refusing what is none. */
function checkedLoss(loss: NonNullable<Patient["loss"]>): NonNullable<Patient["loss"]> {
  return (outputs, batch) => {
    const value: unknown = loss(outputs, batch);
    if (value instanceof Tensor && value.rank === 0) return value;
    throw new ValueError({
      where: "diagnose",
      argument: "loss",
      expected: "to give a 0-d tensor",
      got: value instanceof Tensor ? value.describe() : describe(value),
      fix: "Return the mean over the batch, such as crossEntropy(outputs, batch.y)",
    });
  };
}

/** Three quarters to train on, and a quarter that is not; or all, and the patient's own. */
function splitOf({ validation }: Patient, batches: Split["training"]): Split {
  if (validation !== undefined) {
    return { training: batches, heldOut: sampleOf("validation", validation), isOwn: true };
  }
  const count = Math.max(1, Math.ceil(0.75 * batches.length));
  return { training: batches.slice(0, count), heldOut: batches.slice(count), isOwn: false };
}

function requirePatient({ net, learningRate }: Patient): void {
  const where = "diagnose";
  if (!(net instanceof Layer)) {
    throw new ValueError({
      where,
      argument: "net",
      expected: "to be a layer of this bitgrad",
      got: describe(net),
      fix: "Give a net such as assemble(mlp([784, 256, 10])), made with the same copy of bitgrad",
    });
  }
  if (net.parameters().every((cell) => !cell.requiresGrad)) {
    throw new ValueError({
      where,
      argument: "net",
      expected: "to have parameters that are not frozen",
      got: "none",
      fix: "Give a net that can be trained",
    });
  }
  if (learningRate === undefined) return;
  requirePositive(where, "learningRate", learningRate, "Give a rate such as 0.1, or leave it out");
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  const { name } = value.constructor ?? { name: "object" };
  return `a ${name}`;
}
