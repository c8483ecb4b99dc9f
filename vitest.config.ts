import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const all = ["spec/**/*.test.ts"];

/** They measure memory, set what may be set once in a process, or replace parts of the runtime. */
const apart = [
  "bench",
  "*memory",
  "scope",
  "train-loop",
  "wasm-threads",
  "gpu-*",
  "experiments-*",
  "compile-fusion",
].map((name) => `spec/${name}.test.ts`);

/** Inside the repository every entry point is its source: two copies would be two tapes. */
const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^bitgrad\/(data|io)$/, replacement: source("./core/$1/index.ts") },
      { find: /^bitgrad\/(\w+)$/, replacement: source("./$1/index.ts") },
      { find: /^bitgrad$/, replacement: source("./core/index.ts") },
    ],
  },
  // Test files run side by side on all cores, so kernels get one thread each. Most of them share what they import with
  // those before them: to import everything anew for each took half the time.
  test: {
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    env: { BITGRAD_THREADS: "1" },
    projects: [
      {
        extends: true,
        test: {
          name: "shared",
          include: all,
          exclude: apart,
          isolate: false,
          setupFiles: ["spec/default-device.ts"],
        },
      },
      { extends: true, test: { name: "apart", include: apart } },
    ],
  },
});

export default config;
