/**
 * Worker threads of the pool: what they run, and how they are started in Node and in a browser.
 * Rests on nothing. What runs in a worker is plain JavaScript in a string: no loader, bundler or type stripper comes
 * between.
 *
 * A thread that computes hears nothing, and the caller waits without hearing either. In Node a warden, a thread that
 * does nothing else, starts the others and hears when one ends; a browser has no such event.
 */

/** What a worker is given. */
export interface WorkerStart {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of the control block. */
  readonly control: number;
  /** Address of the worker's own scratch memory. */
  readonly scratch: number;
  /** Its number, from 0. */
  readonly index: number;
  readonly names: readonly string[];
}

/** Words of the control block, 32 bits each. */
export const control = {
  /** generation·2²⁰ + chunks·2¹⁰ + next chunk. */
  ticket: 0,
  /** Chunks of this job that are finished. */
  done: 1,
  /** The job: the kernel's number, the task's address, how many pieces. */
  kernel: 2,
  task: 3,
  pieces: 4,
  /** For tests: a thread ends (1) or traps (2) in the middle of the chunk it takes next, or ends at rest (3). */
  sabotage: 5,
  /** 1 + the number of a kernel that trapped in a worker; its message's length and characters stand in `message`. */
  trapped: 6,
  /** Threads that ended while they may have held a chunk. */
  lost: 7,
  /** Counted up by the warden while it lives. */
  beat: 8,
  /** Length of the message, then its characters. */
  message: 16,
  messageLength: 111,
  /** From here on a word for each worker: 1 while it may hold a chunk. */
  busy: 128,
  /** From here on a word for each worker: the chunks it has taken. */
  taken: 384,
  words: 640,
} as const;

/** Milliseconds between two beats of the warden. */
const beatInterval = 500;

/**
 * Waits for tickets, takes chunks, reports them done. What follows a trap, or a thread that ends, is the caller's
 * business. `quit` ends the thread: tests ask for it.
 */
const body = `
const serve = ({ module, memory, control, scratch, index, names }, quit) => {
  const kernels = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const words = new Int32Array(memory.buffer, control, ${control.words});
  const busy = ${control.busy} + index;
  const fail = (error) => {
    const text = String(error).slice(0, ${control.messageLength});
    for (let i = 0; i < text.length; i++) words[${control.message + 1} + i] = text.charCodeAt(i);
    words[${control.message}] = text.length;
    Atomics.store(words, ${control.trapped}, words[${control.kernel}] + 1);
    Atomics.notify(words, ${control.done});
  };
  for (;;) {
    const ticket = Atomics.load(words, ${control.ticket});
    const chunk = ticket & 1023;
    const chunks = (ticket >> 10) & 1023;
    if (chunk < chunks) {
      Atomics.store(words, busy, 1);
      if (Atomics.compareExchange(words, ${control.ticket}, ticket, ticket + 1) !== ticket) continue;
      words[${control.taken} + index]++;
      const kernel = kernels[names[words[${control.kernel}]]];
      const task = words[${control.task}];
      const pieces = words[${control.pieces}];
      const start = Math.floor((pieces * chunk) / chunks);
      const end = Math.floor((pieces * (chunk + 1)) / chunks);
      const sabotage = Atomics.load(words, ${control.sabotage});
      try {
        if (sabotage === 1 || sabotage === 2) {
          kernel(task, start, start + Math.floor((end - start) / 2), scratch);
          if (sabotage === 1) quit();
          throw new Error("sabotage");
        }
        kernel(task, start, end, scratch);
      } catch (error) {
        fail(error);
        continue;
      }
      Atomics.add(words, ${control.done}, 1);
      Atomics.notify(words, ${control.done});
      continue;
    }
    Atomics.store(words, busy, 0);
    if (Atomics.compareExchange(words, ${control.sabotage}, 3, 0) === 3) quit();
    let spins = 0;
    while (Atomics.load(words, ${control.ticket}) === ticket && ++spins < 4000);
    if (spins === 4000) Atomics.wait(words, ${control.ticket}, ticket, 1000);
  }
};
`;

const nodeBody = `${body}
serve(require("node:worker_threads").workerData, () => process.exit());
`;

const browserBody = `${body}
onmessage = ({ data }) => serve(data, close);
`;

/** Starts the workers, and notes of each that ends whether it may have held a chunk. */
const wardenBody = `
const { Worker, workerData } = require("node:worker_threads");
const { body, starts } = workerData;
for (const start of starts) {
  const words = new Int32Array(start.memory.buffer, start.control, ${control.words});
  const worker = new Worker(body, { eval: true, execArgv: [], env: {}, workerData: start });
  worker.on("error", () => {});
  worker.on("exit", () => {
    if (Atomics.load(words, ${control.busy} + start.index) === 0) return;
    Atomics.add(words, ${control.lost}, 1);
    Atomics.notify(words, ${control.done});
  });
}
const words = new Int32Array(starts[0].memory.buffer, starts[0].control, ${control.words});
setInterval(() => Atomics.add(words, ${control.beat}, 1), ${beatInterval});
`;

/**
 * Starts workers, which do not keep the process alive. Gives whether a warden watches them: it beats then, and
 * counts in `lost`. Throws what the engine throws where it refuses threads.
 */
export function startWorkers(starts: readonly WorkerStart[]): boolean {
  const threads = nodeThreads();
  if (threads === null) {
    const url = URL.createObjectURL(new Blob([browserBody], { type: "text/javascript" }));
    for (const start of starts) new Worker(url).postMessage(start);
    return false;
  }
  const warden = new threads.Worker(wardenBody, {
    eval: true,
    execArgv: [], // flags of the main program, such as a loader, are not for the body; nor is its environment
    env: {},
    workerData: { body: nodeBody, starts },
  });
  warden.unref();
  return true;
}

/** node:worker_threads, or null in a browser. Not imported: a bundler for browsers must not look for it. */
export function nodeThreads(): typeof import("node:worker_threads") | null {
  return typeof process === "object"
    ? (process.getBuiltinModule?.("node:worker_threads") ?? null)
    : null;
}
