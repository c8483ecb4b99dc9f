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

/** Peers in JavaScript, by the name they go by. */
export type JavaScriptPeer = "tfjs" | "jax-js";

/** Requires a package from the user's folder. */
type Load = (name: string) => unknown;

/** Does a task once; what it makes is released. */
type Call = () => unknown;

interface Library {
  readonly title: string;
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
}

async function tensorflow(load: Load): Promise<Library> {
  const tf = load("@tensorflow/tfjs") as Tfjs;
  load("@tensorflow/tfjs-backend-wasm");
  await tf.setBackend("wasm");
  const discarding = (body: () => unknown) => () =>
    tf.tidy(() => {
      body();
    });
  return {
    title: `TensorFlow.js ${tf.version.tfjs} (wasm)`,
    prepare: (task) => {
      switch (task.kind) {
        case "matmul": {
          const [a, b] = pair(() => tf.randomNormal([task.size, task.size]));
          return discarding(() => tf.matMul(a, b));
        }
        case "conv3x3": {
          if (task.pass !== "forward") return null;
          const x = tf.randomNormal([task.batch, task.size, task.size, task.channels]);
          const w = tf.randomNormal([3, 3, task.channels, task.channels]);
          return discarding(() => tf.conv2d(x, w, 1, "same"));
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
}

async function jaxJs(load: Load): Promise<Library> {
  const jax = load("@jax-js/jax") as Jax;
  await jax.init("wasm");
  jax.defaultDevice("wasm");
  const { numpy: np, lax, random } = jax;
  const normal = (shape: readonly number[]): JaxArray => random.normal(random.key(0), shape);
  const discarding = (body: () => JaxArray) => async () => {
    const result = body();
    await result.blockUntilReady();
    result.dispose();
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
          if (task.pass !== "forward") return null;
          const x = normal([task.batch, task.channels, task.size, task.size]);
          const w = normal([task.channels, task.channels, 3, 3]);
          return discarding(() => lax.conv(x.ref, w.ref, [1, 1], "SAME"));
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

function pair<T>(make: () => T): readonly [T, T] {
  return [make(), make()];
}

const libraries: Readonly<Record<JavaScriptPeer, (load: Load) => Promise<Library>>> = {
  tfjs: tensorflow,
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
      const call = library.prepare(task);
      if (call === null) return [];
      const time = async (calls: number): Promise<number> => {
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
