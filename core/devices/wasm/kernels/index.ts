/** All kernels. Each export but heapStart is `(task: usize, from: i32, to: i32, scratch: usize): void`; see task.ts. */
export * from "./convolution";
export * from "./convolution-weight-gradient";
export * from "./convolution-weights";
export * from "./copy";
export * from "./elementwise";
export * from "./heap";
export * from "./indexing";
export * from "./matmul";
export * from "./normalization";
export * from "./patches";
export * from "./pooling";
export * from "./random";
export * from "./reduction";
export * from "./scan";
export * from "./softmax";
export * from "./unary";
export * from "./update";
