/**
 * What is loaded when it is first needed, once: `import()` looks for the file of a module each time, which in the way of a request
 * costs as much as its work.
 */
export function lazily<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | undefined;
  return () => (loading ??= load());
}
