/**
 * The canonical run's fingerprints, word for word, by device. Whoever changes one on purpose says in CHANGELOG.md
 * which bits moved and why; whoever changes one by accident has found a mistake.
 */
export const canonical = {
  wasm: "44284ce303d8aee1bac874cd100669c5b9c2111fbb8ee78d6bde8a127136b343",
  reference: "efa1ca01deede09f7e2e8fd4bf38ca65ba4c84821f3dc808af42049edae48cd8",
} as const;

/** The large kernels of browser/canonical.ts on the wasm device, shared between threads. */
export const large: string = "f7468829cd0bd0701b0ae335d582e12de94c2a794e2b325299b35c355e1930bc";
