/**
 * The parts of the suite that are about no entry of a registry alone: random graphs, mathjs, metamorphic claims, models.
 * Rests on those folders. `share` says how many cases a part gets for each one that a law gets.
 */
import { withDevice } from "../../core/index.ts";
import { scheduleRegistry } from "../../schedules/registry.ts";
import { recordNamed } from "../graphs/graph.ts";
import { oracles } from "../graphs/oracles.ts";
import { type FuzzOptions, fuzzGraphs, type GraphReport } from "../graphs/run.ts";
import { type KeptExample, keptOf } from "../laws/kept.ts";
import { joined, observing, unobserved } from "../laws/observed.ts";
import { exactOps, exactSchedules } from "../mathjs/definitions.ts";
import { checkOpDigits, checkScheduleDigits } from "../mathjs/digits.ts";
import { checkCompositions, checkDerivatives, checkValues } from "../mathjs/symbols.ts";
import { expressible } from "../mathjs/texts.ts";
import { batchClaims } from "../metamorphic/batches.ts";
import { imageClaims } from "../metamorphic/images.ts";
import { lossClaims } from "../metamorphic/losses.ts";
import { checkLoaderModel, checkPrefetchRaces } from "../models/loader.ts";
import { checkOptimizerModel } from "../models/optimizer.ts";
import { checkScopes } from "../models/scopes.ts";
import { commandOf, type LawResult, type Proof, type ProofOptions } from "./proof.ts";

/** A claim that a part makes. */
export interface PartLaw {
  readonly name: string;
  readonly claim: string;
  /** Cases for each one of the budget. */
  readonly share: number;
  /** Tries it on `runs` cases; gives how many there were, or elements compared. Throws where it is false. */
  holds(seed: number, runs: number): number | Promise<number>;
}

/** A part of claims that are tried one after the other, kept examples first. */
export function partOf(
  name: string,
  laws: readonly PartLaw[],
  all?: readonly KeptExample[],
): Proof {
  return {
    kind: "part",
    name,
    run: async (options) => {
      const results: LawResult[] = [];
      for (const law of laws) results.push(await resultOf(name, law, options, all));
      return results;
    },
  };
}

async function resultOf(
  subject: string,
  { name: law, claim, share, holds }: PartLaw,
  options: ProofOptions,
  all?: readonly KeptExample[],
): Promise<LawResult> {
  let [examples, seen] = [0, unobserved];
  const own: KeptExample = { subject, law, seed: options.seed, runs: options.runs };
  for (const each of [...keptOf(subject, law, all), own]) {
    try {
      const cases = Math.max(1, Math.ceil(each.runs * share));
      const { result, observed } = withDevice(options.device, () =>
        observing(() => holds(each.seed, cases)),
      );
      seen = joined(seen, observed);
      examples += await result;
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error));
      const { cause } = failure;
      const why = cause instanceof Error ? `${cause.message}\n  ` : "";
      failure.message = `${law} is broken by ${subject}\n  ${why}${failure.message}\n  to see it again: ${commandOf({ ...options, ...each }, subject)}`;
      const { subject: _, ...found } = each;
      return { law, claim, examples, observed: seen, found: { subject, ...found, failure } };
    }
  }
  return { law, claim, examples, observed: seen, found: null };
}

/** Random graphs: each oracle is a law. Kept examples are grown around their own op alone. */
export function graphPart(fuzz: FuzzOptions = {}, all?: readonly KeptExample[]): Proof {
  const name = "random graphs";
  const asked = fuzz.oracles ?? oracles;
  return {
    kind: "part",
    name,
    run: (options) => {
      const runs = Math.max(1, Math.round(options.runs / 32));
      const kept = asked.flatMap((oracle) => keptOf(name, oracle.name, all));
      const reports: GraphReport[] = [];
      for (const { seed, runs: cases, around = "" } of kept) {
        reports.push(fuzzGraphs(seed, cases, { ...fuzz, around: [recordNamed(around)] }));
      }
      if (reports.every(({ failure }) => failure === null)) {
        reports.push(fuzzGraphs(options.seed, runs, fuzz));
      }
      return asked.map((oracle): LawResult => {
        const verdicts = reports.flatMap(({ verdicts: by }) => by.get(oracle.name) ?? []);
        const broken = reports.findIndex((r) => r.counterexample?.oracle === oracle.name);
        const report = reports[broken];
        const seed = kept[broken]?.seed ?? options.seed;
        return {
          law: oracle.name,
          claim: oracle.claim,
          examples: verdicts.reduce((total, { said }) => total + said, 0),
          observed: verdicts.map(({ observed }) => observed).reduce(joined, unobserved),
          found: foundIn(report, { subject: name, law: oracle.name, seed }),
        };
      });
    },
  };
}

function foundIn(
  report: GraphReport | undefined,
  about: Omit<KeptExample, "runs">,
): LawResult["found"] {
  if (report?.failure == null || report.counterexample === null) return null;
  const { around, runs } = report.counterexample;
  return { ...about, runs, around, failure: report.failure };
}

const elements = (compared: readonly { readonly elements: number }[]): number =>
  compared.reduce((sum, each) => sum + each.elements, 0);

const mathjs: readonly PartLaw[] = [
  {
    name: "64 digits of elementwise ops",
    claim: "an elementwise op has the value of 64 digits within its bound, in both floats",
    share: 3 / 32,
    holds: (seed, runs) => elements(expressible.map((record) => checkValues(record, seed, runs))),
  },
  {
    name: "symbolic derivatives",
    claim: "an elementwise op has the symbolic derivative, by both modes and twice",
    share: 2 / 32,
    holds: (seed, runs) =>
      elements(expressible.map((record) => checkDerivatives(record, seed, runs))),
  },
  {
    name: "symbolic derivatives of compositions",
    claim: "a random composition of elementwise ops has the symbolic derivatives",
    share: 60 / 32,
    holds: (seed, runs) => checkCompositions(seed, runs).elements,
  },
  {
    name: "64 digits of reductions and softmax",
    claim: "reductions, softmax and its kin have the values of 64 digits, on both devices",
    share: 8 / 32,
    holds: (seed, runs) =>
      elements(
        ["wasm", "reference"].flatMap((device) =>
          withDevice(device, () =>
            Object.keys(exactOps).map((op) => checkOpDigits(recordNamed(op), seed, runs)),
          ),
        ),
      ),
  },
  {
    name: "64 digits of schedules",
    claim: "a schedule equals its formula in 64 digits to a few roundings",
    share: 8 / 32,
    holds: (seed, runs) =>
      elements(
        scheduleRegistry
          .filter(({ name }) => exactSchedules[name])
          .map((record) => checkScheduleDigits(record, seed, runs)),
      ),
  },
];

/** As many cases as were asked for: the check throws at the first that is broken. */
const counted =
  (check: (seed: number, runs: number) => void): PartLaw["holds"] =>
  (seed, runs) => {
    check(seed, runs);
    return runs;
  };

const models: readonly PartLaw[] = [
  {
    name: "scopes",
    claim: "the same values are alive as in a model of nested owners",
    share: 5,
    holds: counted(checkScopes),
  },
  {
    name: "optimiser and checkpoints",
    claim: "steps, checkpoints and going back leave the weights of plain numbers, bit for bit",
    share: 1,
    holds: counted(checkOptimizerModel),
  },
  {
    name: "loader",
    claim: "drawing, leaving, saving and going back give the batches of the definition",
    share: 2,
    holds: counted(checkLoaderModel),
  },
  {
    name: "prefetch",
    claim: "prefetched batches come in the order of the epoch, whatever order they are ready in",
    share: 2,
    holds: async (seed, runs) => {
      await checkPrefetchRaces(seed, runs);
      return runs;
    },
  },
];

/** All of them. */
export const parts: readonly Proof[] = [
  graphPart(),
  partOf("mathjs", mathjs),
  partOf(
    "metamorphic",
    [...imageClaims, ...lossClaims, ...batchClaims].map(({ claim, name, holds }) => ({
      ...{ name, claim, holds },
      share: 12 / 32,
    })),
  ),
  partOf("models", models),
];
