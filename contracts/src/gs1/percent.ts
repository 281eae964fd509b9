// Percent-encoding of values in a Digital Link (RFC 3986 §2.1; GS1 Digital Link URI Syntax §4.8).

import { AppError } from '../errors.ts';

/** Decodes bytes to characters of the same code (values are ASCII). `inQuery`: `+` is a blank. Throws `gs1/bad-percent-encoding`. */
export function decodePercent(text: string, inQuery: boolean): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) {
    throw new AppError(
      'gs1/bad-percent-encoding',
      'A % in the link is not followed by two hexadecimal digits: scan or copy the link again.',
    );
  }
  const blanks = inQuery ? text.replaceAll('+', ' ') : text;
  return blanks.replace(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** Encodes everything but letters, digits and `-._~`; for ASCII, which GS1 values are. */
export function encodePercent(value: string): string {
  return value.replace(
    /[^A-Za-z0-9\-._~]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Decodes a query text that is not ours to judge: what is not percent-encoded UTF-8 stays as it is. */
export function decodeText(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
