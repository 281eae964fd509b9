// Coarse names of areas, `三江镇` or `Jiangmen`: letters only, so that neither an address nor a position is ever stored.

const AREA = /^[\p{Script=Han}\p{Script=Latin}][\p{Script=Han}\p{Script=Latin} ·'’-]{0,31}$/u;

/** For the description of the API; the server checks by `cleanArea`. */
export const AREA_CHARS_MAX = 32;

/** The name as it is stored; undefined when it is none. */
export function cleanArea(text: string): string | undefined {
  if (text.length > AREA_CHARS_MAX * 4) return undefined;
  const name = text.normalize('NFC').trim().replace(/\s+/g, ' ');
  return AREA.test(name) ? name : undefined;
}

/** What a trusted proxy says in its header, percent-encoded UTF-8. */
export function areaOfHeader(value: string | string[] | undefined): string | undefined {
  if (typeof value !== 'string') return undefined;
  try {
    return cleanArea(decodeURIComponent(value));
  } catch {
    return undefined;
  }
}
