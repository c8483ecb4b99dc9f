/**
 * The canonical run's fingerprints, word for word, by device. Whoever changes one on purpose says in CHANGELOG.md
 * which bits moved and why; whoever changes one by accident has found a mistake.
 */
export const canonical = {
  wasm: "bc825a5bdbd0f0bd9680e8a7597a6350afb32058e5df6527735a85aa31fba9fd",
  reference: "efa1ca01deede09f7e2e8fd4bf38ca65ba4c84821f3dc808af42049edae48cd8",
} as const;
