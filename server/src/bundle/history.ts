// Packs as one history of their device: a verifier refuses a bundle that shows a number twice, or a pack whose `prev` is
// another than the pack before it. A device whose memory was restored, or copied, may have signed both; the later pack of
// such a pair is left out wherever it is asked for, so that no two answers together show it.

import { bytesToHex, decodePack, type Hash, isAppError, packId } from '@suyuan/contracts';
import type { PackNumber, ReadingStore, StoredPack } from '../readings/port.ts';

/** The packs of `packs` that stand in one history, in their order. Asks the store for the packs before them. */
export async function oneHistory(
  readings: ReadingStore,
  hash: Hash,
  packs: readonly StoredPack[],
): Promise<readonly StoredPack[]> {
  const chosen = new Map<string, StoredPack>();
  for (const pack of packs) {
    const name = numberOf(pack);
    // A pack that reached two gateways is shown once.
    if (!chosen.has(name)) chosen.set(name, pack);
  }
  const before: PackNumber[] = [];
  for (const { device, boot, seq } of chosen.values()) {
    const number = { device, boot, seq: seq - 1 };
    if (seq > 0 && !chosen.has(numberOf(number))) before.push(number);
  }
  const idsByNumber = new Map<string, Set<string>>();
  const known = before.length === 0 ? [] : await readings.packsByNumber(before);
  for (const pack of [...packs, ...known]) {
    const id = idOf(hash, pack);
    if (id === undefined) continue;
    const ids = idsByNumber.get(numberOf(pack)) ?? new Set();
    idsByNumber.set(numberOf(pack), ids.add(id));
  }
  return [...chosen.values()].filter((pack) => {
    const { device, boot, seq } = pack;
    const ids = idsByNumber.get(numberOf({ device, boot, seq: seq - 1 }));
    if (ids === undefined || seq === 0) return true;
    const prev = prevOf(pack);
    return prev === undefined || (ids.size === 1 && ids.has(prev));
  });
}

function numberOf({ device, boot, seq }: PackNumber): string {
  return `${device}/${boot}/${seq}`;
}

/** Undefined when the stored bytes are no pack. */
function idOf(hash: Hash, { bytes }: StoredPack): string | undefined {
  return readable(() => bytesToHex(packId(hash, decodePack(bytes))));
}

function prevOf({ bytes }: StoredPack): string | undefined {
  return readable(() => bytesToHex(decodePack(bytes).prev));
}

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isAppError(error)) return undefined;
    throw error;
  }
}
