/** Data: image sets, datasets, the loader, and the readers that find them on this machine. */
export { type Dataset, imageDataset, type LabelledBatch } from "./dataset.ts";
export { readBytes } from "./files.ts";
export { type IdxArray, parseIdx } from "./idx.ts";
export {
  type ChannelStatistics,
  channelStatistics,
  type ImageSet,
  takeFirst,
} from "./image-set.ts";
export { DataLoader, type LoaderOptions } from "./loader.ts";
export { locateDataset } from "./locate.ts";
export { readMnist } from "./mnist.ts";
