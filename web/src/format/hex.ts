export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Bytes of a hex string of exactly `length_bytes`, or null. */
export function fromHex(text: string, length_bytes: number): Uint8Array | null {
  if (text.length !== length_bytes * 2 || !/^[0-9a-fA-F]+$/.test(text)) return null;
  const bytes = new Uint8Array(length_bytes);
  for (let i = 0; i < length_bytes; i += 1) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16);
  }
  return bytes;
}

/** Enough of a hash to compare by eye. */
export function shortHex(text: string): string {
  return text.length <= 20 ? text : `${text.slice(0, 10)}…${text.slice(-6)}`;
}
