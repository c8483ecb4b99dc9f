/**
 * A matrix product written by hand in WGSL, with workgroup memory, which gpu.js cannot express: what an adapter has to
 * give. A measuring stick only. Rests on the package webgpu; goes without where it or an adapter is missing.
 */
import type { Contestant } from "./interleave.ts";

/** Rows and columns of a group's tile; a thread makes 4 × 4 of its results. */
const tile = 64;
const depth = 16;

/** y = a·b of [n, n], n a multiple of 64: tiles of a and b are read once by a group of 16 × 16 threads. */
function tiledSource(n: number): string {
  return `
@group(0) @binding(0) var<storage, read> a : array<f32>;
@group(0) @binding(1) var<storage, read> b : array<f32>;
@group(0) @binding(2) var<storage, read_write> y : array<f32>;
var<workgroup> left : array<f32, ${tile * depth}>;
var<workgroup> right : array<f32, ${tile * depth}>;
@compute @workgroup_size(16, 16)
fn main(@builtin(workgroup_id) group : vec3<u32>, @builtin(local_invocation_id) at : vec3<u32>) {
  let row = group.y * ${tile}u;
  let column = group.x * ${tile}u;
  let me = at.y * 16u + at.x;
  var sums : array<vec4<f32>, 4>;
  for (var k = 0u; k < ${n}u; k += ${depth}u) {
    for (var i = me; i < ${tile * depth}u; i += 256u) {
      left[i] = a[(row + i / ${depth}u) * ${n}u + k + i % ${depth}u];
      right[i] = b[(k + i / ${tile}u) * ${n}u + column + i % ${tile}u];
    }
    workgroupBarrier();
    for (var j = 0u; j < ${depth}u; j++) {
      let from = j * ${tile}u + at.x * 4u;
      let v = vec4<f32>(right[from], right[from + 1u], right[from + 2u], right[from + 3u]);
      for (var r = 0u; r < 4u; r++) {
        sums[r] += left[(at.y * 4u + r) * ${depth}u + j] * v;
      }
    }
    workgroupBarrier();
  }
  for (var r = 0u; r < 4u; r++) {
    for (var c = 0u; c < 4u; c++) {
      y[(row + at.y * 4u + r) * ${n}u + column + at.x * 4u + c] = sums[r][c];
    }
  }
}`;
}

/** The product on an adapter of its own, or why there is none. */
export interface Tiled {
  /** Its result, row after row, and the contestant. */
  prepare(
    n: number,
    a: Float32Array<ArrayBuffer>,
    b: Float32Array<ArrayBuffer>,
  ): Promise<{
    readonly result: Float32Array;
    readonly contestant: Contestant;
  }>;
  close(): void;
}

/** Sizes that it can do. */
export function isTiled(n: number): boolean {
  return n % tile === 0;
}

/** The adapter's device, or why there is none. */
export async function openTiled(): Promise<Tiled | { readonly missing: string }> {
  try {
    const { create, globals } = await import("webgpu");
    Object.assign(globalThis, globals);
    const gpu = create([]);
    const adapter = await gpu.requestAdapter();
    if (adapter === null) return { missing: "no adapter answers" };
    const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
    const device = await adapter.requestDevice({
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    });
    return { prepare: (n, a, b) => prepare(device, n, a, b), close: () => device.destroy() };
  } catch (error) {
    return { missing: String(error).split("\n", 1)[0] ?? "" };
  }
}

async function prepare(
  device: GPUDevice,
  n: number,
  a: Float32Array<ArrayBuffer>,
  b: Float32Array<ArrayBuffer>,
): Promise<{ readonly result: Float32Array; readonly contestant: Contestant }> {
  const size = 4 * n * n;
  const { STORAGE, COPY_DST, COPY_SRC, MAP_READ } = GPUBufferUsage;
  const buffers = [a, b, null].map((elements) => {
    const buffer = device.createBuffer({ size, usage: STORAGE | COPY_DST | COPY_SRC });
    if (elements !== null) device.queue.writeBuffer(buffer, 0, elements);
    return buffer;
  });
  const module = device.createShaderModule({ code: tiledSource(n) });
  const pipeline = device.createComputePipeline({
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
  const bindings = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const run = async (calls: number): Promise<void> => {
    for (let i = 0; i < calls; i++) {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, bindings);
      pass.dispatchWorkgroups(n / tile, n / tile);
      pass.end();
      device.queue.submit([encoder.finish()]);
    }
    await device.queue.onSubmittedWorkDone();
  };
  await run(1);
  const staging = device.createBuffer({ size, usage: COPY_DST | MAP_READ });
  const encoder = device.createCommandEncoder();
  const [, , y] = buffers;
  if (y !== undefined) encoder.copyBufferToBuffer(y, 0, staging, 0, size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(GPUMapMode.READ);
  const result = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return {
    result,
    contestant: {
      name: "WGSL by hand, in tiles",
      time: async (calls) => {
        const started = performance.now();
        await run(calls);
        return (performance.now() - started) / 1000;
      },
    },
  };
}
