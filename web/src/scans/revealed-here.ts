// The packs whose code was first revealed on this device: their owner is not to be warned of themselves.

import { readSetting, writeSetting } from '../store/settings.ts';

const SETTING = 'revealed';
const KEEP = 50;

type Entry = readonly [path: string, at_ms: number];

/** Nothing else than a list of paths with times is believed. */
export function parseEntries(text: string | null): Entry[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    if (!Array.isArray(value)) return [];
    return value
      .filter((entry): entry is Entry => {
        return (
          Array.isArray(entry) && typeof entry[0] === 'string' && Number.isSafeInteger(entry[1])
        );
      })
      .slice(-KEEP);
  } catch {
    return [];
  }
}

export function withEntry(entries: readonly Entry[], path: string, at_ms: number): Entry[] {
  return [...entries.filter(([other]) => other !== path), [path, at_ms] as const].slice(-KEEP);
}

/** Block time of the reveal, when it was this device that sent it. */
export function revealedHere(path: string): number | null {
  return parseEntries(readSetting(SETTING)).find(([other]) => other === path)?.[1] ?? null;
}

export function rememberRevealed(path: string, at_ms: number): void {
  const entries = withEntry(parseEntries(readSetting(SETTING)), path, at_ms);
  writeSetting(SETTING, JSON.stringify(entries));
}
