/**
 * The whole nets of the golden file nets.json, trained by bitgrad from the same weights on the same batches.
 * Rests on core, layers, optim.
 */
import { readFileSync } from "node:fs";
import { crossEntropy, type Shape, type Tensor, tensor } from "../../core/index.ts";
import { sizeOf } from "../../core/shape.ts";
import { assemble, cifarResNet, type Layer, lenet } from "../../layers/index.ts";
import { sgd } from "../../optim/index.ts";

/** Of one gradient: its entry of largest magnitude, its Euclidean norm, and entries at hashed places. */
interface GoldenGradient {
  readonly largest: number;
  readonly norm: number;
  readonly entries: readonly number[];
}

/** One net in training: make-nets.py says what each entry is. */
export interface GoldenNet {
  readonly net: "lenet" | "resnet20";
  readonly batch: Shape;
  readonly classes: number;
  readonly rate: number;
  readonly momentum: number;
  readonly losses: readonly number[];
  readonly first: { readonly loss: number; readonly gradients: readonly GoldenGradient[] };
  readonly singleLosses: readonly number[];
  readonly envelope: readonly number[];
}

/** The file. */
interface NetsFile {
  readonly command: string;
  readonly torch: string;
  readonly problems: number;
  readonly nets: readonly GoldenNet[];
}

/** All entries. */
export const netsFile: NetsFile = JSON.parse(
  readFileSync(new URL("./nets.json", import.meta.url), "utf8"),
);

/** Uniform in [0, 1): the finalizer of MurmurHash3 (Appleby 2011), of salt·2^22 + index mod 2^32. */
export function hashed(salt: number, count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    let h = (salt * 2 ** 22 + index) >>> 0;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return ((h ^ (h >>> 16)) >>> 0) / 2 ** 32;
  });
}

const makers = { lenet: () => lenet(), resnet20: () => cifarResNet() };

/** The net with hashed weights: uniform with variance 2/fan-in; γ near 1, biases and β near 0. */
function make({ net }: GoldenNet, dtype: "float32" | "float64"): Layer {
  const made = assemble(makers[net](), { dtype });
  const parameters = Object.entries(made.namedParameters()).map(([name, { shape }], index) => {
    const spread = shape.length > 1 ? Math.sqrt(24 / sizeOf(shape.slice(1))) : 0.25;
    const centre = name.endsWith("gamma") ? 1 : 0;
    const values = hashed(index, sizeOf(shape)).map((u) => (u - 0.5) * spread + centre);
    return [name, tensor(values, { shape, dtype })] as const;
  });
  made.restore({ ...made.state(), parameters: Object.fromEntries(parameters) });
  return made;
}

/** Images in [-1, 1) and labels of one step. */
function batchOf({ batch, classes }: GoldenNet, step: number, dtype: "float32" | "float64") {
  const [n = 0] = batch;
  const pixels = hashed(500 + step, sizeOf(batch)).map((u) => u * 2 - 1);
  const labels = hashed(700 + step, n).map((u) => Math.floor(u * classes));
  return {
    x: tensor(pixels, { shape: batch, dtype }),
    y: tensor(labels, { dtype: "int32" }),
  };
}

/** The loss before each step, and each parameter's first gradient in their order. */
export function trainGolden(
  golden: GoldenNet,
  dtype: "float32" | "float64",
  steps: number = golden.losses.length,
): { readonly losses: readonly number[]; readonly first: readonly (readonly number[])[] } {
  const net = make(golden, dtype);
  const { rate, momentum } = golden;
  const optimizer = sgd(net.parameters(), { learningRate: rate, momentum });
  let first: readonly (readonly number[])[] = [];
  const losses = Array.from({ length: steps }, (_, step) => {
    const { x, y } = batchOf(golden, step, dtype);
    const loss = optimizer.step(() => crossEntropy(net.forward(x), y)).item();
    if (step === 0) first = net.parameters().map(({ grad }) => plain(grad));
    return loss;
  });
  return { losses, first };
}

function plain(gradient: Tensor | null): readonly number[] {
  if (gradient === null) throw new RangeError("golden: a parameter without a gradient");
  return Array.from(gradient.elements());
}
