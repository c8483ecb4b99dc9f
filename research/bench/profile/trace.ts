/**
 * Traces for the browser's profiler: chrome://tracing, Perfetto, the Performance panel.
 * Rests on profile. The Trace Event Format (Google, "Trace Event Format", complete events and metadata): times in microseconds.
 */
import type { Costs } from "./profile.ts";
import type { Span } from "./watched.ts";

/** A trace event: `X` lasts from `ts` on for `dur` microseconds, `M` names a process or thread. */
export interface TraceEvent {
  readonly name: string;
  readonly ph: "X" | "M";
  readonly cat?: string;
  readonly ts: number;
  readonly dur?: number;
  readonly pid: number;
  readonly tid: number;
  readonly args: Readonly<Record<string, string | number>>;
}

/** A trace as the profiler reads it. */
export interface Trace {
  readonly traceEvents: readonly TraceEvent[];
  readonly displayTimeUnit: "ms";
}

/** What is known of the calls that are shown. */
export interface TraceSubject {
  /** Of the workload, as the process is called. */
  readonly name: string;
  /** Distinct among the subjects of one trace, integer ≥ 1. */
  readonly id: number;
  readonly threads: number;
}

/** The thread that launches. What workers do lies within what it waits for. */
const launcher = 1;

/**
 * Events of the first call of each span, one after the other: the call, and in it each task with its pass' kernel, shapes,
 * operations and bytes. Calls of different spans lie apart by what lay between them.
 */
export function traceEvents(
  spans: readonly Span[],
  costs: Costs,
  { name, id, threads }: TraceSubject,
): readonly TraceEvent[] {
  const origin = spans[0]?.began ?? 0;
  const microseconds = (milliseconds: number): number => 1e3 * (milliseconds - origin);
  const place = { pid: id, tid: launcher };
  const title = threads === 1 ? "kernels" : `kernels, on ${threads} threads where shared`;
  return [
    { name: "process_name", ph: "M", ts: 0, ...place, args: { name } },
    { name: "thread_name", ph: "M", ts: 0, ...place, args: { name: title } },
    ...spans.flatMap(({ began, events, calls, ended }, round): TraceEvent[] => {
      const own = events.filter(({ call }) => call === 0);
      const end = calls === 1 ? ended : (own.at(-1)?.ended ?? began);
      return [
        {
          ...{ name, ph: "X", cat: "call", ts: microseconds(began) },
          ...{ dur: 1e3 * (end - began), ...place, args: { round } },
        },
        ...own.map((event): TraceEvent => {
          const { kernel, shapes, flops, bytes } = costs.of(event.pass);
          const { pieces, grain } = event;
          const isShared = threads > 1 && pieces >= 2 * grain;
          return {
            ...{ name: event.name, ph: "X", cat: kernel, ts: microseconds(event.began) },
            ...{ dur: 1e3 * (event.ended - event.began), ...place },
            args: { kernel, shapes, flops, bytes, pieces, threads: isShared ? threads : 1 },
          };
        }),
      ];
    }),
  ];
}

/** A whole trace. */
export function traceOf(events: readonly TraceEvent[]): Trace {
  return { traceEvents: events, displayTimeUnit: "ms" };
}
