/**
 * PyTorch as a peer: torch_peer.py in a child process, on as many threads.
 * Rests on json-child. A measuring stick only: where there is none, a benchmark goes on without.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { BitgradError } from "../../core/index.ts";
import type { Contestant } from "./interleave.ts";
import { JsonChild } from "./json-child.ts";
import type { Found } from "./peer.ts";
import type { Task } from "./task.ts";

/** Options of `findTorch`. */
export interface TorchOptions {
  /** Integer ≥ 1. */
  readonly threads: number;
  /** The Python to run; default BITGRAD_PYTHON, or python3. */
  readonly python?: string;
  /** What it runs on; default `"cpu"`. */
  readonly on?: "cpu" | "cuda";
}

/** Starts PyTorch, or says why it cannot. */
export async function findTorch({
  threads,
  on = "cpu",
  python = process.env["BITGRAD_PYTHON"] || "python3",
}: TorchOptions): Promise<Found> {
  const script = fileURLToPath(new URL("torch_peer.py", import.meta.url));
  if (!existsSync(script)) return { missing: `no PyTorch beside: ${script} is not there` };
  const child = new JsonChild(python, [script]);
  try {
    const { version } = await child.ask({ do: "start", threads, on });
    return { peer: { title: `PyTorch ${version}`, contestants, close: () => child.close() } };
  } catch (error) {
    child.close();
    if (!(error instanceof BitgradError)) throw error;
    return {
      missing: `no PyTorch ${on === "cuda" ? "on CUDA " : ""}beside (${python}: ${error.got}); BITGRAD_PYTHON names a Python that has it`,
    };
  }

  async function contestants(task: Task): Promise<readonly Contestant[]> {
    const { names } = await child.ask({ do: "prepare", task });
    const known = Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
    return known.map((name: string) => ({
      name: on === "cuda" ? name.replace("torch", "torch-cuda") : name,
      time: async (calls) => {
        if (task.kind === "memory") {
          const { mebibytes } = await child.ask({ do: "measure", name });
          return typeof mebibytes === "number" ? mebibytes : Number.NaN;
        }
        const { seconds } = await child.ask({ do: "run", name, calls });
        return typeof seconds === "number" ? seconds : Number.NaN;
      },
    }));
  }
}
