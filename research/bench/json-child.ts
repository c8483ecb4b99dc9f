/**
 * A long-lived child process that answers each line of JSON with a line of JSON.
 * Rests on Node and core's errors.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { DeviceError } from "../../core/index.ts";

/** What a child says: an object. */
export type Answer = Readonly<Record<string, unknown>>;

/** The child and the questions it has not answered yet. */
export class JsonChild {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
  #lastWords = "";
  #ended: string | null = null;

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#lastWords = (this.#lastWords + text).slice(-2000);
    });
    this.#process.stdin.on("error", () => {}); // The process has ended: `close` below tells.
    this.#process.on("error", ({ message }) => this.#end(message));
    this.#process.on("close", (code) => {
      const line = this.#lastWords.trim().split("\n").at(-1) ?? "";
      this.#end(line === "" ? `exit status ${code}` : line);
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#hear(line));
  }

  /** Sends a question. Throws DeviceError if the child ends, or answers with an error or with no object. */
  ask(question: object): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== null) return reject(complaint(this.#ended));
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${JSON.stringify(question)}\n`);
    });
  }

  /** Ends the child: it reads the end of its input. */
  close(): void {
    this.#process.stdin.end();
  }

  #hear(line: string): void {
    const question = this.#waiting.shift();
    if (question === undefined) return;
    const answer = parse(line);
    if (answer === null) question.reject(complaint(`the line ${line}`));
    else if (typeof answer["error"] === "string") question.reject(complaint(answer["error"]));
    else question.resolve(answer);
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    for (const question of this.#waiting.splice(0)) question.reject(complaint(this.#ended));
  }
}

function parse(line: string): Answer | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}

function complaint(got: string): DeviceError {
  return new DeviceError({
    where: "bitgrad bench",
    argument: "the peer's process",
    expected: "to answer",
    got,
    fix: "Run with --against none to measure bitgrad alone",
  });
}
