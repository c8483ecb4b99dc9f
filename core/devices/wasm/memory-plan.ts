/**
 * Plans of memory: where blocks lie whose lives are known beforehand.
 * Rests on nothing. Blocks whose lives overlap never share a byte; large blocks are placed first, each at the lowest
 * address that is free during its life.
 */

/** A block, and when it lived: events are numbered. */
export interface Life {
  readonly bytes: number;
  /** The event that made it. */
  readonly born: number;
  /** The event that gave it back; infinite if none did. */
  died: number;
}

/** Blocks are aligned to this many bytes, a cache line. */
export const alignment = 64;

const roundUp = (bytes: number): number =>
  Math.max(alignment, Math.ceil(bytes / alignment) * alignment);

/** The most bytes that live at once. */
export function mostAtOnce(lives: readonly Life[]): number {
  const changes = lives.flatMap(({ bytes, born, died }) => [
    { at: born, by: roundUp(bytes) },
    { at: died, by: -roundUp(bytes) },
  ]);
  let live = 0;
  let most = 0;
  for (const { by } of changes.sort((a, b) => a.at - b.at || a.by - b.by)) {
    live += by;
    most = Math.max(most, live);
  }
  return most;
}

/** The offset of each block, and the bytes of all. */
export function planMemory(lives: readonly Life[]): {
  readonly offsets: readonly number[];
  readonly bytes: number;
} {
  const offsets = new Array<number>(lives.length).fill(0);
  const placed: { readonly life: Life; readonly start: number; readonly end: number }[] = [];
  const largestFirst = lives
    .map((life, index) => ({ life, index }))
    .sort((a, b) => b.life.bytes - a.life.bytes || a.index - b.index);
  let bytes = 0;
  for (const { life, index } of largestFirst) {
    const size = roundUp(life.bytes);
    let start = 0;
    // `placed` is in the order of addresses.
    for (const other of placed) {
      if (other.life.born >= life.died || other.life.died <= life.born) continue;
      if (other.start >= start + size) break;
      start = Math.max(start, other.end);
    }
    offsets[index] = start;
    bytes = Math.max(bytes, start + size);
    const after = placed.findIndex((other) => other.start > start);
    placed.splice(after < 0 ? placed.length : after, 0, { life, start, end: start + size });
  }
  return { offsets, bytes };
}
