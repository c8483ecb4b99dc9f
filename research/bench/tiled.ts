/**
 * The product by hand (tiled-wgsl), asked for from here: its process, and the contestant. Rests on json-child.
 */
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Contestant } from "./interleave.ts";
import { type Answer, JsonChild } from "./json-child.ts";
import { isTiled } from "./tiled-wgsl.ts";

/** What the contestant is called in tables. */
export const tiledTitle = "tiles of 64 × 64 in workgroup memory, WGSL by hand";

/** The process, on an adapter of its own. */
export class TiledPeer {
  readonly #child: JsonChild;

  constructor() {
    const here = fileURLToPath(import.meta.url);
    const program = fileURLToPath(new URL(`tiled-child${extname(here)}`, import.meta.url));
    const loader = extname(here) === ".ts" ? ["--import", "tsx"] : [];
    this.#child = new JsonChild(process.execPath, [...loader, program]);
  }

  /** The product of the factors of gpu-product, row after row. Throws DeviceError where there is no adapter. */
  async product(n: number): Promise<readonly number[]> {
    const { result } = await this.#child.ask({ n, result: true });
    return Array.isArray(result) ? result : [];
  }

  /** The contestant at [n, n], "wrong" where it multiplies wrongly, null where it has no such size. Throws as `product`. */
  async contestant(n: number): Promise<Contestant | "wrong" | null> {
    if (!isTiled(n)) return null;
    const { agrees } = await this.#child.ask({ n });
    if (agrees !== true) return "wrong";
    return {
      name: tiledTitle,
      time: async (calls) => secondsIn(await this.#child.ask({ n, calls })),
    };
  }

  /** Ends the process. */
  close(): void {
    this.#child.close();
  }
}

function secondsIn({ seconds }: Answer): number {
  return typeof seconds === "number" ? seconds : Number.NaN;
}
