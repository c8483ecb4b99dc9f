/** Memory between runs: what an ended run left is given back before the next one, however many one process makes. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { memory, setDevice, zeros } from "../core/index.ts";
import { doJob } from "../research/workers/do-job.ts";
import { letGo } from "../research/workers/let-go.ts";
import type { Job } from "../research/workers/messages.ts";

setDevice("wasm");

const mebibyte = 1_048_576;

/** Tensors of so many MiB that nobody uses and no scope ends: as nets and batches are when their run has ended. */
function leave(count: number): void {
  for (let i = 0; i < count; i++) zeros([mebibyte / 4]);
}

test("what nobody uses is given back where more than is tolerated is held, and less is left to the collector", async () => {
  leave(20);
  expect(memory().live).toBeGreaterThanOrEqual(20 * mebibyte);
  await letGo(1000 * mebibyte);
  const tolerated = memory().live; // a collection of the engine's own may have come in between
  await letGo(mebibyte);
  expect(memory().live).toBeLessThan(mebibyte);
  expect(tolerated).toBeGreaterThanOrEqual(memory().live);
});

test("jobs done one after the other in one process never hold more than 256 MiB of ended runs beside their own", async () => {
  const nobody: Job = {
    experiment: "no-such-experiment",
    identity: { experiment: "", config: {}, seed: 0, data: {}, device: "wasm", sources: "" },
    store: join(tmpdir(), "bitgrad-none"),
    threads: 1,
    force: false,
    checkpointSeconds: 5,
  };
  let most = 0;
  for (let run = 0; run < 8; run++) {
    leave(50);
    most = Math.max(most, memory().live);
    expect((await doJob(nobody, () => {})).type).toBe("failed");
    expect(memory().live).toBeLessThanOrEqual(256 * mebibyte);
  }
  // 8 runs that leave 50 MiB each would be 400; blocks are up to an eighth more than their elements.
  expect(most).toBeLessThanOrEqual((256 + 50 * 1.125) * mebibyte);
});
