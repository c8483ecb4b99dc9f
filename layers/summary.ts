/**
 * Summaries: what each layer of a net gives, owns and costs.
 * Rests on layer, modes and core.
 */
import { noGrad, type Shape, scope, zeros } from "../core/index.ts";
import { formatShape } from "../core/shape.ts";
import type { Layer } from "./layer.ts";
import { whileEvaluating } from "./modes.ts";

/** One layer, without those inside it. */
export interface SummaryRow {
  /** As `layer.name`: `conv1`, `relu`. */
  readonly name: string;
  /** How many layers are around it; 0 for the net itself. */
  readonly depth: number;
  /** Of a batch of one, at its last call; null if the forward pass does not come to it. */
  readonly output: Shape | null;
  /** Numbers in its own parameters. */
  readonly parameters: number;
  /** Multiply-adds of all its calls for one example: of matrix products and convolutions only. */
  readonly multiplyAdds: number;
}

/** What a net consists of: each layer, the outermost first, and the sums. */
export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly parameters: number;
  /** Those of `parameters` that are not frozen. */
  readonly trainable: number;
  readonly multiplyAdds: number;
}

/**
 * Shapes, parameters and multiply-adds of an assembled net, found by one forward pass of zeros in evaluation mode, which
 * changes nothing. example: the shape of one example, without the batch axis. Multiply-adds are counted as papers do:
 * convolutions and linear layers, no biases, no normalization. Throws what the net throws for such an input.
 *
 * @example
 * console.log(formatSummary(summary(assemble(cifarResNet()), [3, 32, 32])));
 */
export function summary(net: Layer, example: Shape): Summary {
  const parameters = net.parameters();
  const [{ dtype } = { dtype: "float32" as const }] = parameters;
  const outputs = new Map<Layer, Shape>();
  const products = new Map<Layer, number>();
  const stop = net.observe({
    activation: ({ layer, input, output }) => {
      const before = products.get(layer) ?? 0;
      outputs.set(layer, output.shape);
      products.set(layer, before + layer.multiplyAdds(input.shape, output.shape));
    },
  });
  try {
    whileEvaluating(net, () =>
      noGrad(() =>
        scope(() => {
          net.forward(zeros([1, ...example], { dtype }));
        }),
      ),
    );
  } finally {
    stop();
  }
  const rows = nested(net, 0).map(([layer, depth]) => ({
    name: layer.name,
    depth,
    output: outputs.get(layer) ?? null,
    parameters: Object.values(layer.assembly.parameters).reduce((sum, { size }) => sum + size, 0),
    multiplyAdds: products.get(layer) ?? 0,
  }));
  return {
    rows,
    parameters: parameters.reduce((sum, { size }) => sum + size, 0),
    trainable: parameters.reduce(
      (sum, { size, requiresGrad }) => sum + (requiresGrad ? size : 0),
      0,
    ),
    multiplyAdds: rows.reduce((sum, row) => sum + row.multiplyAdds, 0),
  };
}

/** A summary as a table, layers indented by depth, numbers with their thousands apart. Ends without a newline. */
export function formatSummary({ rows, parameters, trainable, multiplyAdds }: Summary): string {
  const frozen = trainable === parameters ? "" : `, ${grouped(trainable)} of them trainable`;
  const table = [
    ["layer", "output", "parameters", "multiply-adds"],
    ...rows.map((row) => [
      `${"  ".repeat(row.depth)}${row.name}`,
      row.output === null ? "–" : formatShape(row.output),
      grouped(row.parameters),
      grouped(row.multiplyAdds),
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((cells) => (cells[column] ?? "").length)),
  );
  const lines = table.map((cells) =>
    cells
      .map((cell, column) =>
        column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  "),
  );
  const total = `${grouped(parameters)} parameters${frozen}; ${grouped(multiplyAdds)} multiply-adds for one example`;
  return [...lines, total].join("\n");
}

function nested(layer: Layer, depth: number): readonly (readonly [Layer, number])[] {
  return [[layer, depth], ...layer.children().flatMap((child) => nested(child, depth + 1))];
}

/** 1234567 as 1,234,567, whatever the locale. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
