// A pinned genesis: its hash in hex, or the genesis file itself.

import { openGenesis } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { hexOption, readFileOr } from './io.ts';

/** 32 bytes. */
export async function readPin(text: string): Promise<Uint8Array> {
  if (/^[0-9a-f]{64}$/i.test(text)) return hexOption(text, '--genesis', 32);
  return openGenesis(nodeCrypto, await readFileOr(text, 'genesis')).chainId;
}
