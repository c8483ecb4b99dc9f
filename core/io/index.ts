/** Reading and writing: fingerprints, safetensors files, checkpoints. */
import "../methods.ts"; // what is read are tensors, also where nothing else of bitgrad is imported

export {
  type Checkpoint,
  type CheckpointOptions,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  type Parts,
  restoreCheckpoint,
  saveCheckpoint,
} from "./checkpoint.ts";
export {
  CheckpointFolder,
  type CheckpointFolderOptions,
  type FolderSaveOptions,
  type SavedNotes,
} from "./checkpoint-folder.ts";
export { fingerprint } from "./fingerprint.ts";
export { parseSafetensors, type Safetensors, type StoredArray } from "./safetensors.ts";
export {
  type LoadedTensors,
  loadSafetensors,
  type SafetensorsOptions,
  saveSafetensors,
} from "./safetensors-files.ts";
export { encodeSafetensors } from "./safetensors-write.ts";
