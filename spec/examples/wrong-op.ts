import { abs, add, defineOp, divide, mapElements, square, ulps } from "bitgrad";
import { checkOp } from "bitgrad/spec";

const softsign = defineOp({
  name: "softsign",
  inputs: ["x"],
  formula: "y = x/(1 + |x|)",
  source: "Turian, Bergstra & Bengio 2009",
  forward: ([x]) => divide(x, add(1, abs(x))),
  jvp: ([t], { inputs: [x] }) => t && divide(t, square(add(1, abs(x)))),
  vjp: (c, { inputs: [x] }) => [divide(c, add(1, abs(x)))], // not squared
  sample: (draw) => ({
    inputs: [draw.values(draw.shape(), { min: -3, max: 3, avoid: [0] })],
    attributes: {},
  }),
  reference: ([x]) => mapElements(x, (v) => v / (1 + Math.abs(v))),
  bound: ulps(2, "one sum and one quotient"),
});

checkOp(softsign.record);
