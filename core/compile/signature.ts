/**
 * Signatures: what a captured run did, in a form that can be compared with another run of the same step.
 * Rests on capture. Addresses do not count; which memory is which does.
 */
import type { Operand } from "../devices/device.ts";
import type { LaunchNote } from "../devices/recorder.ts";
import { type Capture, type Draw, operandsOf } from "./capture.ts";

/** Where a launch draws: from a captured draw, so many blocks after its first. */
export interface DrawPlace {
  readonly draw: Draw;
  readonly offset: number;
}

/** The draw that a launch reads its random numbers from, or null where it draws none, or none of this step's. */
export function drawPlaceOf({ attributes }: LaunchNote, draws: readonly Draw[]): DrawPlace | null {
  if (!("key" in attributes) || !("position" in attributes)) return null;
  const { key, position } = attributes;
  if (typeof position !== "number") return null;
  const draw = draws.find(
    ({ stream, position: start, blocks }) =>
      stream.key === key && position >= start && position < start + blocks,
  );
  return draw === undefined ? null : { draw, offset: position - draw.position };
}

/** What a run did, line by line, and the memory outside that it used. */
export interface Signature {
  readonly lines: readonly string[];
  readonly outside: readonly unknown[];
}

/** The signature of a run that gave `results`. */
export function signatureOf(capture: Capture, results: readonly Operand[]): Signature {
  const outside = capture.guard(new Set()).outside.map(({ handle }) => handle);
  const names = new Map<unknown, string>();
  outside.forEach((handle, i) => {
    if (!names.has(handle)) names.set(handle, `outside ${i}`);
  });
  const nameOf = (handle: unknown): string => {
    const known = names.get(handle);
    if (known !== undefined) return known;
    const name = `inside ${names.size}`;
    names.set(handle, name);
    return name;
  };
  const say = ({ handle, dtype, shape, strides, offset }: Operand): string =>
    `${nameOf(handle)} ${dtype} ${shape.join("×")}/${strides.join(",")}+${offset}`;
  const streams = [...new Set(capture.draws.map(({ stream }) => stream))];
  const attributesOf = (note: LaunchNote): string => {
    if (capture.variables.has(note.attributes)) return "varies";
    const place = drawPlaceOf(note, capture.draws);
    const { attributes } = note;
    if (place === null) return text(attributes);
    const at = `draw ${capture.draws.indexOf(place.draw)} + ${place.offset}`;
    return text({ ...attributes, key: at, position: 0 });
  };
  const acts = [
    ...capture.acts.map((act) => {
      return `${act.isOpen ? "anything" : "a look"} at ${act.at} of ${operandsOf(act).map(say).join("; ")}`;
    }),
    ...capture.gradients.map(({ at, gradient }) => {
      return `a gradient at ${at}: ${gradient === null ? "none" : say(gradient.operand)}`;
    }),
  ];
  return {
    lines: [
      ...capture.recording.launches.map(
        (note) =>
          `${note.name} ${attributesOf(note)} of ${note.inputs.map(say).join("; ")} to ${note.outputs.map(say).join("; ")}`,
      ),
      `gives ${results.map(say).join("; ")}`,
      `does besides ${acts.join(", ")}`,
      `draws ${capture.draws.map(({ stream, blocks }) => `${blocks} of ${streams.indexOf(stream)}`).join(", ")}`,
    ],
    outside: [...outside, ...streams],
  };
}

/** The first line in which two runs differ, for people; null where they do not. */
export function differenceOf(a: Signature, b: Signature): string | null {
  const length = Math.max(a.lines.length, b.lines.length);
  for (let i = 0; i < length; i++) {
    const [one, other] = [a.lines[i], b.lines[i]];
    if (one !== other) return `"${other ?? "nothing"}" in place of "${one ?? "nothing"}"`;
  }
  const same =
    a.outside.length === b.outside.length && a.outside.every((it, i) => it === b.outside[i]);
  return same ? null : "tensors from outside that are not those of the call before";
}

/** Attributes as text; numbers that JSON does not know by name. */
function text(attributes: object): string {
  return JSON.stringify(attributes, (_, value: unknown) =>
    typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
      ? `number ${Object.is(value, -0) ? "-0" : value}`
      : value,
  );
}
