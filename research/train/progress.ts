/**
 * Progress of a training run: a bar on a terminal, plain lines when piped.
 * Rests on cli-progress.
 */
import { Presets, SingleBar } from "cli-progress";
import type { EpochPoint, StepPoint } from "../report/record.ts";
import type { TrainingListener } from "./classifier.ts";

/** Sizes that progress is measured against. */
export interface ProgressPlan {
  readonly epochs: number;
  /** Steps in one epoch. */
  readonly stepsPerEpoch: number;
  /** Test images evaluated after each epoch. */
  readonly testCount: number;
}

/** Where progress is written. */
export interface ProgressOutput {
  readonly isTTY?: boolean | undefined;
  write(text: string): unknown;
}

/** Prints progress; call `stop` at the end, also after an error. */
export interface Progress extends TrainingListener {
  stop(): void;
}

/** A bar if `output` is a terminal, else about ten lines an epoch. */
export function progressFor(plan: ProgressPlan, output: NodeJS.WriteStream): Progress {
  return output.isTTY ? barProgress(plan, output) : lineProgress(plan, output);
}

/** One line for each tenth of an epoch and one for each epoch. */
export function lineProgress(plan: ProgressPlan, output: ProgressOutput): Progress {
  const every = Math.max(1, Math.floor(plan.stepsPerEpoch / 10));
  return {
    onStep: ({ step, loss }) => {
      if (step % every === 0) {
        output.write(`step ${step}/${plan.epochs * plan.stepsPerEpoch}  loss ${format(loss)}\n`);
      }
    },
    onEvaluation: () => {},
    onEpoch: (point, seconds) => {
      output.write(`${epochLine(plan, point, seconds)}\n`);
    },
    stop: () => {},
  };
}

function barProgress(plan: ProgressPlan, output: NodeJS.WriteStream): Progress {
  const bar = new SingleBar(
    {
      format: "epoch {epoch}  {bar} {percentage}%  {phase}  loss {loss}  {eta_formatted} left",
      hideCursor: true,
      etaBuffer: 200,
      stream: output,
    },
    Presets.shades_classic,
  );
  // One evaluated image costs about a third of a trained one; the bar counts images.
  const perEpoch = plan.stepsPerEpoch * 3 + 1;
  const payload = { epoch: `1/${plan.epochs}`, phase: "training", loss: "–" };
  bar.start(plan.epochs * perEpoch, 0, payload);
  let epoch = 1;
  const base = (): number => (epoch - 1) * perEpoch;
  return {
    onStep: ({ step, loss }: StepPoint) => {
      epoch = Math.ceil(step / plan.stepsPerEpoch);
      const within = step - (epoch - 1) * plan.stepsPerEpoch;
      bar.update(base() + within * 3, {
        epoch: `${epoch}/${plan.epochs}`,
        phase: "training",
        loss: format(loss),
      });
    },
    onEvaluation: (done) => {
      bar.update(base() + plan.stepsPerEpoch * 3, {
        phase: `testing ${Math.round((100 * done) / plan.testCount)}%`,
      });
    },
    onEpoch: (point, seconds) => {
      bar.update(epoch * perEpoch);
      output.write(`\r\u001b[K${epochLine(plan, point, seconds)}\n`);
    },
    stop: () => bar.stop(),
  };
}

function epochLine(plan: ProgressPlan, point: EpochPoint, seconds: number): string {
  const { epoch, trainLoss, trainAccuracy, testLoss, testAccuracy } = point;
  return (
    `epoch ${epoch}/${plan.epochs}  ` +
    `train loss ${format(trainLoss)} accuracy ${percent(trainAccuracy)}  ` +
    `test loss ${format(testLoss)} accuracy ${percent(testAccuracy)}  ${seconds.toFixed(1)} s`
  );
}

function format(loss: number | null): string {
  return loss === null ? "not finite" : loss.toFixed(4);
}

/** `97.35 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
