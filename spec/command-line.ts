/** A command line run in this process, and a small MNIST for it: 120 images to train on, 40 to test. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../research/cli.ts";

/** What a command left: its exit status, and what it wrote to both streams. */
export interface Outcome {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

/** Runs `bitgrad …args`, piped. */
export async function bitgrad(...args: readonly string[]): Promise<Outcome> {
  let output = "";
  let errors = "";
  const status = await main(args, {
    output: {
      write: (text) => {
        output += text;
      },
    },
    errors: {
      write: (text) => {
        errors += text;
      },
    },
  });
  return { status, output, errors };
}

/** An IDX file of bytes (LeCun's format: 0, 0, type 8, rank, sizes big-endian, then the elements). */
function idx(shape: readonly number[], bytes: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, 0x0800 + shape.length);
  shape.forEach((size, axis) => {
    header.setUint32(4 + 4 * axis, size);
  });
  return Buffer.concat([Buffer.from(header.buffer), bytes]);
}

/** Images 28 × 28 with a bar whose height tells the class, on a ground that differs from image to image. */
function writeHalf(folder: string, name: string, count: number): void {
  const labels = Uint8Array.from({ length: count }, (_, i) => (7 * i) % 10);
  const images = Uint8Array.from({ length: count * 784 }, (_, i) => {
    const image = Math.floor(i / 784);
    const row = Math.floor((i % 784) / 28);
    const label = labels[image] ?? 0;
    return Math.abs(row - 4 - 2 * label) < 2 ? 250 : (31 * i + 17 * image) % 60;
  });
  writeFileSync(join(folder, `${name}-images-idx3-ubyte`), idx([count, 28, 28], images));
  writeFileSync(join(folder, `${name}-labels-idx1-ubyte`), idx([count], labels));
}

/** Writes the four files into `folder`, for `BITGRAD_DATA`. */
export function writeSmallMnist(folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeHalf(folder, "train", 120);
  writeHalf(folder, "t10k", 40);
}
