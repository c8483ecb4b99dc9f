/**
 * The process in which tiled-wgsl runs. Questions: {"n"} is answered by {"agrees"} with the wasm device, {"n",
 * "result": true} by {"result"}, {"n", "calls"} by {"seconds"}; or by an {"error"}. Rests on tiled-wgsl and gpu-product.
 */
import { createInterface } from "node:readline";
import { agree, expectedProduct, factors } from "./gpu-product.ts";
import { openAdapter, type Tiled, tiledProduct } from "./tiled-wgsl.ts";

/** What is asked. */
interface Question {
  readonly n: number;
  readonly calls?: number;
  readonly result?: true;
}

const open: {
  device: GPUDevice | null;
  current: { readonly n: number; readonly product: Tiled } | null;
} = { device: null, current: null };

async function productOf(n: number): Promise<Tiled> {
  if (open.current?.n === n) return open.current.product;
  open.current?.product.end();
  open.current = null;
  open.device ??= await openAdapter();
  const [a, b] = factors(n);
  const product = await tiledProduct(open.device, n, a, b);
  open.current = { n, product };
  return product;
}

async function answerTo({ n, calls, result }: Question): Promise<object> {
  try {
    const product = await productOf(n);
    if (result === true) return { result: Array.from(product.result) };
    if (calls !== undefined) return { seconds: await product.time(calls) };
    return { agrees: agree(product.result, expectedProduct(n), n) };
  } catch (error) {
    return { error: String(error).split("\n", 1)[0] };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answerTo(JSON.parse(line))));
}
open.device?.destroy();
