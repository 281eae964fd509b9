// The readings of a node that keeps none: a validator's. Whoever needs them is told where they are.

import { AppError } from '@suyuan/contracts';
import type { ReadingStore } from './port.ts';

async function refuse(): Promise<never> {
  throw new AppError(
    'readings/not-kept',
    'This node is a validator: it keeps the ledger and no readings. Ask the server of a house that runs a gateway.',
  );
}

/** Healthy, for nothing is missing; every question for readings is refused with `readings/not-kept`. */
export function createNoReadings(): ReadingStore {
  return {
    ping: async () => {},
    pack: refuse,
    packsByNumber: refuse,
    packWithReading: refuse,
    packsWithin: refuse,
    leafHashes: refuse,
    readings: refuse,
    statements: refuse,
  };
}
