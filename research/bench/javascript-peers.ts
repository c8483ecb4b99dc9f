/**
 * Peers in JavaScript, loaded from a folder that the user has installed them in: never dependencies of bitgrad.
 * Rests on Node's module resolution and core's errors. They do the kernels, not the training steps, on as many
 * threads as they themselves choose.
 */
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { UsageError } from "../../core/index.ts";
import type { Peer } from "./peer.ts";
import type { Task } from "./task.ts";

/** Peers in JavaScript, by the name they go by. TensorFlow.js goes by its backend: its wasm has no gradient of weights. */
export const javaScriptPeers = ["tfjs", "tfjs-cpu", "jax-js"] as const;
export type JavaScriptPeer = (typeof javaScriptPeers)[number];

/** Requires a package from the user's folder. */
type Load = (name: string) => unknown;

/** Does a task once; what it makes is released. */
type Call = () => unknown;

interface Library {
  readonly title: string;
  /** What must be done before a turn, where others may have been at work. */
  readonly begin?: () => Promise<unknown>;
  /** Null for a task that is left out here. */
  readonly prepare: (task: Task) => Call | null;
}

/** TensorFlow.js, the part of it that is used here. */
interface Tfjs {
  readonly version: { readonly tfjs: string };
  setBackend(name: string): Promise<boolean>;
  randomNormal(shape: readonly number[]): object;
  matMul(a: object, b: object): object;
  conv2d(x: object, w: object, stride: number, padding: "same"): object;
  add(a: object, b: object): object;
  sum(x: object): object;
  tidy(body: () => void): void;
  engine(): {
    runKernel(name: string, inputs: object, attributes: object): unknown;
  };
}

async function tensorflow(load: Load, backend: "wasm" | "cpu"): Promise<Library> {
  const tf = load("@tensorflow/tfjs") as Tfjs;
  if (backend === "wasm") load("@tensorflow/tfjs-backend-wasm");
  const begin = (): Promise<unknown> => tf.setBackend(backend);
  await begin();
  const discarding = (body: () => unknown) => () =>
    tf.tidy(() => {
      body();
    });
  return {
    title: `TensorFlow.js ${tf.version.tfjs} (${backend})`,
    begin,
    prepare: (task) => {
      switch (task.kind) {
        case "matmul": {
          const [a, b] = pair(() => tf.randomNormal([task.size, task.size]));
          return discarding(() => tf.matMul(a, b));
        }
        case "conv3x3": {
          if (backend === "wasm" && /^(weight-grad|training)$/.test(task.pass)) return null;
          const passes = tensorflowPasses(tf, task);
          return discarding(() => {
            for (const pass of passes) pass();
          });
        }
        case "add": {
          const [a, b] = pair(() => tf.randomNormal([task.length]));
          return discarding(() => tf.add(a, b));
        }
        case "sum": {
          const a = tf.randomNormal([task.length]);
          return discarding(() => tf.sum(a));
        }
        case "overhead": {
          const [a, b] = pair(() => tf.randomNormal([task.length]));
          return discarding(() => {
            let total = a;
            for (let i = 0; i < task.ops; i++) total = tf.add(total, b);
          });
        }
        default:
          return null;
      }
    },
  };
}

/** The passes of a 3×3 convolution that a task asks for. Images lie channels-last. */
function tensorflowPasses(tf: Tfjs, { pass, batch, channels, size }: Convolution): readonly Call[] {
  const shape = [batch, size, size, channels];
  const filterShape = [3, 3, channels, channels];
  const [x, dy] = pair(() => tf.randomNormal(shape));
  const filter = tf.randomNormal(filterShape);
  const attributes = { strides: 1, pad: "same", dataFormat: "NHWC" };
  return chosen(pass, {
    forward: () => tf.conv2d(x, filter, 1, "same"),
    "input-grad": () =>
      tf
        .engine()
        .runKernel("Conv2DBackpropInput", { dy, filter }, { ...attributes, inputShape: shape }),
    "weight-grad": () =>
      tf.engine().runKernel("Conv2DBackpropFilter", { x, dy }, { ...attributes, filterShape }),
  });
}

type Convolution = Extract<Task, { readonly kind: "conv3x3" }>;

/** One pass, or all three in order. */
function chosen<T>(
  pass: Convolution["pass"],
  all: Readonly<Record<Exclude<Convolution["pass"], "training">, T>>,
): readonly T[] {
  return pass === "training" ? [all.forward, all["input-grad"], all["weight-grad"]] : [all[pass]];
}

/** An array of jax-js: each use consumes a reference, `ref` makes one more. */
interface JaxArray {
  readonly ref: JaxArray;
  blockUntilReady(): Promise<unknown>;
  dispose(): void;
}

/** jax-js, the part of it that is used here. */
interface Jax {
  init(device: string): Promise<readonly string[]>;
  defaultDevice(device: string): unknown;
  readonly random: {
    key(seed: number): JaxArray;
    normal(key: JaxArray, shape: readonly number[]): JaxArray;
  };
  readonly numpy: {
    matmul(a: JaxArray, b: JaxArray): JaxArray;
    add(a: JaxArray, b: JaxArray): JaxArray;
    sum(x: JaxArray): JaxArray;
  };
  readonly lax: {
    conv(x: JaxArray, w: JaxArray, stride: readonly number[], padding: string): JaxArray;
  };
  vjp(
    f: (...xs: readonly JaxArray[]) => JaxArray,
    at: readonly JaxArray[],
  ): readonly [y: JaxArray, pull: JaxPull];
}

/** Cotangents of the arguments, from that of the result. */
interface JaxPull {
  (dy: JaxArray): readonly JaxArray[];
  dispose(): void;
}

async function jaxJs(load: Load): Promise<Library> {
  const jax = load("@jax-js/jax") as Jax;
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const { numpy: np, random } = jax;
  const normal = (shape: readonly number[]): JaxArray => random.normal(random.key(0), shape);
  const discarding = (body: () => JaxArray | readonly JaxArray[]) => async () => {
    for (const result of [body()].flat()) {
      await result.blockUntilReady();
      result.dispose();
    }
  };
  return {
    title: "jax-js (wasm)",
    prepare: (task) => {
      switch (task.kind) {
        case "matmul": {
          const [a, b] = pair(() => normal([task.size, task.size]));
          return discarding(() => np.matmul(a.ref, b.ref));
        }
        case "conv3x3": {
          return discarding(jaxPass(jax, task, normal));
        }
        case "add": {
          const [a, b] = pair(() => normal([task.length]));
          return discarding(() => np.add(a.ref, b.ref));
        }
        case "sum": {
          const a = normal([task.length]);
          return discarding(() => np.sum(a.ref));
        }
        case "overhead": {
          const [a, b] = pair(() => normal([task.length]));
          return discarding(() => {
            let total = a.ref;
            for (let i = 0; i < task.ops; i++) total = np.add(total, b.ref);
            return total;
          });
        }
        default:
          return null;
      }
    },
  };
}

/** The passes of a 3×3 convolution that a task asks for; a training step traces the convolution in each call. */
function jaxPass(
  { lax, vjp }: Jax,
  { pass, batch, channels, size }: Convolution,
  normal: (shape: readonly number[]) => JaxArray,
): () => JaxArray | readonly JaxArray[] {
  const [x, dy] = pair(() => normal([batch, channels, size, size]));
  const w = normal([channels, channels, 3, 3]);
  const convolve = (images: JaxArray, weight: JaxArray): JaxArray =>
    lax.conv(images, weight, [1, 1], "SAME");
  const pulling = (f: (given: JaxArray) => JaxArray, at: JaxArray): (() => readonly JaxArray[]) => {
    const [y, pull] = vjp((given = at) => f(given), [at.ref]);
    y.dispose();
    return () => pull(dy.ref);
  };
  switch (pass) {
    case "forward":
      return () => convolve(x.ref, w.ref);
    case "input-grad":
      return pulling((images) => convolve(images, w.ref), x);
    case "weight-grad":
      return pulling((weight) => convolve(x.ref, weight), w);
    case "training":
      return () => {
        const [y, pull] = vjp((images = x, weight = w) => convolve(images, weight), [x.ref, w.ref]);
        const gradients = pull(dy.ref);
        pull.dispose();
        return [y, ...gradients];
      };
  }
}

function pair<T>(make: () => T): readonly [T, T] {
  return [make(), make()];
}

const libraries: Readonly<Record<JavaScriptPeer, (load: Load) => Promise<Library>>> = {
  tfjs: (load) => tensorflow(load, "wasm"),
  "tfjs-cpu": (load) => tensorflow(load, "cpu"),
  "jax-js": jaxJs,
};

/**
 * Loads the peer `name` from the folder that holds its node_modules. Throws UsageError, naming the package, where it
 * is not installed there, or where no folder is named.
 */
export async function loadPeer(name: JavaScriptPeer, folder: string | undefined): Promise<Peer> {
  if (folder === undefined) throw complaint("a folder named by --peers or BITGRAD_PEERS", "none");
  const require = createRequire(resolve(folder, "package.json"));
  const library = await libraries[name]((wanted): unknown => {
    try {
      return require(wanted);
    } catch (error) {
      const [reason] = String(error).split("\n");
      throw complaint(`${wanted} installed in ${folder}`, reason ?? "an error");
    }
  });
  return {
    title: library.title,
    close: () => {},
    contestants: async (task) => {
      await library.begin?.();
      const call = library.prepare(task);
      if (call === null) return [];
      const time = async (calls: number): Promise<number> => {
        await library.begin?.();
        const started = performance.now();
        for (let i = 0; i < calls; i++) await call();
        return (performance.now() - started) / 1000;
      };
      return [{ name, time }];
    },
  };

  function complaint(expected: string, got: string): UsageError {
    return new UsageError({
      where: "bitgrad bench",
      argument: `--against ${name}`,
      expected: `to find ${expected}`,
      got,
      fix: "Install it with npm in a folder of its own, and name that folder",
    });
  }
}
