import { readBounded } from '../net/read-bounded.ts';
import type { ScannedLink } from './link.ts';

export type FetchedBundle =
  | { readonly kind: 'bundle'; readonly bundle: Uint8Array }
  | { readonly kind: 'unknown' | 'malformed' | 'unreachable' | 'refused' };

/** As in the formats: a larger answer is no bundle. */
const SIZE_BYTES_MAX = 8 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

export async function fetchBundle(link: ScannedLink): Promise<FetchedBundle> {
  try {
    const response = await fetch(`/api/v1/bundles?link=${encodeURIComponent(link.path)}`, {
      headers: { accept: 'application/cbor' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 404 || response.status === 410) return { kind: 'unknown' };
    if (response.status === 400) return { kind: 'malformed' };
    if (!response.ok) return { kind: 'refused' };
    const bundle = await readBounded(response, SIZE_BYTES_MAX);
    return bundle === null ? { kind: 'refused' } : { kind: 'bundle', bundle };
  } catch {
    return { kind: 'unreachable' };
  }
}
