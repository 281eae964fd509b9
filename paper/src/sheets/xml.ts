import { AppError } from '@suyuan/contracts';

// As much of XML as workbooks use: elements, attributes, text, CDATA, the five entities and character references. No document
// types, hence no entities that unfold.

export type XmlToken =
  | {
      readonly kind: 'open';
      readonly name: string;
      readonly attributes: string;
      readonly empty: boolean;
    }
  | { readonly kind: 'close'; readonly name: string }
  | { readonly kind: 'text'; readonly text: string };

/** Longest tag, comment or CDATA section. */
const TOKEN_MAX = 64 * 1024;
const TAG_MAX = 8192;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function damaged(what: string): AppError {
  return new AppError(
    'table/damaged',
    `A part of the workbook is not the XML of a spreadsheet (${what}): save it again as xlsx.`,
  );
}

/** Resolves entities and character references. Throws `table/damaged`. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&([^;&]*);?/g, (all, name: string) => {
    const code = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name);
    const point = code === null ? null : Number.parseInt(code[1] ?? code[2]!, code[1] ? 16 : 10);
    if (!all.endsWith(';') || (point !== null && point > 0x10ffff)) throw damaged('entity');
    if (point !== null) return String.fromCodePoint(point);
    if (!Object.hasOwn(ENTITIES, name)) throw damaged('entity');
    return ENTITIES[name]!;
  });
}

/** The value of one attribute, whatever its prefix. */
export function attribute(attributes: string, name: string): string | null {
  for (const [, key, double, single] of attributes.matchAll(
    /\s([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g,
  )) {
    if (key === name || key!.endsWith(`:${name}`)) return decodeEntities(double ?? single ?? '');
  }
  return null;
}

const localName = (name: string) => name.slice(name.indexOf(':') + 1);

function tagEnd(s: string, from: number): number {
  let quote = 0;
  for (let i = from; i < s.length; i++) {
    const c = s.charCodeAt(i);
    if (quote !== 0) {
      if (c === quote) quote = 0;
    } else if (c === 34 || c === 39) quote = c;
    else if (c === 62) return i;
  }
  return -1;
}

function tagToken(tag: string): XmlToken {
  if (tag.length > TAG_MAX) throw damaged('tag too long');
  if (tag.startsWith('/')) return { kind: 'close', name: localName(tag.slice(1).trim()) };
  const empty = tag.endsWith('/');
  const body = empty ? tag.slice(0, -1) : tag;
  const blank = body.search(/\s/);
  const name = blank < 0 ? body : body.slice(0, blank);
  if (name === '') throw damaged('tag');
  return {
    kind: 'open',
    name: localName(name),
    attributes: blank < 0 ? '' : body.slice(blank),
    empty,
  };
}

/** Where the markup at `at` ends, and its token if it has one; null if more text is needed. */
function markup(s: string, at: number): { end: number; token: XmlToken | null } | null {
  const until = (close: string, from: number) => s.indexOf(close, from);
  if (s.startsWith('<!--', at)) {
    const end = until('-->', at + 4);
    return end < 0 ? null : { end: end + 3, token: null };
  }
  if (s.startsWith('<![CDATA[', at)) {
    const end = until(']]>', at + 9);
    return end < 0 ? null : { end: end + 3, token: { kind: 'text', text: s.slice(at + 9, end) } };
  }
  if (s.startsWith('<?', at)) {
    const end = until('?>', at + 2);
    return end < 0 ? null : { end: end + 2, token: null };
  }
  if (s.startsWith('<!', at)) {
    if (s.length - at < 9) return null;
    throw damaged('document type');
  }
  const end = tagEnd(s, at + 1);
  return end < 0 ? null : { end: end + 1, token: tagToken(s.slice(at + 1, end)) };
}

/** Reads the tokens of a part, as many at once as a chunk completes. Throws `table/damaged`. */
export async function* xmlTokens(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<XmlToken[]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  for await (const chunk of chunks) {
    let s: string;
    try {
      s = rest + decoder.decode(chunk, { stream: true });
    } catch {
      throw damaged('not UTF-8');
    }
    const tokens: XmlToken[] = [];
    let at = 0;
    while (at < s.length) {
      const open = s.indexOf('<', at);
      if (open !== at) {
        // Text that the chunk cuts is kept whole, so that no entity is torn.
        if (open < 0) break;
        tokens.push({ kind: 'text', text: decodeEntities(s.slice(at, open)) });
        at = open;
      }
      const found = markup(s, at);
      if (found === null) break;
      if (found.token !== null) tokens.push(found.token);
      at = found.end;
    }
    rest = s.slice(at);
    if (rest.length > TOKEN_MAX) throw damaged('token too long');
    yield tokens;
  }
  if (rest.trim() !== '') throw damaged('cut off');
}
