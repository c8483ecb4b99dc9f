/** Data: image sets, datasets, the loader, and the readers that find them on this machine. */
import "../methods.ts"; // a batch is made of tensors, also where nothing else of bitgrad is imported

export { type Dataset, imageDataset, type LabelledBatch } from "./dataset.ts";
export { type ReadOptions, readBytes } from "./files.ts";
export { type IdxArray, type IdxData, parseIdx } from "./idx.ts";
export {
  type ChannelStatistics,
  channelStatistics,
  type ImageSet,
  takeFirst,
} from "./image-set.ts";
export { DataLoader, type LoaderOptions } from "./loader.ts";
export {
  type DatasetEnvironment,
  type DatasetLocation,
  type DatasetRequest,
  locateDataset,
} from "./locate.ts";
export { type Mnist, type MnistOptions, readMnist } from "./mnist.ts";
