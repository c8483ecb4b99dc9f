/**
 * How a command ends with status 1 after it has said everything itself.
 * Rests on nothing.
 */

/** Thrown where nothing is left to be said. */
export class Unsuccessful extends Error {}
