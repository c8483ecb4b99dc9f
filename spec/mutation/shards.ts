/**
 * The shards of mutation testing: which sources are mutated together, and which test files must notice.
 * Rests on nothing. A shard is small enough to finish on two cores in minutes; its test files are those whose claims are
 * about it, so that what survives is what these claims leave open, not what some training run happens to depend on.
 */

/** Sources that are mutated in one run, and the tests that run on each mutant. */
export interface Shard {
  /** `core/ops/reduce`: a folder, or a part of one after it. */
  readonly name: string;
  /** Globs of sources from the top. */
  readonly mutate: readonly string[];
  /** Test files without folder and ending: `"schedules"` is `spec/schedules.test.ts`. They run in this order: quick ones first. */
  readonly tests: readonly string[];
  /**
   * Those of them that speak of what sources make while they load, such as lists: about a mutant in there only they are
   * asked, and tests that run the same source. All tests where absent.
   */
  readonly loaded?: readonly string[];
  /** Random cases a law, fewer than usual: what they notice, more of them notice too. Half of the usual where absent. */
  readonly runs?: number;
  /** Whether records stand among the sources; what of them is the tests' own data stays as it is. */
  readonly records?: boolean;
}

/** Records of the registries are the tests' own data: names, formulas, samples and what must come out. */
const notRecords = ["!**/registry.ts", "!**/*-records.ts", "!**/records/**", "!**/index.ts"];

const words = (text: string): readonly string[] => text.split(" ");

/** A part of core/ops: its files, the laws of all ops on the reference device, and the tests that speak of these files. */
function ops(part: string, files: string, tests = ""): readonly Shard[] {
  return [
    {
      name: `core/ops/${part}`,
      mutate: words(files).map((file) => `core/ops/${file}.ts`),
      tests: words(`op-records laws golden ${tests}`.trim()),
      loaded: ["op-records"],
      records: true,
    },
  ];
}

/** A part of core/data: its files, and the tests that speak of them. */
function data(part: string, files: string, tests: string): readonly Shard[] {
  return [
    {
      name: `core/data/${part}`,
      mutate: words(files).map((file) => `core/data/${file}.ts`),
      tests: words(tests),
    },
  ];
}

/** All shards, the quickest first. */
export const shards: readonly Shard[] = [
  {
    name: "schedules",
    mutate: ["schedules/*.ts", "!schedules/schedule-record.ts", ...notRecords],
    tests: words("schedules schedule-claims schedule-refusals golden-schedules plateau rate-range"),
  },
  {
    name: "init",
    mutate: ["init/*.ts", ...notRecords],
    tests: words("initializers golden-initializers initial-layers initial-signals"),
  },
  {
    name: "optim",
    runs: 4,
    mutate: ["optim/*.ts", ...notRecords],
    tests: words(
      "optimizer-refusals optimizer-state optimizer-groups optimizer-clipping optimizer-golden weight-average optimizers optimizer-updates optimizer-claims compile-refusals compile-loop compile optimizer-laws",
    ),
  },
  {
    name: "layers",
    runs: 4,
    mutate: ["layers/*.ts", "layers/nets/*.ts", ...notRecords],
    tests: words(
      "layer-refusals compile-refusals assemble net-state layers summary observe initial-layers batch-norm normalizations layers-golden reestimate nets layers-laws",
    ),
  },
  ...data(
    "sets",
    "dataset combinators split loader points shapes image-dataset image-set extent",
    "data-same-bits loader data-made data-datasets data-loader data-registry",
  ),
  ...data(
    "transforms",
    "augment augment-colour augment-geometry mix beta normalization whitening",
    "data-same-bits data-normalization data-registry data-augment",
  ),
  ...data(
    "files",
    "idx idx-images mnist fashion-mnist cifar npy csv tar files known-files locate download",
    "idx data-readers datasets data-download",
  ),
  ...ops(
    "arithmetic",
    "arithmetic shorthand operands multiply-add power sign compare clamp logic extremum",
    "arithmetic operands bad-input",
  ),
  ...ops(
    "functions",
    "exponential hyperbolic trigonometric activation elu gelu rectifier error-function",
  ),
  ...ops(
    "reductions",
    "reduce reduction sum extreme product statistics norm arg scan",
    "reductions",
  ),
  ...ops(
    "views",
    "reshape permute unit-axis slice take cast identity where mask constant sequence",
    "views layout",
  ),
  ...ops("joins", "concat split pad gather", "views"),
  ...ops("products", "matmul vector-product einsum einsum-equation", "views"),
  ...ops(
    "windows",
    "convolution convolution-gradients convolution-transpose convolution-shapes geometry pooling pooling-shapes average-pooling global-pooling window channels",
    "vision-ops convolution-padding",
  ),
  ...ops(
    "normalizations",
    "normalize normalize-affine normalize-gradient batch-normalization batch-norm-inference example-normalization group-normalization layer-normalization",
    "vision-ops",
  ),
  ...ops(
    "losses",
    "softmax softmax-cross-entropy cross-entropy loss loss-reduction dropout",
    "reductions vision-ops",
  ),
  ...ops("random", "random random-record", "random-errors vision-ops"),
  {
    name: "core/devices/wasm",
    mutate: [
      "core/devices/wasm/*.ts",
      // What only several threads run, and the worker itself, live in processes that a mutant does not reach.
      "!core/devices/wasm/{worker,pool,binary.gen,settings}.ts",
    ],
    tests: words(
      "laws-wasm device-equivalence device-tiles device-memory wasm-memory batch-independence",
    ),
  },
];
