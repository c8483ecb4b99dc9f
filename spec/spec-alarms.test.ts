/** `npm run spec:alarms`: seed after seed, cut off and gone on with, and no alarm is lost. */
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { UsageError } from "../core/index.ts";
import { alarmState, alarms } from "./deep/alarms.ts";
import type { Proof } from "./deep/proof.ts";
import { messageOf } from "./plain.ts";

/** A law that cries at one seed. */
function crying(at: number, seen: number[] = []): Proof {
  return {
    kind: "part",
    name: "wolf",
    run: ({ seed, runs }) => {
      seen.push(seed);
      const about = { subject: "wolf", law: "cry", seed, runs };
      const found = seed === at ? { ...about, failure: new Error(`cry at ${seed}`) } : null;
      const observed = { measured: 0, worst: 0, exact: 0 };
      return [{ law: "cry", claim: "nobody cries", examples: runs, observed, found }];
    },
  };
}

/** One sitting; every look at the clock takes ten seconds. */
async function sitting(proof: Proof, state: string, minutes = 1, seeds = 12) {
  let [output, now] = ["", 0];
  const said: string[] = [];
  const run = {
    proofs: [proof],
    device: "wasm",
    output: { write: (text: string) => (output += text) },
    report: ({ failure }: { failure: Error }) => said.push(failure.message),
    tallied: () => {},
    clock: () => {
      now += 10_000;
      return now;
    },
  };
  const status = await alarms(run, { runs: 4, seeds, minutes, state, commit: "abc" });
  return { status, output, said };
}

const fresh = (): string => join(mkdtempSync(join(tmpdir(), "alarms-")), "inner", "state.json");

describe("seeds go on where the last sitting ended", () => {
  test("each is run once, until all are done, and examples add up", async () => {
    const [state, seen]: [string, number[]] = [fresh(), []];
    const quiet = crying(-1, seen);
    const first = await sitting(quiet, state);
    expect(first).toEqual({
      status: 0,
      output: "5 of 12 seeds, 20 examples, 0 alarms\n",
      said: [],
    });
    await sitting(quiet, state);
    const last = await sitting(quiet, state);
    expect(last.output).toBe("12 of 12 seeds, 48 examples, 0 alarms\n");
    expect(seen).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(alarmState({ state, runs: 4 }).commits).toEqual(["abc"]);
  });

  test("an alarm is told once, and every later sitting ends with 1", async () => {
    const state = fresh();
    const first = await sitting(crying(2), state);
    expect([first.status, first.said]).toEqual([1, ["cry at 2"]]);
    const later = await sitting(crying(2), state);
    expect([later.status, later.said]).toEqual([1, []]);
    expect(JSON.parse(readFileSync(state, "utf8")).alarms).toEqual([
      { subject: "wolf", law: "cry", seed: 2, runs: 4 },
    ]);
  });

  test("another budget is another count, and refused", async () => {
    const state = fresh();
    await sitting(crying(-1), state);
    expect(messageOf(() => alarmState({ state, runs: 8 }), UsageError)).toBe(
      `spec alarms: expected --runs to be 4, as in ${state}, got 8. Give the same budget, or another file with --state.`,
    );
  });
});
