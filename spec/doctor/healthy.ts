/** A module for the doctor's command: a net and a loader by name, with a rate. */
export { loader, reluNet as net } from "./patients.ts";
export const learningRate = 0.03;
