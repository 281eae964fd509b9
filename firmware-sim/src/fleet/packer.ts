// From rows of readings to packs: so many rows to a pack, one signature for all of them.

import { AppError, PACK_RECORDS_MAX, type Reading } from '@suyuan/contracts';
import type { Device } from '../device/device.ts';

export interface Packer {
  /** Takes one row; signs a pack when the rows are complete. Resolves true when one was signed and is durable. */
  add(row: readonly Reading[]): Promise<boolean>;
  /** Signs what has gathered, if anything. */
  flush(): Promise<boolean>;
}

/** Four quarter hours to a pack: the demo's rhythm. */
export const ROWS_PER_PACK = 4;

/**
 * Gathers `rowsPerPack` rows a pack, empty ones counted, so that a pack never spans a long gap; a pack closes early when
 * the next row would exceed 128 readings. Throws `packer/bad-option`.
 */
export function createPacker(device: Device, rowsPerPack: number = ROWS_PER_PACK): Packer {
  if (!Number.isInteger(rowsPerPack) || rowsPerPack < 1 || rowsPerPack > PACK_RECORDS_MAX) {
    throw new AppError('packer/bad-option', `give 1 to ${PACK_RECORDS_MAX} rows a pack`);
  }
  let readings: Reading[] = [];
  let rows = 0;
  const flush = async (): Promise<boolean> => {
    const ready = readings;
    readings = [];
    rows = 0;
    if (ready.length === 0) return false;
    await device.record(ready);
    return true;
  };
  return {
    flush,
    add: async (row) => {
      // Both packs are signed before the first await, so that rows keep their order whoever else calls.
      const early = readings.length + row.length > PACK_RECORDS_MAX ? flush() : undefined;
      readings.push(...row);
      rows += 1;
      const full = rows >= rowsPerPack ? flush() : undefined;
      const signed = await Promise.all([early ?? false, full ?? false]);
      return signed.includes(true);
    },
  };
}
