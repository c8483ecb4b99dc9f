/** A program of a user's own: strict types, every entry point, methods, and the derivatives of a small net. */
import { crossEntropy, grad, parameter, type Tensor, tensor } from "bitgrad";
import { DataLoader, imageDataset } from "bitgrad/data";
import { constant } from "bitgrad/init";
import { fingerprint } from "bitgrad/io";
import { assemble, Flatten, Linear, Sequential } from "bitgrad/layers";
import { sgd } from "bitgrad/optim";
import { canonicalFingerprint } from "bitgrad/research";
import { cosine } from "bitgrad/schedules";
import { checkGradients } from "bitgrad/spec";

const x = parameter(tensor([1, -2, 3]));
x.relu().sum().backward();
const second: Tensor = grad((t: Tensor) => grad((u: Tensor) => u.square().sum())(t).sum())(x);

const pixels = new Uint8Array([0, 255, 255, 0]);
const dataset = imageDataset(
  {
    name: "dots",
    images: pixels,
    shape: [1, 1, 2],
    labels: new Uint8Array([0, 1]),
    count: 2,
    classes: ["right", "left"],
  },
  { mean: [0.5], std: [0.5] },
);
const head = new Linear(2, 2, { init: constant(0) });
const net = assemble(new Sequential([new Flatten(), head]), { seed: 0 });
const optimizer = sgd(net.parameters(), {
  learningRate: cosine({ base: 0.5, totalSteps: 50 }),
});
const start = tensor([1, 2], { dtype: "float64" });
let loss = Number.NaN;
for (let epoch = 0; epoch < 50; epoch++) {
  for (const { x: batch, y } of new DataLoader(dataset, { batchSize: 2, seed: 0 })) {
    loss = optimizer.step(() => crossEntropy(net.forward(batch), y)).item();
  }
}

// @ts-expect-error an axis is a number
export const refused = (): Tensor => x.sum({ axis: "first" });

const facts: readonly (readonly [string, boolean])[] = [
  ["a method has a gradient", x.grad?.elements().join() === "1,0,1"],
  ["a gradient has a gradient", second.elements().join() === "2,2,2"],
  ["a net learns", loss < 0.1],
  ["a tensor has a fingerprint", fingerprint({ second }).length === 64],
  ["a tensor prints itself", second.inspect().startsWith("Tensor [3] float32")],
  ["a derivative is checked", checkGradients((t: Tensor) => t.square().sum(), start).worst <= 1],
  ["the canonical run runs", canonicalFingerprint().length === 64],
];
const wrong = facts.filter(([, holds]) => !holds);
for (const [claim] of wrong) console.error(`not so: ${claim}`);
if (wrong.length > 0) throw new Error(`${wrong.length} claims do not hold`);
