// A header that is wrong in one place: what a block under it claims, its transactions do not give.

import { decodeHeader, encodeHeader, type Header } from '@suyuan/contracts';
import type { Prng } from '../kernel/prng.ts';

const DAY_MS = 86_400_000;

export function bendHeader(random: Prng, bytes: Uint8Array, now_ms: number): Uint8Array {
  const header = decodeHeader(bytes);
  const other = random.bytes(32);
  const changes: Partial<Header>[] = [
    { stateRoot: other },
    { receiptRoot: other },
    { txRoot: other },
    { previous: other },
    { validators: other },
    { nextValidators: other },
    { height: header.height + 1 },
    { height: Math.max(1, header.height - 1) },
    { time_ms: now_ms - DAY_MS },
    { time_ms: now_ms + DAY_MS },
    { proposer: 'nobody' },
    { rules: header.rules + 1 },
    { chainId: other },
  ];
  return encodeHeader({ ...header, ...random.pick(changes) });
}
