/**
 * The registry: every exported layer and net, how to make one, and what it promises. Its laws are checked on each.
 * Rests on records. A layer that is exported and not listed here fails a test.
 */
import { activationRecords } from "./records/activations.ts";
import { dropoutRecords } from "./records/dropouts.ts";
import { netRecords } from "./records/nets.ts";
import { normalizationRecords } from "./records/normalizations.ts";
import type { LayerRecord } from "./records/record.ts";
import { shapeRecords } from "./records/shapes.ts";
import { weightRecords } from "./records/weights.ts";

/** All of them. */
export const layerRegistry: readonly LayerRecord[] = [
  ...weightRecords,
  ...normalizationRecords,
  ...activationRecords,
  ...shapeRecords,
  ...dropoutRecords,
  ...netRecords,
];
