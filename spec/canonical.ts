/**
 * The canonical run's fingerprints, word for word, by device. Whoever changes one on purpose says in CHANGELOG.md
 * which bits moved and why; whoever changes one by accident has found a mistake.
 */
export const canonical = {
  wasm: "8c68f875e87969cd15613fcf2f15b1b8e1c5124077b6aeed2d10fcaafb5fb0eb",
  reference: "7105c9aa4deaeb2bc3d827d953b4162d44d07660337266caf82a1a0a1eb1d429",
} as const;

/** The large kernels of browser/canonical.ts on the wasm device, shared between threads. */
export const large: string = "f7468829cd0bd0701b0ae335d582e12de94c2a794e2b325299b35c355e1930bc";
