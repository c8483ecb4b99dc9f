/**
 * The laws on the wasm device.
 */
import { describeLaws } from "./laws/suite.ts";

describeLaws("wasm");
