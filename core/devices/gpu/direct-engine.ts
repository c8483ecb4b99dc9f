/**
 * The engine in this thread: gpu.js' synchronous modes, `webasm` everywhere and `webgl2` in a browser.
 * Rests on library and engine.
 */
import { type Engine, type KernelPlan, type LaunchArguments, Loss } from "./engine.ts";
import type { DrawingContext, GpuLibrary, KernelFunction } from "./library.ts";

/** Kernels kept; each holds memory of its own, as large as all that it reads and writes. */
const mostKernels = 16;

/** Options of an engine in this thread. */
export interface DirectOptions {
  readonly library: GpuLibrary;
  readonly mode: "webasm" | "webgl2";
}

/** gpu.js in this thread. */
export class DirectEngine implements Engine {
  readonly mode: "webasm" | "webgl2";
  readonly adapter: string;
  readonly mostBytes: number;
  readonly #library: GpuLibrary;
  readonly #gpu: InstanceType<GpuLibrary["GPU"]>;
  readonly #arrays = new Map<number, Float32Array>();
  /** The most recently used last. */
  readonly #kernels = new Map<string, KernelFunction>();

  constructor({ library, mode }: DirectOptions) {
    this.mode = mode;
    this.adapter = mode === "webasm" ? "this processor" : "WebGL 2";
    this.#library = library;
    this.#gpu = new library.GPU({ mode });
    const { maxTextureSize: side = 4096 } = library.WebGL2Kernel.features ?? {};
    // A result lies in a texel of its own.
    this.mostBytes = mode === "webasm" ? 2 ** 30 : Math.min(2 ** 30, 4 * side * side);
  }

  upload(id: number, elements: Float32Array): void {
    this.#arrays.set(id, elements.slice());
  }

  launch(plan: KernelPlan, { a, b, fromA, fromB }: LaunchArguments, id: number): void {
    const kernel = this.#kernelOf(plan);
    const [left, right] = [this.#array(a), this.#array(b)];
    const { input } = this.#library;
    const arrays = [input(left, [left.length]), input(right, [right.length])];
    const ran = attempt(() => kernel(...arrays, fromA, fromB));
    const failure = this.mode === "webgl2" ? failureOf(kernel.kernel.context ?? null) : null;
    if (failure !== null) throw new Loss(failure); // says more than what gpu.js made of it
    if ("error" in ran) throw ran.error;
    const { constructor: made } = kernel.kernel;
    const mode = made === this.#library.WebGL2Kernel ? "webgl2" : made.mode;
    if (mode !== this.mode) {
      throw new Loss(
        `${mode} instead of ${this.mode} (${kernel.kernel.fallbackReason ?? "no reason"})`,
      );
    }
    const { output, lanes } = plan.program;
    const length = output[0] * output[1] * output[2] * lanes;
    this.#arrays.set(id, flattened(ran.results, length));
  }

  fetch(id: number, target: Float32Array): void {
    target.set(this.#array(id));
  }

  finish(): void {
    // Everything was done when it was asked for.
  }

  free(id: number): void {
    this.#arrays.delete(id);
  }

  kernels(): number {
    return this.#kernels.size;
  }

  close(): void {
    for (const kernel of this.#kernels.values()) kernel.destroy();
    this.#kernels.clear();
    this.#arrays.clear();
    this.#gpu.destroy();
  }

  /** For tests: what draws is lost. Throws where nothing draws. */
  sabotage(): void {
    const [kernel] = this.#kernels.values();
    const extension = kernel?.kernel.context?.getExtension("WEBGL_lose_context");
    if (extension === undefined || extension === null) throw new Error("nothing that draws");
    extension.loseContext();
  }

  #array(id: number): Float32Array {
    const found = this.#arrays.get(id);
    if (found === undefined) throw new Loss(`no array number ${id}`);
    return found;
  }

  #kernelOf({ key, program }: KernelPlan): KernelFunction {
    const known = this.#kernels.get(key);
    if (known !== undefined) {
      this.#kernels.delete(key);
      this.#kernels.set(key, known);
      return known;
    }
    const kernel = this.#gpu.createKernel(program.source, {
      output: program.output,
      argumentTypes: ["Input", "Input", "Integer", "Integer"],
      precision: "single",
    });
    if (this.mode === "webasm") kernel.kernel._shapeOutput = (data) => data;
    this.#kernels.set(key, kernel);
    if (this.#kernels.size > mostKernels) {
      const [oldest] = this.#kernels;
      if (oldest !== undefined) {
        this.#kernels.delete(oldest[0]);
        oldest[1].destroy();
      }
    }
    return kernel;
  }
}

function attempt(body: () => unknown): { readonly results: unknown } | { readonly error: unknown } {
  try {
    return { results: body() };
  } catch (error) {
    return { error };
  }
}

/** What went wrong while drawing: WebGL throws nothing, and what is read then is zeros. */
function failureOf(context: DrawingContext | null): string | null {
  if (context === null) return "nothing that draws";
  if (context.isContextLost()) return "a WebGL context that was lost";
  const code = context.getError();
  if (code === 0) return null;
  return code === 0x0505 ? "WebGL out of memory" : `error ${code} of WebGL`;
}

/** Results in one array, in the order in which they are nested. Throws Loss where they are not as many as expected. */
function flattened(results: unknown, length: number): Float32Array {
  if (results instanceof Float32Array && results.length === length) return results;
  const flat = new Float32Array(length);
  let at = 0;
  const append = (part: unknown): void => {
    if (part instanceof Float32Array) {
      if (at + part.length <= length) flat.set(part, at);
      at += part.length;
    } else if (Array.isArray(part)) {
      for (const inner of part) append(inner);
    }
  };
  append(results);
  if (at !== length) throw new Loss(`${at} results instead of ${length}`);
  return flat;
}
