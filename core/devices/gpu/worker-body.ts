/**
 * What runs in the worker that owns the adapter: gpu.js' asynchronous modes, one message after the other.
 * Rests on nothing. Plain JavaScript in a string, as in the wasm device's workers: no loader comes between.
 *
 * Messages arrive at a port. The caller waits on words of shared memory: each message done is counted, and the first
 * failure stays, with its text, until the end.
 */

/** Words of the control block, 32 bits each. */
export const control = {
  /** Messages done. */
  done: 0,
  /** Counted up twice a second while the worker lives. */
  beat: 1,
  /** 1 once the worker has ended. */
  ended: 2,
  /** 1 once something failed; the text says what. */
  failed: 3,
  /** 1 once it is ready; the text says what it runs on. */
  ready: 4,
  /** Kernels kept. */
  kernels: 5,
  /** 1 once the caller closes: what lies unheard before that message is left undone. */
  closing: 6,
  /** Length of the text, then its characters. */
  text: 8,
  textLength: 2000,
  words: 2048,
} as const;

/** What the worker's messages are. */
export type Message =
  | { readonly kind: "upload"; readonly id: number; readonly elements: Float32Array }
  | {
      readonly kind: "launch";
      readonly key: string;
      readonly source: string;
      readonly output: readonly number[];
      readonly length: number;
      readonly a: number;
      readonly b: number;
      readonly fromA: number;
      readonly fromB: number;
      readonly id: number;
    }
  | {
      readonly kind: "fetch";
      readonly id: number;
      readonly target: SharedArrayBuffer;
      readonly at: number;
      readonly length: number;
    }
  | { readonly kind: "finish" }
  | { readonly kind: "free"; readonly id: number }
  | { readonly kind: "close" }
  /** For tests. */
  | { readonly kind: "sabotage"; readonly how: Sabotage };

/** What may befall a worker: it ends, its device is lost, it hears nothing any more, or it gets no more memory. */
export type Sabotage = "end" | "lose" | "hang" | "exhaust";

/** What a worker is told at its start. */
export interface WorkerStart {
  readonly control: SharedArrayBuffer;
  readonly mode: "webgpu" | "webasm-threads";
  /** Kernels to keep. */
  readonly mostKernels: number;
}

/** Bytes that kernels may have written and the adapter not yet reached: more wait. */
const mostAhead = 2 ** 28;

/**
 * `serve(start, library, listen, quit)`. gpu.js would nest results in arrays, or copy them twice: its kernels are asked
 * for buffers on webgpu and for flat arrays on webasm.
 *
 * On webgpu a buffer that was not to be had, or a launch that was not valid, throws nothing: later kernels read and
 * leave zeros. Error scopes are open all the time, therefore, and nothing is handed out before they are asked.
 */
const serveSource = `
const serve = async ({ control, mode, mostKernels }, library, listen, quit) => {
  const words = new Int32Array(control);
  const say = (text) => {
    const short = String(text).slice(0, ${control.textLength});
    for (let i = 0; i < short.length; i++) words[${control.text + 1} + i] = short.charCodeAt(i);
    words[${control.text}] = short.length;
  };
  const wake = () => Atomics.notify(words, ${control.done});
  const fail = (error) => {
    if (words[${control.failed}] === 0) {
      say(error && error.message ? error.message.split("\\n")[0] : error);
      Atomics.store(words, ${control.failed}, 1);
    }
    wake();
  };
  setInterval(() => Atomics.add(words, ${control.beat}, 1), 500);
  const onAdapter = mode === "webgpu";
  const engineMode = onAdapter ? "webgpu" : "webasm";
  const arrays = new Map();
  const kernels = new Map();
  let device = null;
  let context = null;
  let staging = null;
  let ahead = 0;
  const scopes = ["out-of-memory", "validation", "internal"];
  const watch = () => { for (const scope of scopes) device.pushErrorScope(scope); };
  const soundly = async (work) => {
    const asked = scopes.map(() => device.popErrorScope());
    watch();
    const [, ...errors] = await Promise.all([work, ...asked]);
    const error = errors.find((found) => found !== null);
    if (error !== undefined) throw error;
    if (context.isLost) throw new Error("a lost device");
  };
  try {
    let title = "this processor's threads";
    let mostBytes = 2 ** 30;
    if (onAdapter) {
      const adapter = await navigator.gpu.requestAdapter();
      if (adapter === null) throw new Error("no adapter answers");
      context = await library.WebGPUContext.acquire();
      device = context.device;
      device.lost.then(({ message, reason }) => fail("a lost device (" + (message || reason) + ")"));
      device.onuncapturederror = ({ error }) => fail(error.message);
      const { vendor, architecture, description } = context.adapter.info;
      title = [...new Set([vendor, architecture, description])].filter((part) => part).join(" ");
      const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
      mostBytes = Math.min(maxStorageBufferBindingSize, maxBufferSize, 2 ** 31);
    }
    if (onAdapter) watch();
    say(JSON.stringify({ title, mostBytes }));
    Atomics.store(words, ${control.ready}, 1);
    wake();
  } catch (error) {
    fail(error);
    return quit();
  }
  const gpu = new library.GPU({ mode: engineMode });
  const arrayOf = (id) => {
    const found = arrays.get(id);
    if (found === undefined) throw new Error("no array number " + id);
    return found;
  };
  const kernelOf = ({ key, source, output }) => {
    const known = kernels.get(key);
    if (known !== undefined) {
      kernels.delete(key);
      kernels.set(key, known);
      return known;
    }
    const kernel = gpu.createKernel(source, {
      output,
      argumentTypes: ["Input", "Input", "Integer", "Integer"],
      precision: "single",
      asyncMode: true,
      pipeline: onAdapter,
      immutable: onAdapter,
    });
    if (!onAdapter) kernel.kernel._shapeOutput = (data) => data;
    kernels.set(key, kernel);
    if (kernels.size > mostKernels) {
      const [oldest, unused] = kernels.entries().next().value;
      kernels.delete(oldest);
      unused.destroy();
    }
    words[${control.kernels}] = kernels.size;
    return kernel;
  };
  // A handle of several results a thread is refused as an argument, though its buffer is like any other.
  const asFlat = (handle, length) => {
    const flat = new library.WebGPUBufferResult({ ...handle, output: [length], componentCount: 1 });
    handle.delete();
    return flat;
  };
  // A kernel holds its last result until it runs again: as many results more as there are kernels.
  const letGo = ({ kernel }) => {
    kernel.outputBuffer._refs -= 1;
    kernel.outputBuffer = null;
    kernel.bindGroupDirty = true;
  };
  const forget = (id) => {
    const found = arrays.get(id);
    arrays.delete(id);
    if (onAdapter && found !== undefined) found.delete();
  };
  // Dawn frees what was destroyed when a submission ends that came after it: without one, never.
  const caughtUp = async () => {
    ahead = 0;
    device.queue.submit([]);
    await soundly(device.queue.onSubmittedWorkDone());
  };
  const perform = {
    upload: ({ id, elements }) => {
      if (!onAdapter) {
        arrays.set(id, elements);
        return;
      }
      const size = Math.max(4, elements.byteLength);
      const buffer = device.createBuffer({ size, usage: 0x80 | 0x08 | 0x04 });
      device.queue.writeBuffer(buffer, 0, elements);
      const handle = { buffer, output: [elements.length], componentCount: 1, context, kernel: null };
      arrays.set(id, new library.WebGPUBufferResult(handle));
      ahead += size;
      if (ahead > ${mostAhead}) return caughtUp();
    },
    launch: async (message) => {
      const { a, b, fromA, fromB, id, length } = message;
      const kernel = kernelOf(message);
      const inputs = [arrayOf(a), arrayOf(b)].map((array) =>
        onAdapter ? array : library.input(array, [array.length]));
      const result = await kernel(...inputs, fromA, fromB);
      const { mode: ran } = kernel.kernel.constructor;
      if (ran !== engineMode || kernel.kernel.fallbackReason) {
        throw new Error(ran + " instead of " + engineMode + " (" + kernel.kernel.fallbackReason + ")");
      }
      const count = onAdapter
        ? result.output.reduce((size, n) => size * n, result.componentCount)
        : result.length;
      if (count !== length) throw new Error(count + " results instead of " + length);
      arrays.set(id, onAdapter ? asFlat(result, length) : result);
      if (onAdapter) letGo(kernel);
      ahead += 4 * length;
      if (onAdapter && ahead > ${mostAhead}) await caughtUp();
    },
    fetch: async ({ id, target, at, length }) => {
      const out = new Float32Array(target, at, length);
      if (!onAdapter) {
        out.set(arrayOf(id));
        return;
      }
      const size = Math.max(4, 4 * length);
      if (staging === null || staging.size < size) {
        if (staging !== null) staging.destroy();
        staging = device.createBuffer({ size, usage: 0x01 | 0x08 });
      }
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(arrayOf(id).buffer, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await soundly(staging.mapAsync(1, 0, size));
      out.set(new Float32Array(staging.getMappedRange(0, size), 0, length));
      staging.unmap();
      ahead = 0;
    },
    finish: () => (onAdapter ? caughtUp() : undefined),
    free: ({ id }) => forget(id),
    close: () => {
      for (const kernel of kernels.values()) kernel.destroy();
      kernels.clear();
      for (const id of [...arrays.keys()]) forget(id);
      if (device !== null) device.destroy();
      Atomics.add(words, ${control.done}, 1);
      Atomics.store(words, ${control.ended}, 1);
      wake();
      quit();
    },
    sabotage: ({ how }) => {
      if (how === "end") quit();
      if (how === "lose") device.destroy();
      if (how === "hang") for (;;);
      if (how === "exhaust" && onAdapter) {
        const make = device.createBuffer.bind(device);
        device.createBuffer = ({ usage }) => make({ size: 2 ** 50, usage });
      } else if (how === "exhaust") {
        WebAssembly.Memory = function () { throw new RangeError("could not allocate memory"); };
      }
    },
  };
  let line = Promise.resolve();
  listen((message) => {
    line = line.then(async () => {
      try {
        const isOver = words[${control.failed}] === 1 || Atomics.load(words, ${control.closing}) === 1;
        if (!isOver || message.kind === "close") await perform[message.kind](message);
      } catch (error) {
        fail(error);
      }
      Atomics.add(words, ${control.done}, 1);
      wake();
    });
  });
};
`;

/** The worker in a browser: `script` is where gpu.js lies. */
export function browserServer(script: string): string {
  return `${serveSource}
importScripts(${JSON.stringify(script)});
onmessage = ({ data }) => {
  if (data === "question") return postMessage("answer");
  serve(data, GPU, (hear) => { onmessage = (event) => hear(event.data); }, close);
};
`;
}

/** The worker in Node: loads gpu.js, and the adapter's package where the mode needs it. */
export const nodeServer: string = `${serveSource}
const { workerData } = require("node:worker_threads");
const { start, paths, port } = workerData;
(async () => {
  const words = new Int32Array(start.control);
  try {
    if (start.mode === "webgpu") {
      const { create, globals } = await import(paths.webgpu);
      Object.assign(globalThis, globals);
      Object.defineProperty(globalThis, "navigator", { value: { gpu: create([]) }, configurable: true });
    }
    const library = require(paths.library);
    await serve(start, library, (hear) => port.on("message", hear), () => process.exit());
  } catch (error) {
    const text = String(error.message).split("\\n")[0].slice(0, ${control.textLength});
    for (let i = 0; i < text.length; i++) words[${control.text + 1} + i] = text.charCodeAt(i);
    words[${control.text}] = text.length;
    Atomics.store(words, ${control.failed}, 1);
    Atomics.notify(words, ${control.done});
    process.exit();
  }
})();
`;

/** A thread that starts the worker and hears when it ends: whoever waits hears nothing. */
export const nodeWarden: string = `
const { Worker, workerData } = require("node:worker_threads");
const { server, data } = workerData;
const words = new Int32Array(data.start.control);
const worker = new Worker(server, {
  eval: true, execArgv: [], workerData: data, transferList: [data.port],
});
worker.on("error", () => {});
worker.on("exit", () => {
  Atomics.store(words, ${control.ended}, 1);
  Atomics.notify(words, ${control.done});
});
`;
