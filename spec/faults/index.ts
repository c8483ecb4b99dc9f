/** Every fault. Rests on the files beside it. */
import { elementsFaults } from "./elements.ts";
import type { Fault } from "./fault.ts";
import { foldsFaults } from "./folds.ts";
import { productsFaults } from "./products.ts";
import { winogradFaults } from "./winograd.ts";

export const faults: readonly Fault[] = [
  ...productsFaults,
  ...foldsFaults,
  ...elementsFaults,
  ...winogradFaults,
];
