// Assertions state what must be true if the code is right; a failure is a bug, never an outcome.

/** Throws when `condition` is false. `why` says which belief was broken. */
export function assert(condition: unknown, why: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${why}`);
}

/** For the `default` of an exhaustive switch: the compiler proves that it is never reached. */
export function unreachable(value: never): never {
  throw new Error(`assertion failed: unexpected value ${JSON.stringify(value)}`);
}
