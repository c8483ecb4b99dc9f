/**
 * compile: writes down what a step does, and does it again without the JavaScript in between; the same bits.
 * Rests on capture, routine and arguments.
 */
import { capturing } from "../capture.ts";
import { currentDevice } from "../devices/current.ts";
import type { Device } from "../devices/device.ts";
import type { Placement } from "../devices/recorder.ts";
import { UsageError } from "../errors.ts";
import { baseTape, isObserved, listening } from "../interpreter.ts";
import { isReplaying } from "../replay.ts";
import { scope, scopeUnless } from "../scope.ts";
import { currentSubstitution } from "../substitution.ts";
import { leavesOf, mapTree } from "../tree.ts";
import { formOf, Slots, Unfit } from "./arguments.ts";
import { Capture, type Look, lookOf } from "./capture.ts";
import type { Guard } from "./guard.ts";
import { requireResult } from "./result.ts";
import { copyOf, Routine } from "./routine.ts";
import { differenceOf, type Signature, signatureOf } from "./signature.ts";

/** What a compiled step has done so far. */
export interface CompileReport {
  /** Calls that were repeated from what was written down. */
  readonly replayed: number;
  /** Calls that ran as written and were followed. */
  readonly captured: number;
  /** Calls that ran as written, with the reasons, latest last. */
  readonly eager: number;
  readonly reasons: readonly string[];
  /** What can be repeated: one for each form of the arguments and each mode of the net. */
  readonly routines: readonly RoutineReport[];
}

/** One captured form of a step. */
interface RoutineReport {
  readonly launches: number;
  /** Launches that one pass over memory does together with others. */
  readonly fused: number;
  readonly replayed: number;
  /** Bytes that its intermediates lie in, and the bytes that live at once: no plan can take less. */
  readonly bytes: number;
  readonly leastBytes: number;
}

/** A compiled step: call it as the step itself. */
export interface CompiledStep<Inputs extends readonly unknown[], Output> {
  (...inputs: Inputs): Output;
  /** What it has done so far, and why not more of it. */
  report(): CompileReport;
  /** Runs the next call of each form as written; where the step does something else by now, that is captured instead. */
  refresh(): void;
  /** Runs the next call of each form as written; where the step does something else by now, UsageError names it. */
  check(): void;
  /** Forgets all that was written down, and gives its memory back: what the step reads by closure has changed. */
  reset(): void;
}

/**
 * `step`, but from the third call on with inputs of one form its kernels are launched from a list, with memory planned
 * beforehand: the same bits as the step run as written, and no JavaScript between kernels.
 *
 * What the step reads besides its arguments must be tensors, layers, optimisers and streams: learning rates, random
 * numbers, moving averages, modes, frozen marks and replaced parameters are followed. Other numbers and objects that it
 * reads by closure are taken as they were: pass them as arguments, of which each value is compiled for itself. The step is
 * run as written again at its 2nd, 4th, 8th, … repetition; where it does not do the same any more, UsageError names what.
 *
 * Runs as written, and `report()` says why, what cannot be repeated: a step that reads elements in JavaScript (`item()`),
 * brings data from there (`tensor()`), gives what is no tensor or is still to be differentiated; under a transform, an
 * observer, or on another device than wasm. Tensors that it makes end with it, except its result and gradients, and their
 * memory, which `report()` states, with their last use: much less than the step as written holds, from the first call on.
 *
 * @example
 * const step = compile((x: Tensor, y: Tensor) => optimizer.step(() => crossEntropy(net.forward(x), y)));
 * for (const { x, y } of loader) step(x, y);
 */
export function compile<Inputs extends readonly unknown[], Output>(
  step: (...inputs: Inputs) => Output,
): CompiledStep<Inputs, Output> {
  const compiled = new Compiled(step);
  const call = (...inputs: Inputs): Output => compiled.call(inputs);
  return Object.assign(call, {
    report: () => compiled.report(),
    refresh: () => compiled.expect("renewal"),
    check: () => compiled.expect("check"),
    reset: () => compiled.reset(),
  });
}

/** A run that was followed, not yet confirmed by a second one that does the same. */
interface Draft {
  readonly guard: Guard;
  readonly signature: Signature;
  readonly placement: Placement;
}

/** All that is known of one form of the arguments. */
interface Site<Inputs extends readonly unknown[] = readonly unknown[]> {
  slots: Slots<Inputs> | null;
  routines: (readonly [Routine, Placement])[];
  drafts: readonly Draft[];
  /** What cannot be repeated, while its guard holds. */
  refusals: readonly { readonly guard: Guard; readonly reason: string }[];
  captures: number;
  replays: number;
}

/** Drafts that wait for a second run, at most. */
const mostDrafts = 4;
/** Captures after which a form that is hardly ever repeated is run as written, and repetitions that earn one more. */
const patience = 12;
const worth = 8;
const mostReasons = 8;
/** Routines of one form of the arguments: of modes of the net, say. */
const mostRoutines = 4;

/** Whether a compiled step runs at the moment: what its callbacks call runs as written. */
let isBusy = false;

const isPowerOfTwo = (n: number): boolean => (n & (n - 1)) === 0;

class Compiled<Inputs extends readonly unknown[], Output> {
  readonly #step: (...inputs: Inputs) => Output;
  readonly #sites = new Map<string, Site<Inputs>>();
  readonly #reasons = new Set<string>();
  #captured = 0;
  #replayed = 0;
  #eager = 0;

  constructor(step: (...inputs: Inputs) => Output) {
    this.#step = step;
  }

  call(inputs: Inputs): Output {
    // Inside another step that is followed, this one is part of it.
    if (capturing() !== null) return this.#step(...inputs);
    const device = currentDevice();
    const site = this.#siteOf(device, inputs);
    if (typeof site === "string") return this.#asWritten(inputs, site);
    const found = site.routines.find(([{ guard, isWhole }]) => isWhole && guard.broken() === null);
    if (found === undefined) return this.#meet(device, site, inputs);
    const [routine, placement] = found;
    if (isPowerOfTwo(routine.runs) && routine.runs > 1) {
      routine.due ??= "check";
      routine.runs += 1;
    }
    if (routine.due !== null) return this.#capture(device, site, inputs, placement, routine);
    return this.#repeat(site, routine, inputs);
  }

  report(): CompileReport {
    const sites = [...this.#sites.values()];
    return {
      replayed: this.#replayed,
      captured: this.#captured,
      eager: this.#eager,
      reasons: [...this.#reasons],
      routines: sites.flatMap(({ routines }) =>
        routines.map(([{ launches, fused, runs }, { bytes, least }]) => ({
          launches,
          fused,
          replayed: runs,
          bytes,
          leastBytes: least,
        })),
      ),
    };
  }

  /** Has the next call of each form looked at. */
  expect(due: "renewal" | "check"): void {
    for (const { routines } of this.#sites.values()) {
      for (const [routine] of routines) if (routine.due !== "renewal") routine.due = due;
    }
  }

  reset(): void {
    for (const { routines } of this.#sites.values()) {
      for (const [routine] of routines) routine.dispose();
    }
    this.#sites.clear();
  }

  /** What is known of the form of `inputs`, or why they cannot be compiled. */
  #siteOf(device: Device, inputs: Inputs): Site<Inputs> | string {
    const interpreters = listening();
    if (isBusy) return "it is called inside another compiled step";
    if (device.recorder === undefined) return `the device ${device.name} repeats nothing`;
    if (isObserved()) return "an observer looks at every op";
    if (currentSubstitution() !== null) return "functionalCall replaces parameters around it";
    if (isReplaying()) return "recompute runs it again";
    if (interpreters.some((it) => it !== baseTape)) return "a transform follows it";
    let form: string;
    try {
      form = formOf(inputs);
    } catch (error) {
      if (error instanceof Unfit) return error.message;
      throw error;
    }
    for (const leaf of leavesOf(inputs)) {
      if (leaf.role !== "value" || leaf.traces.length > 0) {
        return `an argument, ${leaf.describe()}, is a cell or has a history`;
      }
      if (leaf.storage.device !== device) return `an argument is not on the device ${device.name}`;
    }
    const key = `${interpreters.length === 0 ? "constant" : "recorded"} ${form}`;
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const site: Site<Inputs> = {
      slots: null,
      routines: [],
      drafts: [],
      refusals: [],
      captures: 0,
      replays: 0,
    };
    this.#sites.set(key, site);
    return site;
  }

  #asWritten(inputs: Inputs, reason: string): Output {
    this.#eager += 1;
    if (this.#reasons.size < mostReasons) this.#reasons.add(reason);
    return this.#step(...inputs);
  }

  /** A call that no routine fits. */
  #meet(device: Device, site: Site<Inputs>, inputs: Inputs): Output {
    const refused = site.refusals.find(({ guard }) => guard.broken() === null);
    if (refused !== undefined) return this.#asWritten(inputs, refused.reason);
    if (site.captures >= patience + site.replays / worth) {
      const why = site.routines.at(-1)?.[0].guard.broken() ?? site.drafts.at(-1)?.guard.broken();
      return this.#asWritten(inputs, `it is hardly ever the same twice: ${why ?? "its launches"}`);
    }
    const draft = site.drafts.find(({ guard }) => guard.broken() === null);
    return this.#capture(device, site, inputs, draft?.placement ?? null, null);
  }

  #repeat(site: Site<Inputs>, routine: Routine, inputs: Inputs): Output {
    try {
      routine.prepare();
    } catch {
      return this.#asWritten(inputs, "what its next step needs could not be had");
    }
    site.slots?.fill(inputs);
    isBusy = true;
    try {
      this.#replayed += 1;
      site.replays += 1;
      return scope(() => {
        const results = routine.run();
        return mapTree(routine.form, (leaf, index) => results[index] ?? leaf) as Output;
      });
    } finally {
      isBusy = false;
    }
  }

  /** Runs the step as written and follows it; `checked`: a routine that should do the same. */
  #capture(
    device: Device,
    site: Site<Inputs>,
    inputs: Inputs,
    placement: Placement | null,
    checked: Routine | null,
  ): Output {
    const { recorder } = device;
    if (recorder === undefined) return this.#step(...inputs);
    site.slots ??= new Slots(device, inputs);
    const { slots } = site;
    slots.fill(inputs);
    const values = slots.values();
    const memory = new Set(slots.storages);
    this.#captured += 1;
    site.captures += 1;
    const capture = new Capture(device, recorder.begin(placement));
    isBusy = true;
    let real: unknown;
    let looks: readonly Look[] = [];
    try {
      const result = capture.follow(() =>
        scopeUnless(
          () => capture.refusal !== null && leavesOf(real).some(({ traces }) => traces.length > 0),
          () => {
            real = this.#step(...values);
            requireResult(capture, memory, real);
            if (capture.refusal !== null) return real;
            looks = leavesOf(real).map(lookOf);
            capture.conclude(looks);
            return capture.unheard(() =>
              mapTree(real, (_, index) => {
                const look = looks[index];
                if (look === undefined) throw new RangeError("compile: a look for each result");
                return copyOf(device, look);
              }),
            );
          },
        ),
      );
      const run = { device, capture, guard: capture.guard(memory), form: real, results: looks };
      if (checked === null) learn(site, run);
      else compare(site, run, checked);
      return result as Output;
    } finally {
      isBusy = false;
    }
  }
}

/** A followed run. */
interface Run {
  readonly device: Device;
  readonly capture: Capture;
  readonly guard: Guard;
  readonly form: unknown;
  readonly results: readonly Look[];
}

/**
 * Compares a run with what the routine would have repeated. Where they differ the routine ends: the run is taken in instead
 * where the change was to be expected, else it is an error.
 */
function compare(site: Site, run: Run, routine: Routine): void {
  const { recording, refusal } = run.capture;
  const { due, runs } = routine;
  if (recording.flaw !== null && refusal === null) {
    recording.drop();
    // Another way for these numbers alone, which says nothing of the step.
    if (due !== "renewal") routine.due = null;
    return;
  }
  routine.due = null;
  const operands = run.results.map(({ operand }) => operand);
  const difference = refusal ?? differenceOf(routine.signature, signatureOf(run.capture, operands));
  if (difference === null) {
    recording.drop();
    return;
  }
  site.routines = site.routines.filter(([other]) => other !== routine);
  routine.dispose();
  if (due === "renewal") {
    learn(site, run);
    return;
  }
  recording.drop();
  throw new UsageError({
    where: "compile",
    argument: "the step",
    expected: "to do at each call what it did when it was captured",
    got: `${difference} after ${runs} repetitions`,
    fix: "Pass numbers that change as arguments, call refresh() when what it reads by closure changes, or do not compile it",
  });
}

/** Takes a followed run in: what cannot be repeated, a draft, or with a draft that did the same a routine. */
function learn(site: Site, { device, capture, guard, form, results }: Run): void {
  const { recording } = capture;
  if (recording.refusal !== null) capture.refuse(recording.refusal);
  if (capture.refusal === null && recording.survivors > capture.gradientCount) {
    capture.refuse("a tensor that it makes outlives it");
  }
  if (capture.refusal !== null || recording.flaw !== null) {
    recording.drop();
    if (capture.refusal === null) return;
    site.refusals = [...site.refusals.slice(-mostDrafts), { guard, reason: capture.refusal }];
    site.slots = null; // what it gave may look at them
    return;
  }
  const operands = results.map(({ operand }) => operand);
  const signature = signatureOf(capture, operands);
  const others = site.drafts.filter((draft) => differenceOf(draft.signature, signature) !== null);
  const placement = recording.placement(capture.observations(results));
  if (others.length < site.drafts.length && recording.isPlaced) {
    const routine = new Routine({ device, capture, guard, signature, form, results });
    site.routines = [...site.routines, [routine, placement] as const];
    const ended = site.routines.filter(([{ isWhole }], i) => {
      return !isWhole || i < site.routines.length - mostRoutines;
    });
    for (const [old] of ended) old.dispose();
    site.routines = site.routines.filter((it) => !ended.includes(it));
    site.drafts = others;
    return;
  }
  recording.drop();
  // What the run leaves in the midst of its memory would keep the plan from lying there.
  for (const { tensor } of capture.gradients) tensor.grad?.storage.rest();
  site.drafts = [...others.slice(1 - mostDrafts), { guard, signature, placement }];
}
