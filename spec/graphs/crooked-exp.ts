/** exp that is off by 64 units in the last place: imported before a printed program, it breaks what it should. */
import { breakKernel } from "./ulp-fault.ts";

breakKernel({ kernel: "unary", fn: "exp", ulps: 64 });
