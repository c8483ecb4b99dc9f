/**
 * The patient: a net with what trains it, and the batches that the checks look at.
 * Rests on core, layers and optim.
 */
import { DataLoader } from "../../core/data/index.ts";
import { crossEntropy, type Tensor, type Tree, tensor, ValueError } from "../../core/index.ts";
import { mapTree } from "../../core/tree.ts";
import type { Layer } from "../../layers/index.ts";
import type { Optimizer } from "../../optim/index.ts";
import type { Schedule } from "../../schedules/index.ts";
import { keepingPlace } from "../training/evaluate.ts";

/** A batch: inputs of the net, and what it should make of them; more tensors may be there, for the loss. */
export type PatientBatch = Readonly<Record<string, Tensor>> & {
  /** The batch axis first. */
  readonly x: Tensor;
  /** Classes, [N] int32, or whatever the loss takes. */
  readonly y: Tensor;
};

/** What `diagnose` is given. */
export interface Patient {
  /** Assembled, and as it is before training. */
  readonly net: Layer;
  /** Batches to train on. One pass or less is taken, and a DataLoader keeps its place. */
  readonly loader: Iterable<PatientBatch>;
  /** Batches the net is not trained on; where absent a quarter of the others is held out. */
  readonly validation?: Iterable<PatientBatch>;
  /** The loss, 0-d, of what the net gave; default the mean cross-entropy of logits. */
  readonly loss?: (outputs: Tensor, batch: PatientBatch) => Tensor;
  /** As `sgd` and `adam` of bitgrad/optim; default SGD with momentum 0.9. */
  readonly optimizer?: (
    parameters: readonly Tensor[],
    options: { readonly learningRate: number | Schedule },
  ) => Optimizer;
  /** The rate to train with; where absent one is recommended. */
  readonly learningRate?: number;
}

/** The mean cross-entropy of logits. */
export function meanCrossEntropy(outputs: Tensor, { y }: PatientBatch): Tensor {
  return crossEntropy(outputs, y);
}

/** Whether these are logits of classes [N, C] and their labels [N]. */
export function isClassified(outputs: Tensor, { y }: PatientBatch): boolean {
  const [, classes = 0] = outputs.shape;
  return outputs.rank === 2 && classes > 1 && y.dtype === "int32" && y.rank === 1;
}

/** Examples enough for the statistics below; more would only take longer. */
const mostExamples = 1024;

/** Copies of the first batches of one pass, up to 1024 examples. Throws ValueError for what holds no batches { x, y }. */
export function sampleOf(
  argument: string,
  batches: Iterable<PatientBatch>,
): readonly PatientBatch[] {
  const copies: PatientBatch[] = [];
  let examples = 0;
  keepingPlaceOf(batches, () => {
    for (const batch of batches) {
      requireBatch(argument, batch);
      const [count = 0] = batch.x.shape;
      copies.push(copyOf(batch, count));
      examples += count;
      if (examples >= mostExamples) break;
    }
  });
  if (examples === 0) throw refusal(argument, "to give at least one example", "none");
  return copies;
}

/** The first `count` examples of a batch, in memory of their own. */
export function copyOf(batch: PatientBatch, count: number): PatientBatch {
  return mapTree<Tree>(batch, (part) => {
    const [length = count, ...rest] = part.shape;
    const kept = Math.min(count, length);
    const elements = part.elements().slice(0, (part.size / Math.max(length, 1)) * kept);
    return tensor(elements, { shape: [kept, ...rest], dtype: part.dtype });
  }) as PatientBatch;
}

/** As for evaluation; a loader in the middle of an epoch is put back there too. */
function keepingPlaceOf(batches: Iterable<PatientBatch>, body: () => void): void {
  const state = batches instanceof DataLoader ? batches.state() : null;
  try {
    keepingPlace(batches, body);
  } finally {
    if (batches instanceof DataLoader && state !== null) batches.restore(state);
  }
}

function requireBatch(argument: string, batch: unknown): void {
  const isRecord = typeof batch === "object" && batch !== null;
  const { x, y }: Readonly<Record<string, unknown>> = isRecord ? { ...batch } : {};
  if (isTensor(x) && isTensor(y) && x.rank > 0 && y.rank > 0) return;
  const got = isRecord ? `{ ${Object.keys(batch).join(", ")} }` : String(batch);
  throw refusal(argument, "to give batches { x, y } of tensors with a batch axis", got);
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "storage" in value && "rank" in value;
}

function refusal(argument: string, expected: string, got: string): ValueError {
  const fix = "Give a DataLoader, or an array of batches { x, y }";
  return new ValueError({ where: "diagnose", argument, expected, got, fix });
}
