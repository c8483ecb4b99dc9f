/**
 * The engine behind a worker: gpu.js' asynchronous modes for a caller that cannot wait for promises.
 * Rests on worker-body and library. Launches are posted and not waited for; a fetch waits for all before it. Nobody
 * waits for ever: a worker that ended, a lost device or a minute without a sign of life is a Loss.
 */
import { mayShareMemory } from "../wasm/settings.ts";
import { nodeThreads } from "../wasm/worker.ts";
import { type Engine, type KernelPlan, type LaunchArguments, Loss } from "./engine.ts";
import { libraryPaths } from "./library.ts";
import { type Port, takePrepared } from "./prepared-worker.ts";
import {
  control,
  type Message,
  nodeServer,
  nodeWarden,
  type Sabotage,
  type WorkerStart,
} from "./worker-body.ts";

/** Options of an engine behind a worker. */
export interface WorkerOptions {
  readonly mode: "webgpu" | "webasm-threads";
  /** Waits of 100 ms without a beat after which the worker counts as dead. */
  readonly patience?: number;
  /** Kernels to keep, integer ≥ 1. */
  readonly mostKernels?: number;
}

/** Kernels kept. Each threaded one has a pool of threads of its own. */
const usualKernels = { webgpu: 128, "webasm-threads": 6 } as const;
/** Milliseconds of one wait. */
const wait = 100;
/** A minute: compiling a kernel may keep the worker from beating for some seconds. */
const usualPatience = 600;
/** Ten minutes for one array, whatever beats: an adapter that answers later is none. */
const longest = 6000;
/** Messages, and bytes of them, that may lie unheard. */
const mostUnheard = 64;
const mostUnheardBytes = 2 ** 28;

/** gpu.js behind a worker. */
export class WorkerEngine implements Engine {
  readonly mode: "webgpu" | "webasm-threads";
  readonly adapter: string;
  readonly mostBytes: number;
  readonly #words: Int32Array;
  readonly #port: Port;
  readonly #patience: number;
  #posted = 0;
  #unheardBytes = 0;
  #target: SharedArrayBuffer | null = null;
  #closed = false;
  /** Whether it was waited for in vain. */
  #isSilent = false;

  /** Waits until the worker is ready. Throws Loss with its reason where it cannot be. */
  constructor({ mode, patience = usualPatience, mostKernels = usualKernels[mode] }: WorkerOptions) {
    this.mode = mode;
    this.#patience = patience;
    if (!mayShareMemory())
      throw new Loss("no memory that threads share, which the README says how to have");
    const shared = new SharedArrayBuffer(control.words * 4);
    this.#words = new Int32Array(shared);
    this.#port = startWorker({ control: shared, mode, mostKernels });
    try {
      this.#until(() => Atomics.load(this.#words, control.ready) === 1);
    } catch (error) {
      this.#port.end();
      throw error;
    }
    const { title, mostBytes } = JSON.parse(this.#text()) as { title: string; mostBytes: number };
    this.adapter = title;
    this.mostBytes = mostBytes;
  }

  upload(id: number, elements: Float32Array): void {
    const copy = new Float32Array(elements);
    this.#post({ kind: "upload", id, elements: copy }, copy.buffer);
  }

  launch({ key, program }: KernelPlan, inputs: LaunchArguments, id: number): void {
    const { source, output, lanes } = program;
    const length = output[0] * output[1] * output[2] * lanes;
    this.#post({ kind: "launch", key, source, output, length, ...inputs, id });
  }

  fetch(id: number, target: Float32Array): void {
    const { buffer } = target;
    if (!(buffer instanceof ArrayBuffer)) {
      this.#fetchInto(id, buffer, target.byteOffset, target.length);
      return;
    }
    const between =
      this.#target !== null && this.#target.byteLength >= target.byteLength
        ? this.#target
        : new SharedArrayBuffer(target.byteLength);
    this.#target = between;
    this.#fetchInto(id, between, 0, target.length);
    target.set(new Float32Array(between, 0, target.length));
  }

  finish(): void {
    this.#post({ kind: "finish" });
    this.#catchUp(0);
  }

  free(id: number): void {
    if (this.#closed || Atomics.load(this.#words, control.failed) === 1) return;
    this.#posted += 1;
    this.#port.postMessage({ kind: "free", id });
  }

  kernels(): number {
    return Atomics.load(this.#words, control.kernels);
  }

  /**
   * Waits for the worker to let go of the adapter, and ends it. Only one that gives no sign of life is ended in the middle
   * of what it does: the adapter's package would take the whole process with it.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const words = this.#words;
    Atomics.store(words, control.closing, 1);
    this.#port.postMessage({ kind: "close" });
    let beat = Atomics.load(words, control.beat);
    const most = this.#isSilent ? 10 : this.#patience;
    for (let silent = 0; silent < most && Atomics.load(words, control.ended) === 0; silent++) {
      Atomics.wait(words, control.done, Atomics.load(words, control.done), wait);
      const latest = Atomics.load(words, control.beat);
      if (latest !== beat) silent = 0;
      beat = latest;
    }
    this.#port.end();
  }

  /** For tests: the worker ends, its device is lost, it hears nothing any more, or it gets no more memory. */
  sabotage(how: Sabotage): void {
    this.#post({ kind: "sabotage", how });
  }

  #fetchInto(id: number, target: SharedArrayBuffer, at: number, length: number): void {
    this.#post({ kind: "fetch", id, target, at, length });
    this.#catchUp(0);
  }

  #post(message: Message, transferred?: ArrayBuffer): void {
    this.#check();
    this.#posted += 1;
    this.#port.postMessage(message, transferred === undefined ? [] : [transferred]);
    this.#unheardBytes += transferred?.byteLength ?? 0;
    if (transferred !== undefined && this.#unheardBytes > mostUnheardBytes) this.#catchUp(0);
    else this.#catchUp(mostUnheard);
  }

  /** Waits until at most so many messages are unheard. */
  #catchUp(unheard: number): void {
    const wanted = this.#posted - unheard;
    this.#until(() => (wanted - Atomics.load(this.#words, control.done)) << 0 <= 0);
    if (unheard === 0) this.#unheardBytes = 0;
  }

  #until(isReached: () => boolean): void {
    const words = this.#words;
    let beat = Atomics.load(words, control.beat);
    let silent = 0;
    let waits = 0;
    for (;;) {
      const done = Atomics.load(words, control.done);
      const reached = isReached();
      this.#check(); // after it: what failed was counted as done as well
      if (reached) return;
      if (Atomics.wait(words, control.done, done, wait) !== "timed-out") continue;
      const latest = Atomics.load(words, control.beat);
      silent = beat === latest ? silent + 1 : 0;
      waits += 1;
      beat = latest;
      if (silent > this.#patience) {
        this.#isSilent = true;
        throw new Loss(`no sign of life for ${silent} waits of ${wait} ms`);
      }
      if (waits > longest) throw new Loss(`no answer for ${(waits * wait) / 60000} minutes`);
    }
  }

  #check(): void {
    if (this.#closed) throw new Loss("an engine that was closed");
    if (Atomics.load(this.#words, control.failed) === 1) throw new Loss(this.#text());
    if (Atomics.load(this.#words, control.ended) === 1) throw new Loss("a worker that ended");
  }

  #text(): string {
    const start = control.text + 1;
    const codes = this.#words.slice(start, start + (this.#words[control.text] ?? 0));
    return String.fromCharCode(...codes);
  }
}

/** Starts a worker, which does not keep the process alive, and gives the port that it hears. */
function startWorker(start: WorkerStart): Port {
  const threads = nodeThreads();
  const paths = libraryPaths();
  if (threads === null || paths === null) return takePrepared(start);
  if (start.mode === "webgpu" && paths.webgpu === null)
    throw new Loss("the package webgpu is not installed");
  const { port1, port2 } = new threads.MessageChannel();
  const warden = new threads.Worker(nodeWarden, {
    eval: true,
    execArgv: [], // flags of the main program, such as a loader, are not for the body
    workerData: { server: nodeServer, data: { start, paths, port: port2 } },
    transferList: [port2],
  });
  warden.unref();
  port1.unref();
  return {
    postMessage: (message, transfer = []) => port1.postMessage(message, [...transfer]),
    end: () => {
      port1.close();
      warden.terminate().catch(() => {});
    },
  };
}
