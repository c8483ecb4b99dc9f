/**
 * Whole-graph fuzzing: random typed graphs over all ops, the oracles that judge them, and the programs that are printed
 * of those that fail.
 */
export { type NdArray, nd } from "../../core/nd-array.ts";
export { type GraphOptions, graphs } from "./arbitrary.ts";
export { type Application, type Graph, isLeaf, type Leaf, type Node, type Ref } from "./graph.ts";
export { type GrowOptions, growGraph } from "./grow.ts";
export { GraphBroken, type Oracle } from "./oracle.ts";
export { checkSubject, oracleNamed, oracles } from "./oracles.ts";
export { printGraph } from "./print.ts";
export { apply, applyAll, outputOf, type Program, programOf, type Subject } from "./program.ts";
export { fuzzGraphs, type GraphReport } from "./run.ts";
export { type Compared, RunningBounds, runningBounds } from "./running-bounds.ts";
