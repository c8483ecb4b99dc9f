/**
 * The laws on the reference device.
 */
import { describeLaws } from "./laws/suite.ts";

describeLaws("reference");
