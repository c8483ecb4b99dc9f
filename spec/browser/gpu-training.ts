/**
 * Training on the gpu device in a browser's Worker: what to train comes in, and how well it went goes out.
 * Rests on research/train, whose loop and net the command line trains too; gpu.js lies at /gpu-browser.js, images at /images.
 */
import {
  channelStatistics,
  DataLoader,
  type ImageSet,
  imageDataset,
} from "../../core/data/index.ts";
import { device, gpuStatus, prepareGpu, setDevice, setGpuCutoff } from "../../core/index.ts";
import { adam } from "../../optim/index.ts";
import { trainClassifier } from "../../research/train/classifier.ts";
import { smallCnn } from "../../research/train/net.ts";

/** What is trained: the first images of /images to train on, those after them to test. */
export interface TrainingTask {
  readonly device: string;
  readonly train: number;
  readonly test: number;
  readonly epochs: number;
}

/** How it went. */
export interface TrainingAnswer {
  readonly error: string | null;
  readonly device: string;
  readonly accuracy: number;
  /** The loss of each step. */
  readonly losses: readonly (number | null)[];
  /** Launches of each class on the gpu device, and of those that went to wasm. */
  readonly ran: Readonly<Record<string, number>>;
  readonly passedOn: number;
}

const side = 28;
const pixels = side * side;

/** Images and labels in one array: all images, then all labels. */
export function setsOf(bytes: Uint8Array, { train, test }: TrainingTask): readonly ImageSet[] {
  const labels = bytes.subarray((train + test) * pixels);
  return [
    [0, train],
    [train, test],
  ].map(([from = 0, count = 0]) => ({
    name: "digits",
    images: bytes.subarray(from * pixels, (from + count) * pixels),
    shape: [1, side, side],
    labels: labels.subarray(from, from + count),
    count,
    classes: Array.from("0123456789"),
  }));
}

/** The first net, trained as `bitgrad train` does, on the device in use. */
export function trained(
  bytes: Uint8Array,
  task: TrainingTask,
): Pick<TrainingAnswer, "accuracy" | "losses"> {
  const [train, test] = setsOf(bytes, task);
  if (train === undefined || test === undefined) throw new Error("no images");
  const statistics = channelStatistics(train);
  const net = smallCnn({ shape: train.shape, classes: train.classes.length, seed: 0 });
  const { steps, evaluation } = trainClassifier(
    {
      net,
      optimizer: adam(net.parameters(), { learningRate: 3e-3 }),
      train: new DataLoader(imageDataset(train, statistics), { batchSize: 32, seed: 0 }),
      test: new DataLoader(imageDataset(test, statistics), { batchSize: 250, shuffle: false }),
      epochs: task.epochs,
    },
    { onStep: () => {}, onEvaluation: () => {}, onEpoch: () => {} },
  );
  return { accuracy: evaluation.accuracy, losses: steps.map(({ loss }) => loss) };
}

if (typeof process === "undefined") {
  addEventListener("message", async ({ data }: MessageEvent<string>) => {
    try {
      const task: TrainingTask = JSON.parse(data);
      await prepareGpu("/gpu-browser.js");
      const bytes = new Uint8Array(await (await fetch("/images")).arrayBuffer());
      setGpuCutoff(0);
      setDevice(task.device);
      const result = trained(bytes, task);
      const classes = Object.entries(gpuStatus()?.classes ?? {});
      const ran = Object.fromEntries(classes.map(([name, { ran: n }]) => [name, n]));
      const passedOn = classes.flatMap(([, { passedOn: reasons }]) => Object.values(reasons));
      postMessage({
        ...result,
        error: null,
        device: device(),
        ran,
        passedOn: passedOn.reduce((sum, n) => sum + n, 0),
      } satisfies TrainingAnswer);
    } catch (error) {
      const nothing = { device: "", accuracy: 0, losses: [], ran: {}, passedOn: 0 };
      postMessage({ ...nothing, error: String(error) } satisfies TrainingAnswer);
    }
  });
}
