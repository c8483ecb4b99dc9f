/**
 * Reverse mode against forward mode over whole programs: ⟨c, J t⟩ = ⟨Jᵀc, t⟩, and the Hessian by both of them.
 * Rests on derivatives.
 */
import { scope } from "../../core/scope.ts";
import { tensorFrom } from "../laws/arrays.ts";
import { inner } from "../laws/derivatives.ts";
import { isNear } from "../laws/observed.ts";
import { curvature, directionsFor, largestOf, pull, push } from "./derivatives.ts";
import { broken, type Oracle } from "./oracle.ts";

/**
 * Each value v adds to the difference what its own rules round off: some roundings of Σ|c̄_v·t_v|, where c̄_v and t_v are
 * what flows through v backwards and forwards. 10⁵ roundings of float64 are far below any wrong term.
 */
const relative = 1e-11;
/** Where products cancel to nothing inside a rule (a normalized axis of length 1), roundings of the factors remain. */
const absolute = 1e-13;

export const adjointOracle: Oracle = {
  name: "adjoint",
  claim: "⟨c, J t⟩ = ⟨Jᵀc, t⟩: reverse mode is the adjoint of forward mode",
  check: ({ program, inputs }) =>
    scope(() => {
      const points = inputs.map((input) => tensorFrom(input));
      const tangents = directionsFor(points, "tangent");
      const pushed = push(program, points, tangents);
      const cotangents = directionsFor(pushed.results, "cotangent");
      const pulled = pull(program, points, () => cotangents);
      const forward = inner(cotangents, pushed.derivatives);
      const reverse = inner(pulled.derivatives, tangents);
      let scale = forward.scale + reverse.scale;
      pushed.flows.forEach((flow, k) => {
        flow?.forEach((t, i) => {
          scale += Math.abs(t * (pulled.flows[k]?.[i] ?? 0));
        });
      });
      const [most, mostBack] = [largestOf(pushed.flows), largestOf(pulled.flows)];
      const allowed = relative * scale + absolute * (1 + most) * (1 + mostBack);
      if (!isNear(forward.sum - reverse.sum, allowed)) {
        broken("adjoint", `⟨Jᵀc, t⟩ = ${forward.sum} ± ${allowed}`, `${reverse.sum}`);
      }
      return pushed.derivatives.some((t) => t !== null) && forward.scale > 0;
    }),
};

/** Second derivatives multiply three factors of the rules; 10⁷ roundings of the largest number in sight. */
const relativeOfSecond = 1e-9;

export const curvatureOracle: Oracle = {
  name: "curvature",
  claim: "H·t by forward over reverse is H·t by reverse over reverse",
  check: ({ program, inputs }) =>
    scope(() => {
      const points = inputs.map((input) => tensorFrom(input));
      const tangents = directionsFor(points, "tangent");
      const { forward, reverse } = curvature(program, points, tangents, (results) =>
        directionsFor(results, "cotangent"),
      );
      const pulled = pull(program, points, (results) => directionsFor(results, "cotangent"));
      const most = Math.max(largestOf(forward), largestOf(reverse), largestOf(pulled.flows));
      const allowed = relativeOfSecond * (1 + most);
      points.forEach((point, k) => {
        const [a, b] = [forward[k] ?? null, reverse[k] ?? null];
        const [ahead, back] = [a?.elements() ?? [], b?.elements() ?? []];
        for (let i = 0; i < point.size; i++) {
          const [left, right] = [ahead[i] ?? 0, back[i] ?? 0];
          if (!isNear(left - right, allowed)) {
            broken(
              "curvature",
              `element ${i} for input ${k} to be ${left} ± ${allowed}`,
              `${right}`,
            );
          }
        }
      });
      return forward.some((h) => h !== null);
    }),
};
