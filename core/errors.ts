/**
 * Errors: every error bitgrad throws is one of the classes in `errorTable`, and carries five parts.
 * Rests on nothing.
 */

/** The five parts of an error: who complains, about what, what it wanted, what came, and the fix. */
export interface Complaint {
  /** The user's function, never an internal one: `"matmul"`. */
  readonly where: string;
  /** The argument concerned: `"b"`. */
  readonly argument: string;
  /** What was expected of it, as the rest of a sentence: `"to have 3 rows to match a [2, 3]"`. */
  readonly expected: string;
  /** What came instead: `"b [4, 5]"`. */
  readonly got: string;
  /** What to do, one sentence without its full stop: `"Transpose or reshape b"`. */
  readonly fix: string;
}

/**
 * The root of all errors. Its message is composed from the five parts:
 * `matmul: expected b to have 3 rows to match a [2, 3], got b [4, 5]. Transpose or reshape b.`
 * Throws a plain Error where a part is empty: a complaint that leaves one out helps nobody.
 */
export class BitgradError extends Error implements Complaint {
  readonly where: string;
  readonly argument: string;
  readonly expected: string;
  readonly got: string;
  readonly fix: string;

  constructor(complaint: Complaint, options?: ErrorOptions) {
    const { where, argument, expected, got, fix } = complaint;
    super(`${where}: expected ${argument} ${expected}, got ${got}. ${fix}.`, options);
    const missing = Object.entries({ where, argument, expected, got, fix }).find(
      ([, part]) => part === "",
    );
    if (missing) throw new Error(`an error lacks its part "${missing[0]}": ${this.message}`);
    this.name = new.target.name;
    this.where = where;
    this.argument = argument;
    this.expected = expected;
    this.got = got;
    this.fix = fix;
  }
}

/** Shapes do not fit together, or not what an op can take. */
export class ShapeError extends BitgradError {}
/** Dtypes mixed, or a dtype that an op has no meaning for. */
export class DTypeError extends BitgradError {}
/** An axis outside [-rank, rank), or named twice. */
export class AxisError extends BitgradError {}
/** A hyper-parameter, index or option outside its range. */
export class ValueError extends BitgradError {}
/** A value used after the scope that owned its memory ended. */
export class ScopeError extends BitgradError {}
/** A derivative that cannot be taken as asked. */
export class GradientError extends BitgradError {}
/** A backward pass, or a view, that needs a value which has been overwritten since. */
export class OverwrittenError extends BitgradError {}
/** A NaN or an infinity, found while anomaly detection is on. */
export class AnomalyError extends BitgradError {}
/** A device that is unknown, cannot run here, is out of memory or lost a thread; or tensors of two devices in one op. */
export class DeviceError extends BitgradError {}
/** A file that is truncated, mislabelled or not of its format. */
export class FormatError extends BitgradError {}
/** A dataset that is not on this machine. */
export class DatasetError extends BitgradError {}
/** A command line that cannot be understood. */
export class UsageError extends BitgradError {}

/** Every error class, with what it stands for. */
export const errorTable: Readonly<Record<string, string>> = {
  ShapeError: "Shapes do not fit together, or not what an op can take.",
  DTypeError: "Dtypes mixed, or a dtype that an op has no meaning for.",
  AxisError: "An axis outside [-rank, rank), or named twice.",
  ValueError: "A hyper-parameter, index or option outside its range.",
  ScopeError: "A value used after the scope that owned its memory ended.",
  GradientError: "A derivative that cannot be taken as asked.",
  OverwrittenError: "A backward pass, or a view, that needs a value which has been overwritten.",
  AnomalyError: "A NaN or an infinity, found while anomaly detection is on.",
  DeviceError:
    "A device that is unknown, cannot run here, is out of memory or lost a thread; or tensors of two devices in one op.",
  FormatError: "A file that is truncated, mislabelled or not of its format.",
  DatasetError: "A dataset that is not on this machine.",
  UsageError: "A command line that cannot be understood.",
};
