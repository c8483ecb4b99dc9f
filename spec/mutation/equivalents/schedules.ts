/** Mutants of schedules that are the same program. Rests on equivalent. */
import type { Equivalent } from "../equivalent.ts";

export const schedulesEquivalents: readonly Equivalent[] = [
  {
    file: "schedules/combine.ts",
    line: "return parts[index]?.(t - (starts[index - 1] ?? 0)) ?? Number.NaN;",
    code: "parts[index]?.(t - (starts[index - 1] ?? 0))",
    becomes: "parts[index](t - (starts[index - 1] ?? 0))",
    reason: "the place is one of the parts', of which there is at least one",
  },
  {
    file: "schedules/cosine.ts",
    line: "return t >= length ? 0 : (1 + cos((Math.PI * t) / length)) / 2;",
    code: "t >= length",
    becomes: "t > length",
    reason: "at t = length the cosine of π is −1, and the half sum 0 as well",
  },
  ...["false", "t > totalSteps"].map((becomes) => ({
    file: "schedules/one-cycle.ts",
    line: "if (t >= totalSteps) return end;",
    code: "t >= totalSteps",
    becomes,
    reason: "from totalSteps on no way is left, and an interpolation without any gives its end",
  })),
  {
    file: "schedules/polynomial.ts",
    line: "t >= totalSteps ? end : interpolate(end, base, pow((totalSteps - t) / totalSteps, power)),",
    code: "t >= totalSteps",
    becomes: "t > totalSteps",
    reason: "at totalSteps the power of 0 is 0, and an interpolation by 0 gives its end",
  },
  ...["true", "corrected <= Infinity"].map((becomes) => ({
    file: "schedules/rate-range.ts",
    line: "if (!(corrected < Infinity && corrected <= divergence * lowestLoss)) break;",
    code: "corrected < Infinity",
    becomes,
    reason: "the first loss is finite, so that from the second on the other half refuses infinity",
  })),
  {
    file: "schedules/rate-range.ts",
    line: "steepest: steepest === null ? null : (rates[steepest] ?? null),",
    code: "steepest === null",
    becomes: "false",
    reason: "there is no rate at null, and null stands for that too",
  },
  {
    file: "schedules/schedule.ts",
    line: "return from < to ? Math.min(to, Math.max(from, between)) : Math.max(to, Math.min(from, between));",
    code: "from < to",
    becomes: "from <= to",
    reason: "between equal ends both ways give what both ends are",
  },
];
