/** Every test file begins on the default device, whatever the one before it in this process chose. */
import { setDevice } from "../core/index.ts";

setDevice("wasm");
