/** A promise that the test settles. */
export function later<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (why: unknown) => void = () => undefined;
  const promise = new Promise<Value>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
