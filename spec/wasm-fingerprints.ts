/**
 * Fingerprints of the wasm device, word for word, the same on every engine and any number of threads. A change that moves
 * bits on purpose says so in the CHANGELOG.
 */

/** The canonical run with seed 0, as `canonicalFingerprint` in research. */
export const canonical: string = "914bb82a12b0057aa80c0507654b11bd0368c270b0c92f98fe8fe75498ba94e0";

/** The large kernels of spec/browser/canonical.ts. */
export const large: string = "f7468829cd0bd0701b0ae335d582e12de94c2a794e2b325299b35c355e1930bc";
