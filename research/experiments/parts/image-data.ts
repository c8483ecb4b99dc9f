/**
 * The knob that chooses among image datasets.
 * Rests on zod.
 */
import { z } from "zod";

/** Datasets with ten classes of small images. */
type TenClasses = { mnist: "mnist"; "fashion-mnist": "fashion-mnist"; "cifar-10": "cifar-10" };

/** Which images; MNIST is there after every install. */
export const imageData: z.ZodDefault<z.ZodEnum<TenClasses>> = z
  .enum(["mnist", "fashion-mnist", "cifar-10"])
  .default("mnist")
  .describe("dataset");
