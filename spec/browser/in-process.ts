/**
 * The canonical run in an engine with a command line, such as Node, Bun or Deno: prints its answer as JSON.
 * Rests on canonical. BITGRAD_THREADS says how many threads.
 */
import { answer } from "./canonical.ts";

console.log(JSON.stringify(await answer(null)));
