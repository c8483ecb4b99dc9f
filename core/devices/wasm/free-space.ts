/**
 * Free space of a linear memory: ranges of addresses that no block takes, neighbours joined.
 * Rests on nothing.
 */

/** Free addresses from `pointer` up to `pointer + size`. */
interface Range {
  pointer: number;
  size: number;
}

/** Ranges to cut blocks from. Additions count once they are joined. */
export class FreeSpace {
  #ranges: Range[] = [];

  /** Adds a free block; call `join` before the next `take`. */
  add(pointer: number, size: number): void {
    this.#ranges.push({ pointer, size });
  }

  /**
   * Joins neighbours. A range that ends at `top` is no longer part of the space: gives the address where it
   * began, else `top`.
   */
  join(top: number): number {
    const joined: Range[] = [];
    for (const range of this.#ranges.sort((a, b) => a.pointer - b.pointer)) {
      const before = joined.at(-1);
      if (before !== undefined && before.pointer + before.size === range.pointer) {
        before.size += range.size;
      } else {
        joined.push(range);
      }
    }
    const last = joined.at(-1);
    this.#ranges = joined;
    if (last === undefined || last.pointer + last.size !== top) return top;
    joined.pop();
    return last.pointer;
  }

  /** Cuts `size` bytes from the smallest range that has them, the lowest of equal ones; null if none has. */
  take(size: number): number | null {
    let best = -1;
    let bestSize = Number.POSITIVE_INFINITY;
    this.#ranges.forEach((range, index) => {
      if (range.size >= size && range.size < bestSize) {
        best = index;
        bestSize = range.size;
      }
    });
    const range = this.#ranges[best];
    if (range === undefined) return null;
    const { pointer } = range;
    if (range.size === size) this.#ranges.splice(best, 1);
    else {
      range.pointer += size;
      range.size -= size;
    }
    return pointer;
  }
}
