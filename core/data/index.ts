/** Data: image sets, datasets, the loader, and the readers that find them on this machine. */
import "../methods.ts"; // a batch is made of tensors, also where nothing else of bitgrad is imported

export {
  type Augmentation,
  augment,
  type ImageShape,
  type RandomOptions,
} from "./augment.ts";
export { type ColourJitterOptions, colourJitter } from "./augment-colour.ts";
export {
  type CropOptions,
  type CutoutOptions,
  crop,
  cutout,
  type FlipOptions,
  flip,
} from "./augment-geometry.ts";
export {
  type Cifar10Records,
  type Cifar100Options,
  type Cifar100Records,
  type CifarOptions,
  parseCifar10,
  parseCifar100,
  readCifar10,
  readCifar100,
} from "./cifar.ts";
export {
  arrayDataset,
  type Columns,
  concatDatasets,
  mapDataset,
  repeatDataset,
  subset,
} from "./combinators.ts";
export {
  type CsvExamplesOptions,
  type CsvOptions,
  type CsvTable,
  csvExamples,
  parseCsv,
} from "./csv.ts";
export {
  type Dataset,
  type Examples,
  type ExamplesInit,
  examples,
  type Field,
  type Fields,
  type LabelledBatch,
  type LabelledExamples,
  type Row,
} from "./dataset.ts";
export {
  type DownloadOptions,
  type DownloadResponse,
  download,
  downloadable,
} from "./download.ts";
export { readFashionMnist } from "./fashion-mnist.ts";
export { type ReadOptions, readBytes } from "./files.ts";
export { type IdxArray, type IdxData, parseIdx } from "./idx.ts";
export type { ImageSets, ReaderOptions } from "./idx-images.ts";
export { imageDataset } from "./image-dataset.ts";
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
export { cutmix, type MixOptions, mixup } from "./mix.ts";
export { type Mnist, type MnistOptions, readMnist } from "./mnist.ts";
export {
  centering,
  type InvertibleNormalization,
  type Normalization,
  normalize,
  perChannel,
  perExample,
  perPixel,
  pixelMean,
} from "./normalization.ts";
export { formatNpy, type NpyArray, type NpyType, parseNpy } from "./npy.ts";
export {
  gaussianClusters,
  type ManyClassesOptions,
  moons,
  type PointOptions,
  type PointSet,
  pointExamples,
  spirals,
} from "./points.ts";
export { type ShapesOptions, shapes } from "./shapes.ts";
export { type SplitOptions, stratifiedSplit } from "./split.ts";
export {
  type Moments,
  moments,
  pcaWhitening,
  type WhiteningOptions,
  zcaWhitening,
} from "./whitening.ts";
