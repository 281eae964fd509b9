import { readSetting, writeSetting } from '../store/settings.ts';
import { decidePin, formatRemembered, type PinDecision, parsePin, parseRemembered } from './pin.ts';

const SETTING = 'pin';

async function offeredPin(): Promise<{ genesis: string; source: 'build' | 'server' } | null> {
  const built = parsePin(import.meta.env.VITE_SUYUAN_GENESIS);
  if (built !== null) return { genesis: built, source: 'build' };
  try {
    const response = await fetch('/suyuan-pin.json', { cache: 'no-cache' });
    if (!response.ok) return null;
    const body: unknown = await response.json();
    const genesis =
      typeof body === 'object' && body !== null && 'genesis' in body ? body.genesis : null;
    const parsed = parsePin(typeof genesis === 'string' ? genesis : null);
    return parsed === null ? null : { genesis: parsed, source: 'server' };
  } catch {
    return null;
  }
}

/** Decides and, when trusted, remembers. localStorage is per origin, and so is the memory. */
export async function loadPin(now_ms: number): Promise<PinDecision> {
  const decision = decidePin(await offeredPin(), parseRemembered(readSetting(SETTING)), now_ms);
  if (decision.kind === 'trusted') writeSetting(SETTING, formatRemembered(decision.pin));
  return decision;
}

export function acceptPin(genesis: string, now_ms: number): void {
  writeSetting(SETTING, formatRemembered({ genesis, since_ms: now_ms }));
}
