/** Where the memory behind the kernels' constant tables begins: the allocator starts there. */
export function heapStart(): usize {
  return __heap_base;
}
