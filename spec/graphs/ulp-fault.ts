/**
 * A kernel of the wasm device that is off by some units in the last place, on purpose.
 * Rests on the device alone.
 */
import { wasmDevice } from "../../core/devices/wasm/index.ts";

/** Which launches go wrong, and by how much. */
export interface UlpFault {
  /** The kernel: `"matmul"`. */
  readonly kernel: string;
  /** Its function, for kernels that have several: `"exp"`. */
  readonly fn?: string;
  /** Added to every float32 of the first output, in units of its last place. */
  readonly ulps: number;
}

/** Makes the device wrong; returns what mends it. */
export function breakKernel({ kernel, fn, ulps }: UlpFault): () => void {
  const { launch } = wasmDevice;
  wasmDevice.launch = (name, inputs, outputs, attributes) => {
    launch(name, inputs, outputs, attributes);
    const [y] = outputs;
    const isOther = fn !== undefined && !("fn" in attributes && attributes.fn === fn);
    if (y?.dtype !== "float32" || name !== kernel || isOther) return;
    const length = y.shape.reduce((a, b) => a * b, 1);
    const memory = { ...y, shape: [length], strides: [1], offset: 0 };
    const elements = wasmDevice.read(memory);
    wasmDevice.write(
      y.handle,
      elements.map((element) => element + ulps * ulpOf(element)),
    );
  };
  return () => {
    wasmDevice.launch = launch;
  };
}

/** The unit in the last place of a normal float32, 0 of others. */
function ulpOf(x: number): number {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, x);
  const exponent = (bits.getUint32(0) >>> 23) & 0xff;
  if (exponent === 0 || exponent === 255) return 0;
  let ulp = 2 ** -23;
  for (let e = exponent; e < 127; e++) ulp /= 2;
  for (let e = exponent; e > 127; e--) ulp *= 2;
  return ulp;
}
