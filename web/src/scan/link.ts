// The Digital Link in the address bar. Only its outline is read here, for file names and the page while nothing is verified;
// the server and the verifier judge it in full.

export interface ScannedLink {
  /** The path as scanned, without a trailing slash: what the server is asked for. */
  readonly path: string;
  readonly gtin: string;
  readonly lot: string | null;
  readonly serial: string | null;
}

const SHAPE =
  /^\/01\/(\d{14}|\d{13}|\d{12}|\d{8})(?:\/10\/([^/]{1,80}))?(?:\/21\/([^/]{1,80}))?\/?$/;

/** GS1 General Specifications §7.9: weights 3 and 1 from the right, the check digit last. */
function checkDigitHolds(gtin: string): boolean {
  let sum = 0;
  for (let i = 0; i < gtin.length; i += 1) {
    sum += Number(gtin[gtin.length - 1 - i]) * (i % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}

function decoded(part: string | undefined): string | null {
  return part === undefined ? null : decodeURIComponent(part);
}

/** Null when the path is no Digital Link of a product. */
export function readLink(pathname: string): ScannedLink | null {
  const match = SHAPE.exec(pathname);
  const gtin = match?.[1];
  if (match === null || gtin === undefined || !checkDigitHolds(gtin)) return null;
  try {
    return {
      path: pathname.replace(/\/$/, ''),
      gtin: gtin.padStart(14, '0'),
      lot: decoded(match[2]),
      serial: decoded(match[3]),
    };
  } catch {
    return null; // A broken percent escape.
  }
}

/** `suyuan-06901234500108-EHP-2023-07-X4812.cbor`, safe on every file system. */
export function bundleFileName(link: ScannedLink | null): string {
  const parts = [link?.gtin ?? 'evidence', link?.lot, link?.serial].filter((part) => part != null);
  return `suyuan-${parts.join('-').replace(/[^0-9A-Za-z._-]/g, '_')}.cbor`;
}
