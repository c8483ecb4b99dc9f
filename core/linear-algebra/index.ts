/** Linear algebra on plain float64 arrays, row by row: what initializers and whitening rest on. */
export { type QrDecomposition, qr } from "./qr.ts";
export { type SymmetricEigen, symmetricEigen } from "./symmetric-eigen.ts";
