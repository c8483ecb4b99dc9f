import { crossEntropy } from "bitgrad";
import { channelStatistics, DataLoader, imageDataset, readMnist, takeFirst } from "bitgrad/data";
import { assemble, Conv2d, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "bitgrad/layers";
import { sgd } from "bitgrad/optim";

const images = takeFirst(readMnist().train, 1000);
const dataset = imageDataset(images, channelStatistics(images));
const loader = new DataLoader(dataset, { batchSize: 20, seed: 0 });
const block = [
  new Conv2d(1, 8, { kernel: 3, stride: 2 }),
  new ReLU(),
  new MaxPool2d({ window: 2 }),
];
const net = assemble(new Sequential([...block, new Flatten(), new Linear(288, 10)]), { seed: 0 });
const optimizer = sgd(net.parameters(), { learningRate: 0.05, momentum: 0.9 });

for (let epoch = 0; epoch < 2; epoch++) {
  for (const { x, y } of loader) {
    const loss = optimizer.step(() => crossEntropy(net.forward(x), y)); // forward, backward, update
    if (optimizer.steps % 10 === 0) console.log(`step ${optimizer.steps}  loss ${loss.item()}`);
  }
}
