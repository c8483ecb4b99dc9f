/**
 * Engines: the canonical run has one fingerprint on the wasm device of every engine that this machine has, bundled into
 * one file. Browsers are found in PATH, further Nodes through BITGRAD_ENGINES; what is not there is skipped.
 */
import { describe, expect, test } from "vitest";
import type { Answer } from "./browser/canonical.ts";
import { askBrowser, askProcess, browsers, bundle, commandLines } from "./browser/engines.ts";
import { canonical, large } from "./canonical.ts";

/** What every engine answers on so many threads, all of which take part. */
function same(threads: number): Answer {
  return { result: canonical.wasm, large, threads, helpers: threads - 1 };
}

const inProcess = await bundle("in-process.ts");
const inWorker = await bundle("in-worker.ts");

describe.each(commandLines())("$name", (engine) => {
  test.each([1, 3])("has the fingerprint on %i threads, and ends by itself", (threads) => {
    expect(askProcess(engine, inProcess, threads)).toEqual(same(threads));
  });
});

const found = browsers();

for (const name of ["chromium", "firefox"] as const) {
  const engine = found.find((browser) => browser.name === name);
  describe.skipIf(engine === undefined)(`${name}, skipped unless it is in PATH,`, () => {
    const ask = (isolated: boolean, threads: number | null) =>
      engine === undefined ? null : askBrowser(engine, inWorker, { isolated, threads });

    test.each([1, 3])("has the fingerprint on %i threads of an isolated page", async (threads) => {
      expect(await ask(true, threads)).toEqual(same(threads));
    });

    test("has it on one thread of a page without isolation", async () => {
      expect(await ask(false, null)).toEqual(same(1));
    });

    test("refuses more threads on a page without isolation", async () => {
      const refused = await ask(false, 3);
      expect(refused?.result).toMatch(
        /^DeviceError: setThreads: expected threads to be 1 where memory cannot be shared between threads, got 3\./,
      );
    });
  });
}
