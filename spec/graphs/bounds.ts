/**
 * Devices against the exact values: everything a program and its reverse mode compute lies within its running bound.
 * Rests on running-bounds and derivatives. Two devices within the bound agree to twice of it.
 */
import { withDevice } from "../../core/devices/current.ts";
import { scope } from "../../core/scope.ts";
import { tensorFrom } from "../laws/arrays.ts";
import { directionsFor, pull } from "./derivatives.ts";
import type { Oracle } from "./oracle.ts";
import { inFloats } from "./program.ts";
import { type Compared, RunningBounds } from "./running-bounds.ts";

/** The oracle for one device and dtype; `met` hears of what was compared. */
export function boundsOracle(
  device: string,
  float: "float32" | "float64",
  met: (compared: Compared) => void = () => {},
): Oracle {
  return {
    name: `bounds of ${device} in ${float}`,
    claim: `every value and cotangent lies within its running error bound (${device}, ${float})`,
    check: ({ program, inputs }) =>
      withDevice(device, () =>
        inFloats(float, () =>
          scope(() => {
            const bounds = new RunningBounds();
            const points = inputs.map((input) => tensorFrom(input, float));
            bounds.watch(() =>
              pull(program, points, (results) => directionsFor(results, "cotangent")),
            );
            const compared = bounds.verify();
            met(compared);
            return compared.elements > 0;
          }),
        ),
      ),
  };
}
