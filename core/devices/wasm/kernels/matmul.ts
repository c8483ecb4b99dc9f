import { pointer, word } from "./task";
export function probe(task: usize, from: i32, to: i32, scratch: usize): void { store<i32>(pointer(task,0), word(task,1)+from+to); }
