/**
 * Progress of a training run: a bar on a terminal, plain lines when piped.
 * Rests on bar and terminal. Training never yields to the event loop, so nothing here waits for a timer, and no
 * signal is caught: Ctrl-C ends the process at once.
 */
import { Bar, type Clock, formatLeft } from "../bar.ts";
import type { EpochPoint } from "../report/record.ts";
import type { TextOutput } from "../terminal.ts";
import type { TrainingListener } from "./classifier.ts";

/** Sizes that progress is measured against. */
export interface ProgressPlan {
  readonly epochs: number;
  /** Steps in one epoch. */
  readonly stepsPerEpoch: number;
  /** Training images in one epoch. */
  readonly trainCount: number;
  /** Test images evaluated after each epoch. */
  readonly testCount: number;
}

/** Prints progress; call `stop` at the end, also after an error. */
export interface Progress extends TrainingListener {
  stop(): void;
}

/** A training step costs its images about three times what evaluating them does. */
const trainingCost = 3;

/** A bar if `output` is a terminal, else at most ten lines an epoch, and one at its end. */
export function progressFor(
  plan: ProgressPlan,
  output: TextOutput,
  clock: Clock = () => performance.now(),
): Progress {
  return output.isTTY === true ? barProgress(plan, output, clock) : lineProgress(plan, output);
}

function lineProgress(plan: ProgressPlan, output: TextOutput): Progress {
  const every = Math.ceil(plan.stepsPerEpoch / 10);
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

function barProgress(plan: ProgressPlan, output: TextOutput, clock: Clock): Progress {
  const { epochs, stepsPerEpoch, trainCount, testCount } = plan;
  const epochWork = trainingCost * trainCount + testCount;
  const started = clock();
  const bar = new Bar(output, clock);
  let epoch = 1;
  let loss = "–";

  const draw = (epochDone: number, phase: string): void => {
    bar.draw((now) => {
      const share = (epoch - 1 + epochDone / epochWork) / epochs;
      const left =
        share > 0 ? `  ${formatLeft(((now - started) * (1 - share)) / share / 1000)}` : "";
      const after = `  ${Math.floor(100 * share)} %  ${phase}  loss ${loss}${left}`;
      return { before: `epoch ${epoch}/${epochs}  `, share, after };
    });
  };

  draw(0, "training");
  return {
    onStep: ({ step, loss: stepLoss }) => {
      epoch = Math.ceil(step / stepsPerEpoch);
      loss = format(stepLoss);
      const done = (step - (epoch - 1) * stepsPerEpoch) / stepsPerEpoch;
      draw(trainingCost * trainCount * done, "training");
    },
    onEvaluation: (done) => draw(trainingCost * trainCount + done, "testing"),
    onEpoch: (point, seconds) => {
      bar.clear();
      output.write(`${epochLine(plan, point, seconds)}\n`);
    },
    stop: () => bar.clear(),
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
