/**
 * The canonical run's fingerprints, word for word, by device. Whoever changes one on purpose says in CHANGELOG.md
 * which bits moved and why; whoever changes one by accident has found a mistake.
 */
export const canonical = {
  wasm: "0ff8c9c7586771831377fbc7c956f7094e3ef07665b60248d036fe2b29284580",
  reference: "b34cf9a319a74435c24d9b3801e8113a9e1a6ea3240190fa9c1dcef0ea6b7052",
} as const;

/** The large kernels of browser/canonical.ts on the wasm device, shared between threads. */
export const large: string = "fd3ea96db03b63f02b9f254fc430401bb04a56f4783a147d2346dde480afb1bf";
