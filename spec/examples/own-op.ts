import {
  abs,
  add,
  defineOp,
  divide,
  mapElements,
  multiply,
  nd,
  square,
  tensor,
  ulps,
} from "bitgrad";
import { checkOp } from "bitgrad/spec";

const softsign = defineOp({
  name: "softsign",
  inputs: ["x"],
  formula: "y = x/(1 + |x|)",
  source: "Turian, Bergstra & Bengio 2009",
  forward: ([x]) => divide(x, add(1, abs(x))),
  jvp: ([t], { inputs: [x] }) => t && divide(t, square(add(1, abs(x)))),
  vjp: (c, { inputs: [x] }) => [divide(c, square(add(1, abs(x))))],
  sample: (draw) => ({
    inputs: [draw.values(draw.shape(), { min: -3, max: 3, avoid: [0] })],
    attributes: {},
  }),
  special: [
    {
      title: "the slope at 0 is 1",
      inputs: [nd([0])],
      attributes: {},
      gradients: [nd([1])],
    },
  ],
  reference: ([x]) => mapElements(x, (v) => v / (1 + Math.abs(v))),
  bound: ulps(2, "one sum and one quotient"),
});

for (const { law, examples } of checkOp(softsign.record)) console.log(`${law}: ${examples}`);
console.log(softsign(multiply(tensor([-1, 0, 3]), 2)));
