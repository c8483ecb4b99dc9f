/**
 * Records of the layers that draw.
 * Rests on dropout and record.
 */
import { Dropout, Dropout2d, DropPath } from "../dropout.ts";
import type { Layer } from "../layer.ts";
import { images, keeping, type LayerRecord } from "./record.ts";

const dropping = (
  name: string,
  what: string,
  source: string,
  make: (rate: number) => Layer,
): LayerRecord => ({
  name,
  what,
  source,
  training: "random",
  sample: (draw) => keeping(make(draw.pick([0.2, 0.5])), images(draw, draw.integer(2, 4))),
});

/** The records of this file. */
export const dropoutRecords: readonly LayerRecord[] = [
  dropping(
    "Dropout",
    "single elements set to 0 at random",
    "Srivastava et al. 2014",
    (rate) => new Dropout(rate),
  ),
  dropping(
    "Dropout2d",
    "whole channels set to 0 at random",
    "Tompson et al. 2015, section 3.2",
    (rate) => new Dropout2d(rate),
  ),
  dropping(
    "DropPath",
    "whole examples of a branch set to 0 at random",
    "Huang et al. 2016, section 3",
    (rate) => new DropPath(rate),
  ),
];
