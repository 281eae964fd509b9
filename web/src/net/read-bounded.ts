/** The body, or null when it is longer than `limit_bytes`: a server must not be able to fill a phone's memory. */
export async function readBounded(
  response: Response,
  limit_bytes: number,
): Promise<Uint8Array | null> {
  const reader = response.body?.getReader();
  if (reader === undefined) return new Uint8Array(0);
  const chunks: Uint8Array[] = [];
  let size_bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size_bytes += value.length;
    if (size_bytes > limit_bytes) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const body = new Uint8Array(size_bytes);
  let at = 0;
  for (const chunk of chunks) {
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}
