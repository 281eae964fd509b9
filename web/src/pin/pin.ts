// Which ledger this device trusts. The build's own pin wins; otherwise the site's first word is remembered, and any later
// change is put to the reader before a byte is checked against it.

export interface RememberedPin {
  readonly genesis: string;
  readonly since_ms: number;
}

export type PinSource = 'build' | 'remembered' | 'first';

export type PinDecision =
  | { readonly kind: 'trusted'; readonly pin: RememberedPin; readonly source: PinSource }
  | { readonly kind: 'changed'; readonly remembered: RememberedPin; readonly offered: string }
  /** Neither the build, nor memory, nor the server names a ledger. */
  | { readonly kind: 'missing' };

const GENESIS = /^[0-9a-f]{64}$/;

export function parsePin(text: string | undefined | null): string | null {
  const genesis = text?.trim().toLowerCase() ?? '';
  return GENESIS.test(genesis) ? genesis : null;
}

export function parseRemembered(text: string | null): RememberedPin | null {
  const [genesis, since] = (text ?? '').split('@');
  const parsed = parsePin(genesis);
  const since_ms = Number(since);
  return parsed === null || !Number.isSafeInteger(since_ms) || since_ms < 0
    ? null
    : { genesis: parsed, since_ms };
}

export function formatRemembered(pin: RememberedPin): string {
  return `${pin.genesis}@${pin.since_ms}`;
}

/** `offered` is the build's pin when it has one, else the server's, else null when the server is out of reach. */
export function decidePin(
  offered: { readonly genesis: string; readonly source: 'build' | 'server' } | null,
  remembered: RememberedPin | null,
  now_ms: number,
): PinDecision {
  if (offered === null) {
    return remembered === null
      ? { kind: 'missing' }
      : { kind: 'trusted', pin: remembered, source: 'remembered' };
  }
  if (remembered !== null && remembered.genesis !== offered.genesis) {
    return { kind: 'changed', remembered, offered: offered.genesis };
  }
  const pin = remembered ?? { genesis: offered.genesis, since_ms: now_ms };
  if (offered.source === 'build') return { kind: 'trusted', pin, source: 'build' };
  return { kind: 'trusted', pin, source: remembered === null ? 'first' : 'remembered' };
}
