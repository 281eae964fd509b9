// A pinned genesis: its hash in hex, or the genesis file itself.

import { hexOption, readFileOr } from './io.ts';

const GENESIS_BYTES_MAX = 1024 * 1024;

/** 32 bytes. */
export async function readPin(text: string): Promise<Uint8Array> {
  if (/^[0-9a-f]{64}$/i.test(text)) return hexOption(text, '--genesis', 32);
  const bytes = await readFileOr(text, 'genesis', GENESIS_BYTES_MAX);
  const [{ openGenesis }, { nodeCrypto }] = await Promise.all([
    import('@suyuan/contracts'),
    import('@suyuan/contracts/node'),
  ]);
  return openGenesis(nodeCrypto, bytes).chainId;
}
