/**
 * The gpu device in a browser's Worker: the name of the device comes in, and what it computed goes out; where "lost"
 * follows the name, what draws is lost before.
 * Rests on core and layers; gpu.js lies at /gpu-browser.js.
 */
import { DirectEngine } from "../../core/devices/gpu/direct-engine.ts";
import { gpuStarted } from "../../core/devices/gpu/state.ts";
import {
  conv2d,
  device,
  gpuStatus,
  matmul,
  parameter,
  prepareGpu,
  RandomSource,
  randomNormal,
  scope,
  setDevice,
  setGpuCutoff,
  sum,
  type Tensor,
} from "../../core/index.ts";

/** What a browser answers. */
export interface GpuAnswer {
  /** Values and gradients on the device, or why there are none. */
  readonly values: readonly number[];
  readonly error: string | null;
  /** The name of the device, what runs it, and launches of each class. */
  readonly device: string;
  readonly adapter: string;
  readonly ran: Readonly<Record<string, number>>;
}

/** A matrix product, a convolution and its gradients, on the device in use. */
export function computed(): readonly number[] {
  const normal = (name: string, shape: readonly number[]): Tensor =>
    randomNormal(shape, { stream: new RandomSource(5).stream(name) });
  const [x, w] = [parameter(normal("x", [3, 4, 9, 7])), parameter(normal("w", [8, 4, 3, 3]))];
  return scope(() => {
    const y = conv2d(x, w, { padding: 1, stride: 2 });
    const product = matmul(normal("a", [7, 1030]), normal("b", [1030, 6]));
    sum(y).backward();
    return [y, product, x.grad, w.grad].flatMap((value) =>
      [...(value?.elements() ?? [])].map(Number),
    );
  });
}

if (typeof process === "undefined") {
  addEventListener("message", async ({ data }: MessageEvent<string>) => {
    try {
      await prepareGpu("/gpu-browser.js");
      setGpuCutoff(0);
      const [name = "", fate] = data.split(" ");
      setDevice(name);
      const engine = gpuStarted()?.engine;
      if (fate === "lost" && engine instanceof DirectEngine) engine.sabotage();
      const values = computed();
      const { adapter = "", classes } = gpuStatus() ?? {};
      const ran = Object.fromEntries(
        Object.entries(classes ?? {}).map(([name, { ran: n }]) => [name, n]),
      );
      postMessage({ values, error: null, device: device(), adapter, ran } satisfies GpuAnswer);
    } catch (error) {
      const nothing = { values: [], device: "", adapter: "", ran: {} };
      postMessage({ ...nothing, error: String(error) } satisfies GpuAnswer);
    }
  });
}
