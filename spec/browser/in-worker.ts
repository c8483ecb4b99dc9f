/**
 * The canonical run in a browser's Worker: a number of threads comes in, an answer goes out.
 * Rests on canonical.
 */
import { answer } from "./canonical.ts";

addEventListener("message", ({ data }: MessageEvent<number | null>) => postMessage(answer(data)));
