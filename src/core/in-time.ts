// What may be waited for, and how long.

/** Undefined for what fails, or comes later than that, in milliseconds. */
export function inTime<Value>(
  coming: Promise<Value>,
  deadlineMs: number,
): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(resolve, deadlineMs, undefined);
    const end = (value: Value | undefined) => {
      clearTimeout(late);
      resolve(value);
    };
    coming.then(end, () => end(undefined));
  });
}
