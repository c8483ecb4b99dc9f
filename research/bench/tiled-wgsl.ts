/**
 * A matrix product written by hand in WGSL, with workgroup memory, which gpu.js cannot express: what an adapter has to
 * give. A measuring stick only. Rests on the package webgpu. In a process of its own (tiled-child): two libraries that
 * own adapters do not live in one.
 */

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
      let first = j * ${tile}u + at.x * 4u;
      let v = vec4<f32>(right[first], right[first + 1u], right[first + 2u], right[first + 3u]);
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

/** The product of two matrices of one size, which stay with the adapter. */
export interface Tiled {
  /** Its result, row after row. */
  readonly result: Float32Array;
  /** Seconds of so many calls, all done at the end. */
  time(calls: number): Promise<number>;
  /** Lets go of the three matrices. */
  end(): void;
}

/** Whether there is such a product of [n, n]. */
export function isTiled(n: number): boolean {
  return n % tile === 0;
}

/** What hears of the adapter's events: collected as garbage, it would hear of none. */
const kept: GPU[] = [];

/** The adapter, with all that it allows. Rejects where there is none. */
export async function openAdapter(): Promise<GPUDevice> {
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  const gpu = create([]);
  kept.push(gpu);
  const adapter = await gpu.requestAdapter();
  if (adapter === null) throw new Error("no adapter answers");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
}

/** a·b of [n, n], computed once. Rejects where the adapter finds fault with it. */
export async function tiledProduct(
  device: GPUDevice,
  n: number,
  a: Float32Array<ArrayBuffer>,
  b: Float32Array<ArrayBuffer>,
): Promise<Tiled> {
  const scopes = ["out-of-memory", "validation"] as const;
  for (const scope of scopes) device.pushErrorScope(scope);
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
  for (const _ of scopes) {
    const fault = await device.popErrorScope();
    if (fault !== null) throw new Error(fault.message);
  }
  await staging.mapAsync(GPUMapMode.READ);
  const result = new Float32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return {
    result,
    time: async (calls) => {
      const started = performance.now();
      await run(calls);
      return (performance.now() - started) / 1000;
    },
    end: () => {
      for (const buffer of buffers) buffer.destroy();
    },
  };
}
