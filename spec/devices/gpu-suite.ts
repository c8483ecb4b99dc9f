/**
 * What the gpu device must show in every mode, in Node and in a browser alike: its launches against the reference
 * device's, and the laws of gradients, on the same samples at the same bounds.
 * Rests on the laws and on checked launches, and on no runner of tests.
 */

import { gpuDevice } from "../../core/devices/gpu/index.ts";
import { isKernelClass, kernelClasses } from "../../core/devices/gpu/launches.ts";
import { device, gpuStatus, registry, scope } from "../../core/index.ts";
import { adjointInFloat32, tangentInFloat32 } from "../laws/bilinear.ts";
import { deviceEquality } from "../laws/device-equality.ts";
import type { SampledLaw } from "../laws/law.ts";
import type { LawError } from "../laws/law-error.ts";
import { budget, runLaw } from "../laws/run.ts";
import { type Checked, checkedLaunches } from "./checked-launch.ts";
import { runCase } from "./large-cases.ts";

/** What came of one part of the suite. */
export interface Shown {
  /** Cases that the law said something about; launches of the four kernels, where it speaks of those. */
  readonly examples: number;
  /** The largest part of its bound that anything took: at most 1. */
  readonly worst: number;
  readonly failure: Error | LawError | null;
}

/** One part: a law on an op, or kernels large enough for many threads. */
export interface Part {
  readonly title: string;
  run(): Shown;
}

/** Adapters may flush subnormal numbers. */
export const checkedGpu: Checked = { device: gpuDevice, tiny: 2 ** -126 };

/** Of cases: two in each of the five strata of device equality. */
const runs = 10;
/** Of cases of the laws of gradients, in two strata: those who draw nothing to broadcast draw freely there. */
const slopeRuns = 5;

const large = ["matrix products", "batches of matrix products", "convolutions of many channels"];

/** The parts, in order. */
export const suite: readonly Part[] = [
  ...kernelClasses.flatMap((name): readonly Part[] => [
    lawPart(name, runs, (took) =>
      deviceEquality("float32", () => {}, {
        ...checkedGpu,
        took: (kernel, part) => {
          if (isKernelClass(kernel)) took(part);
        },
      }),
    ),
    lawPart(name, slopeRuns, tangentInFloat32),
    lawPart(name, slopeRuns, adjointInFloat32),
  ]),
  ...large.map(largePart),
];

function lawPart(
  name: string,
  count: number,
  lawOf: (took: (part: number) => void) => SampledLaw,
): Part {
  const { name: title, claim } = lawOf(() => {});
  return {
    title: `${name}, ${title}: ${claim}`,
    run: () => {
      const record = registry.find((candidate) => candidate.name === name);
      if (record === undefined) throw new Error(`no op ${name}`);
      let worst = 0;
      const law = lawOf((part) => {
        worst = Math.max(worst, part);
      });
      const { failure, examples } = runLaw(law, record, { ...budget, runs: count });
      return { examples, worst, failure };
    },
  };
}

function largePart(name: string): Part {
  return {
    title: `${name} large enough for many threads agree with the reference`,
    run: () => {
      let [examples, worst] = [0, 0];
      const took = (kernel: Parameters<NonNullable<Checked["took"]>>[0], part: number): void => {
        if (!isKernelClass(kernel)) return;
        examples += 1;
        worst = Math.max(worst, part);
      };
      let failure: Error | null = null;
      try {
        scope(() =>
          checkedLaunches(
            () => runCase(name, "float32", budget.seed),
            () => {},
            {
              ...checkedGpu,
              took,
            },
          ),
        );
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        failure = error;
      }
      return { examples, worst, failure };
    },
  };
}

/** Where the kernels ran. */
export interface Whereabouts {
  readonly device: string;
  readonly mode: string;
  readonly adapter: string;
  /** Kernels whose probe failed. */
  readonly refused: readonly string[];
  /** Launches of each kernel on the gpu device. */
  readonly ran: Readonly<Record<string, number>>;
  /** Why launches went to wasm: what reasons there were. */
  readonly reasons: readonly string[];
}

/** Where the kernels ran since the device was started. */
export function whereabouts(): Whereabouts {
  const { mode = "", adapter = "", classes } = gpuStatus() ?? {};
  const all = Object.entries(classes ?? {});
  return {
    device: device(),
    mode,
    adapter,
    refused: all.flatMap(([name, { refused }]) => (refused === null ? [] : [name])),
    ran: Object.fromEntries(all.map(([name, { ran }]) => [name, ran])),
    reasons: [...new Set(all.flatMap(([, { passedOn }]) => Object.keys(passedOn)))].toSorted(),
  };
}

/** What goes to wasm rightly, in this suite: cases that are empty. */
export const rightReasons: readonly string[] = ["nothing to multiply"];
