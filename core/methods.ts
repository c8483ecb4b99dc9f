/** Methods (placeholder while the op files are being written). */
export type TensorMethods = {};
