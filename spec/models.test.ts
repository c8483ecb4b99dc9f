/** Stateful parts against models: any sequence of what a program may do leaves both in the same state. */
import { expect, test } from "vitest";
import { checkLoaderModel, checkPrefetchRaces } from "./models/loader.ts";
import { checkOptimizerModel } from "./models/optimizer.ts";
import { checkScopes } from "./models/scopes.ts";

test("scopes: the same values are alive and the device holds as many blocks as a model of nested owners says", () => {
  checkScopes(1, 150);
});

test("loop-checkpoints: steps, checkpoints and going back in any order leave the weights of plain numbers, bit for bit", () => {
  checkOptimizerModel(2, 25);
});

test("data-loader: drawing, leaving, choosing an epoch, saving and going back in any order give the batches of the definition", () => {
  checkLoaderModel(3, 60);
});

test("data-loader: prefetched batches come in the order of the epoch, whatever order they are ready in", async () => {
  await expect(checkPrefetchRaces(4, 60)).resolves.toBeUndefined();
});
