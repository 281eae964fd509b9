import { readBounded } from '../net/read-bounded.ts';
import type { ScannedLink } from '../scan/link.ts';
import { readSetting, writeSetting } from '../store/settings.ts';
import { type RevealResult, readReveal, readScans, type ScansAnswer } from './answer.ts';

const SIZE_BYTES_MAX = 64 * 1024;
const SCANS_TIMEOUT_MS = 10_000;
/** Longer than the server waits for a block. */
const REVEAL_TIMEOUT_MS = 45_000;

async function ask(url: string, timeout_ms: number, body?: object): Promise<Response> {
  return fetch(url, {
    ...(body === undefined
      ? {}
      : {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
    signal: AbortSignal.timeout(timeout_ms),
  });
}

async function jsonOf(response: Response): Promise<unknown> {
  const bytes = await readBounded(response, SIZE_BYTES_MAX);
  return bytes === null ? null : JSON.parse(new TextDecoder().decode(bytes));
}

/** Counts this scan, or only asks; null when the server says nothing that can be read. */
export async function fetchScans(
  link: ScannedLink,
  mode: 'count' | 'ask',
): Promise<ScansAnswer | null> {
  try {
    const response = await (mode === 'count'
      ? ask('/api/v1/scans', SCANS_TIMEOUT_MS, { link: link.path })
      : ask(`/api/v1/scans?link=${encodeURIComponent(link.path)}`, SCANS_TIMEOUT_MS));
    return response.ok ? readScans(await jsonOf(response)) : null;
  } catch {
    return null;
  }
}

/** Where storage is refused, at least this page remembers. */
let lastVisit = '';

/** One number for one unit, kept on this phone: asking again after a lost answer is not somebody else's showing. */
function visitOf({ path }: ScannedLink): string {
  const [kept, unit] = (readSetting('visit') ?? lastVisit).split(' ');
  if (unit === path && kept !== undefined && /^[0-9a-f]{32}$/.test(kept)) return kept;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const visit = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  lastVisit = `${visit} ${path}`;
  writeSetting('visit', lastVisit);
  return visit;
}

/** Shows the code to the ledger. An answer that never came is `late`: the code may have arrived. */
export async function showCode(link: ScannedLink, code: string): Promise<RevealResult> {
  try {
    const body = { link: link.path, code, visit: visitOf(link) };
    return readReveal(await jsonOf(await ask('/api/v1/reveals', REVEAL_TIMEOUT_MS, body)));
  } catch {
    return { kind: 'late' };
  }
}
