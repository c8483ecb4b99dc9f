/**
 * The canonical run in a browser's Worker: a number of threads comes in, an answer goes out.
 * Rests on canonical.
 */
import { answer } from "./canonical.ts";

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

addEventListener("message", async ({ data }: MessageEvent<number | null>) => {
  postMessage(await answer(data, pause));
});
