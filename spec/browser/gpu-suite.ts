/**
 * The gpu device's suite in a browser's Worker: the name of the device comes in, and what each part showed goes out.
 * Rests on spec/devices/gpu-suite, which Node runs too; gpu.js lies at /gpu-browser.js.
 */
import { prepareGpu, setDevice, setGpuCutoff } from "../../core/index.ts";
import { suite, type Whereabouts, whereabouts } from "../devices/gpu-suite.ts";

/** What a browser answers. */
export interface SuiteAnswer {
  /** Why nothing could be shown. */
  readonly error: string | null;
  readonly parts: readonly {
    readonly title: string;
    readonly examples: number;
    readonly worst: number;
    /** The message of the counterexample. */
    readonly failure: string | null;
    readonly seconds: number;
  }[];
  readonly where: Whereabouts | null;
}

addEventListener("message", async ({ data }: MessageEvent<string>) => {
  try {
    await prepareGpu("/gpu-browser.js");
    setGpuCutoff(0);
    setDevice(data);
    const parts = suite.map(({ title, run }) => {
      const started = performance.now();
      const { examples, worst, failure } = run();
      const seconds = (performance.now() - started) / 1000;
      return { title, examples, worst, failure: failure?.message ?? null, seconds };
    });
    postMessage({ error: null, parts, where: whereabouts() } satisfies SuiteAnswer);
  } catch (error) {
    postMessage({ error: String(error), parts: [], where: null } satisfies SuiteAnswer);
  }
});
