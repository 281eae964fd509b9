// Acknowledges everything a device signs without a network, keeping the packs: for tests of what is signed, not of how it
// travels.

import { type DecodedPack, decodePack } from '@suyuan/contracts';
import type { Device } from '../device/device.ts';

export interface Sink {
  readonly packs: DecodedPack[];
  stop(): void;
}

export function createSink(device: Device): Sink {
  const packs: DecodedPack[] = [];
  let running = false;
  const drain = async (): Promise<void> => {
    if (running) return;
    running = true;
    for (let next = device.outbox.nextAfter(-1); next; next = device.outbox.nextAfter(-1)) {
      packs.push(decodePack(await device.outbox.bytesOf(next)));
      device.outbox.acknowledge(next);
    }
    running = false;
  };
  const stop = device.outbox.subscribe(() => void drain());
  void drain();
  return { packs, stop };
}
