/**
 * Chains: elementwise tasks of one length, piece by piece, so that what one gives the next is never far. Each is done by its
 * own kernel; what lies between two stays in the thread's scratch memory.
 */
import { binaryF32 } from "./elementwise";
import { multiplyAddF32 } from "./multiply-add";
import { pointer, word } from "./task";
import { unaryF32 } from "./unary";
import { segment } from "./walk";

const recordBytes: usize = 384, pieceBytes: usize = <usize>segment << 2;

/**
 * Float32. Words: 0 tasks, then for each: which kernel (0 unary, 1 binary, 2 multiplyAdd), its record, and which operands lie
 * between two tasks (bit 0: what it gives; bit k: operand k is what the one before gave). All walks are one gapless run.
 */
export function chainF32(task: usize, from: i32, to: i32, scratch: usize): void {
  const tasks = word(task, 0), between = scratch + <usize>tasks * recordBytes;
  for (let i = 0; i < tasks; i++) {
    memory.copy(scratch + <usize>i * recordBytes, pointer(task, 2 + 3 * i), recordBytes);
  }
  for (let piece = from; piece < to; piece++) {
    const offset = <usize>piece * pieceBytes;
    for (let i = 0; i < tasks; i++) {
      const record = scratch + <usize>i * recordBytes, lies = word(task, 3 + 3 * i);
      // Two buffers in turn; an operand's address is that of its first piece.
      const given = between + <usize>(i & 1) * pieceBytes - offset, before = between + <usize>(i & 1 ^ 1) * pieceBytes - offset;
      if (lies & 1) store<usize>(record, given, 16);
      if (lies & 2) store<usize>(record, before, 20);
      if (lies & 4) store<usize>(record, before, 24);
      if (lies & 8) store<usize>(record, before, 28);
      const kernel = word(task, 1 + 3 * i);
      if (kernel == 0) unaryF32(record, piece, piece + 1, 0);
      else if (kernel == 1) binaryF32(record, piece, piece + 1, 0);
      else multiplyAddF32(record, piece, piece + 1, 0);
    }
  }
}
