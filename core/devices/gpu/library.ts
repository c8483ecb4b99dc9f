/**
 * gpu.js, as much of it as is used here: its shape, and how it is loaded when the device is asked for.
 * Rests on errors. Nothing here is imported statically: without gpu.js everything else works.
 */
import { DeviceError } from "../../errors.ts";

/** What of WebGL is asked whether it did as it was told: otherwise it leaves zeros and says nothing. */
export interface DrawingContext {
  isContextLost(): boolean;
  /** 0 where there was none since the last time. */
  getError(): number;
  getExtension(name: "WEBGL_lose_context"): { loseContext(): void } | null;
}

/** What a compiled kernel of gpu.js is behind the function that runs it. */
export interface CompiledKernel {
  readonly constructor: { readonly mode: string };
  readonly fallbackReason?: string | null;
  /** What draws, in the mode webgl2. */
  readonly context?: DrawingContext | null;
  /** Puts the flat results into nested arrays; replaced by one that leaves them flat. */
  _shapeOutput?(data: Float32Array): unknown;
}

/** A kernel: called with inputs and integers, it gives nested or flat results. */
export interface KernelFunction {
  (...inputs: readonly unknown[]): unknown;
  readonly kernel: CompiledKernel;
  destroy(): void;
}

/** Settings of a kernel that are used here. */
export interface KernelSettings {
  readonly output: readonly number[];
  readonly argumentTypes: readonly string[];
  readonly precision: "single";
}

/** gpu.js 2.24.1. Its own types leave most of this out. */
export interface GpuLibrary {
  readonly GPU: new (settings: {
    readonly mode: string;
  }) => {
    createKernel(source: string, settings: KernelSettings): KernelFunction;
    destroy(): unknown;
  };
  input(values: Float32Array, size: readonly number[]): unknown;
  /** What kernels of the mode webgl2 are made by; all that draw call their mode `gpu`. */
  readonly WebGL2Kernel: object & {
    /** Known once an engine was made: the longest side of a texture. */
    readonly features?: { readonly maxTextureSize?: number } | null;
  };
}

/** The version whose inner parts are known here. */
export const libraryVersion = "2.24.1";

type Require = (name: string) => unknown;

/** `require` as this module would have it, or null in a browser. */
function nodeRequire(): (Require & { resolve(name: string): string }) | null {
  const node = typeof process === "object" ? process.getBuiltinModule?.("node:module") : undefined;
  return node?.createRequire(import.meta.url) ?? null;
}

/** Where Node finds the packages that a worker loads: absolute paths; `webgpu` is null where it is not installed. */
export interface LibraryPaths {
  readonly library: string;
  readonly webgpu: string | null;
}

/** The packages' files in Node; null in a browser. Throws DeviceError without gpu.js. */
export function libraryPaths(): LibraryPaths | null {
  const require = nodeRequire();
  if (require === null) return null;
  const find = (name: string): string | null => {
    try {
      return require.resolve(name);
    } catch {
      return null;
    }
  };
  const library = find("gpu.js");
  if (library === null) throw missing("none");
  const { version } = require("gpu.js/package.json") as { readonly version: string };
  if (version !== libraryVersion) throw missing(`version ${version}`);
  return { library, webgpu: find("webgpu") };
}

/** gpu.js in this thread: the package in Node, what a script has put into the global scope in a browser. */
export function loadLibrary(): GpuLibrary {
  const paths = libraryPaths();
  if (paths !== null) return nodeRequire()?.(paths.library) as GpuLibrary;
  const { GPU: found } = globalThis as { readonly GPU?: { readonly prototype?: object } };
  if (found?.prototype === undefined || !("createKernel" in found.prototype)) throw missing("none");
  return found as object as GpuLibrary;
}

function missing(got: string): DeviceError {
  return new DeviceError({
    where: "setDevice",
    argument: "the device gpu",
    expected: `to find the package gpu.js ${libraryVersion}`,
    got,
    fix: `Install it with npm install gpu.js@${libraryVersion} webgpu@0.6.2 and the overrides that the README gives, load gpu-browser.js first in a browser, or stay on the device wasm`,
  });
}
