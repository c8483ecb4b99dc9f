/**
 * Every fault.
 * Rests on the files beside it.
 */
import { arrayFaults } from "./array-faults.ts";
import { elementwiseFaults } from "./elementwise-faults.ts";
import type { Fault } from "./fault.ts";
import { forwardFaults } from "./forward-faults.ts";

/** All of them. */
export const faults: readonly Fault[] = [...elementwiseFaults, ...arrayFaults, ...forwardFaults];
