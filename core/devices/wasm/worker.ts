/**
 * A worker thread of the pool: its body, and how it is started in Node and in a browser.
 * Rests on nothing. The body is plain JavaScript in a string: no loader, bundler or type stripper comes between.
 */

/** What a worker is given. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  /** Address of the worker's own scratch memory. */
  readonly scratch: number;
  readonly names: readonly string[];
}

/** A worker that runs until the process ends. */
export interface StartedWorker {
  terminate(): unknown;
}

/** Waits for tickets, takes chunks, reports them done. The word numbers are those of `control` in pool.ts. */
const body = `
const serve = ({ module, memory, control, scratch, names }) => {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const words = new Int32Array(memory.buffer, control, 16);
  for (;;) {
    const ticket = Atomics.load(words, 0);
    const chunk = ticket & 1023;
    const chunks = (ticket >> 10) & 1023;
    if (chunk < chunks) {
      if (Atomics.compareExchange(words, 0, ticket, ticket + 1) !== ticket) continue;
      const kernel = kernels[names[Atomics.load(words, 2)]];
      const task = Atomics.load(words, 3);
      const pieces = Atomics.load(words, 4);
      const start = Math.floor((pieces * chunk) / chunks);
      kernel(task, start, Math.floor((pieces * (chunk + 1)) / chunks), scratch);
      Atomics.add(words, 1, 1);
      Atomics.notify(words, 1);
      continue;
    }
    let spins = 0;
    while (Atomics.load(words, 0) === ticket && ++spins < 4000);
    if (spins === 4000) Atomics.wait(words, 0, ticket, 1000);
  }
};
`;

/** Starts a worker; it does not keep the process alive. */
export function startWorker(start: WorkerStart): StartedWorker {
  const threads = nodeThreads();
  if (threads !== null) {
    const code = `${body} serve(require("node:worker_threads").workerData);`;
    const worker = new threads.Worker(code, {
      eval: true,
      execArgv: [], // flags of the main program, such as a loader, are not for the body
      workerData: start,
    });
    worker.unref();
    return worker;
  }
  const code = `${body} onmessage = ({ data }) => serve(data);`;
  const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
  worker.postMessage(start);
  return worker;
}

/** node:worker_threads, or null in a browser. Not imported: a bundler for browsers must not look for it. */
export function nodeThreads(): typeof import("node:worker_threads") | null {
  return typeof process === "object"
    ? (process.getBuiltinModule?.("node:worker_threads") ?? null)
    : null;
}
