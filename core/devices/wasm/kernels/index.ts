/** All kernels. Each export but heapStart is `(task: usize, from: i32, to: i32, scratch: usize): void`; see task.ts. */
export * from "./copy";
export * from "./elementwise";
export * from "./heap";
export * from "./matmul";
