import { gpuStatus, matmul, RandomSource, randomNormal, setDevice, setGpuCutoff } from "bitgrad";

setGpuCutoff(0); // also what is too small to be worth the way there and back
setDevice("gpu"); // the best mode that answers and agrees with wasm, or an error that says why none does
const x = randomNormal([64, 64], { stream: new RandomSource(0).stream("x") });
console.log("gpu", matmul(x, x).sum().item());

const { mode, adapter, classes } = gpuStatus() ?? {};
console.log(`${classes?.matmul.ran} product in mode ${mode} on ${adapter}`);
