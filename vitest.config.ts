import { fileURLToPath } from "node:url";
import { defineConfig, type ViteUserConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Inside the repository every entry point is its source: two copies would be two tapes. */
const config: ViteUserConfig = defineConfig({
  resolve: {
    alias: [
      { find: /^bitgrad\/(data|io)$/, replacement: source("./core/$1/index.ts") },
      { find: /^bitgrad\/(\w+)$/, replacement: source("./$1/index.ts") },
      { find: /^bitgrad$/, replacement: source("./core/index.ts") },
    ],
  },
  // Test files run side by side on all cores, so kernels get one thread each.
  test: {
    maxWorkers: "100%",
    include: ["spec/**/*.test.ts"],
    testTimeout: 60_000,
    env: { BITGRAD_THREADS: "1" },
  },
});

export default config;
