/** Resolves when the condition holds; the event loop runs on meanwhile. A test's timeout ends a condition that never does. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(setImmediate);
}
