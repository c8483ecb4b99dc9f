/**
 * A worker made ahead, in a browser: one that is asked for by a thread which then waits would never start.
 * Rests on worker-body and library.
 */
import { Loss } from "./engine.ts";
import { browserServer, type Message, type WorkerStart } from "./worker-body.ts";

/** What is needed of a port. */
export interface Port {
  postMessage(message: Message, transfer?: readonly ArrayBuffer[]): void;
  /** Ends the worker whatever it does. */
  end(): void;
}

/** Workers that have loaded gpu.js and wait to be told what they are. */
const prepared: Worker[] = [];

/**
 * In a browser, loads gpu.js from `script`, the address of its dist/gpu-browser.js, and makes a worker ready that can
 * own the adapter; await it before `setDevice("gpu")`, in a Worker of a cross-origin isolated page. In Node there is
 * nothing to prepare. Rejects where the script cannot be loaded.
 *
 * @example
 * await prepareGpu("/gpu-browser.js");
 * setDevice("gpu");
 */
export async function prepareGpu(script: string): Promise<void> {
  if (typeof process === "object") return;
  const { href } = new URL(script, globalThis.location.href);
  await import(/* @vite-ignore */ /* webpackIgnore: true */ href);
  const source = `${browserServer(href)}\npostMessage("loaded");`;
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const worker = new Worker(url);
  // Chromium hands messages on without this thread's help only once it has handled one of the worker's own.
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = ({ data }) =>
      data === "loaded" ? worker.postMessage("question") : resolve();
    worker.onerror = ({ message }) => reject(new Error(`prepareGpu: ${message}`));
  });
  prepared.push(worker);
}

/** The port of a worker made ready. Throws Loss where there is none. */
export function takePrepared(start: WorkerStart): Port {
  const worker = prepared.pop();
  if (worker === undefined) throw new Loss("no worker, as prepareGpu was not awaited");
  worker.postMessage(start);
  return {
    postMessage: (message, transfer = []) => worker.postMessage(message, [...transfer]),
    end: () => worker.terminate(),
  };
}
