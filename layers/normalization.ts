/**
 * What all normalizations share: γ, β and ε, and the check of the channels that they are made for.
 * Rests on layer, init and core.
 */
import { type Shape, ShapeError, type Tensor, ValueError } from "../core/index.ts";
import { formatShape } from "../core/shape.ts";
import { constant, type Initializer } from "../init/index.ts";
import { type Declarations, Layer } from "./layer.ts";

/** Options of every normalization. */
export interface NormOptions {
  /** Added to the variance, > 0 and finite; default 1e-5. */
  readonly epsilon?: number;
  /** Whether γ and β are learned; without, they are 1 and 0. Default true, but false for InstanceNorm2d. */
  readonly affine?: boolean;
  /** First γ; default 1 everywhere. `constant(0)` silences the branch that the normalization ends. */
  readonly gamma?: Initializer;
}

/** y = γ·x̂ + β, where subclasses say what x̂ is. γ starts at 1, β at 0. Throws ValueError for a wrong epsilon. */
export abstract class Normalization extends Layer {
  readonly epsilon: number;
  readonly affine: boolean;
  /** Of γ and β. */
  readonly affineShape: Shape;
  readonly #gamma: Initializer;

  constructor(
    affineShape: Shape,
    { epsilon = 1e-5, affine = true, gamma = constant(1) }: NormOptions,
  ) {
    super();
    this.affineShape = affineShape;
    if (!(epsilon > 0 && Number.isFinite(epsilon))) {
      throw new ValueError({
        where: this.className,
        argument: "epsilon",
        expected: "to be a finite number > 0",
        got: String(epsilon),
        fix: "Use a small number such as 1e-5",
      });
    }
    this.epsilon = epsilon;
    this.affine = affine;
    this.#gamma = gamma;
  }

  /** The name in messages. */
  protected get className(): string {
    return "Normalization";
  }

  override declareParameters(): Declarations {
    if (!this.affine) return {};
    const shape = this.affineShape;
    return { gamma: { shape, init: this.#gamma }, beta: { shape, init: constant(0) } };
  }

  /** γ and β, or null for 1 and 0. */
  protected scaleAndShift(): readonly [gamma: Tensor | null, beta: Tensor | null] {
    return this.affine ? [this.cell("gamma"), this.cell("beta")] : [null, null];
  }
}

/** Throws ShapeError unless x has `channels` channels, and one of the ranks. `form` is how that is written. */
export function requireChannels(
  where: string,
  x: Tensor,
  channels: number,
  form: string,
  ranks: readonly number[] = [],
): void {
  if (x.shape[1] === channels && (ranks.length === 0 || ranks.includes(x.rank))) return;
  throw new ShapeError({
    where,
    argument: "x",
    expected: `to be ${form}`,
    got: formatShape(x.shape),
    fix: "Make the layer with the number of channels that x has",
  });
}
