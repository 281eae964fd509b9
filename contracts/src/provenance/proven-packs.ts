// Packs of a bundle: in their batch, the batch's anchor in the gateway's log, the log in the state, and signed by a
// registered device (docs/formats.md §8).

import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { bytesToHex } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { toPublicKey } from '../ledger/public-key.ts';
import { FUTURE_AFTER_MS, LATE_AFTER_MS } from '../limits.ts';
import { leafHash } from '../merkle/log-hash.ts';
import { verifyInclusion } from '../merkle/log-tree.ts';
import { getAccount } from '../rules/accounts/record.ts';
import { type Anchor, decodeAnchor, getAnchorLog } from '../rules/anchors/anchor.ts';
import { type Device, getDevice } from '../rules/devices/device.ts';
import type { StateReader } from '../rules/types.ts';
import {
  type DecodedPack,
  decodePack,
  packId,
  packReadings,
  verifyPack,
} from '../telemetry/pack.ts';
import type { Quantity } from '../telemetry/quantities.ts';
import type { PackedBatch } from './bundle.ts';

export interface ProvenReading {
  readonly quantity: Quantity;
  readonly time_ms: number;
  readonly value: number;
  /** The pack was anchored more than 48 h after this time: the time rests on the device alone. */
  readonly late: boolean;
}

export interface VerifiedPack {
  readonly id: string;
  readonly gateway: string;
  readonly device: Device;
  readonly bootEpoch: number;
  readonly seq: number;
  /** 32 bytes: id of the pack before, as its device signed it. */
  readonly prev: Uint8Array;
  readonly anchor: Anchor;
  /** Without those of a time that had not come when the pack was anchored: they are evidence of nothing. */
  readonly readings: readonly ProvenReading[];
}

/** Verifies the anchors of all batches: each a leaf of its gateway's log. Throws `anchors/*`, `merkle/*`, `cbor/*` or `format/*`. */
export function verifyAnchors(
  hash: Hash,
  state: StateReader,
  batches: readonly PackedBatch[],
): Anchor[] {
  return batches.map((batch) => {
    const gateway = getAccount(state, batch.gateway);
    const log = getAnchorLog(state, batch.gateway);
    if (gateway === undefined || log === undefined || !gateway.roles.includes('gateway')) {
      throw new AppError(
        'anchors/unknown-gateway',
        'A batch names a gateway that the ledger does not show.',
      );
    }
    const anchor = decodeAnchor(batch.anchor);
    verifyInclusion(hash, {
      index: anchor.batch,
      size: log.size,
      leaf: leafHash(hash, batch.anchor),
      proof: batch.proof,
      root: log.root,
    });
    return anchor;
  });
}

/**
 * Verifies every pack of the batches (anchors verified before), in the order given. Throws `packs/*`, `pack/*`, `cose/*`,
 * `merkle/*` or `cbor/*`.
 */
export function verifyPacks(
  crypto: CryptoProvider,
  hash: Hash,
  state: StateReader,
  batches: readonly PackedBatch[],
  anchors: readonly Anchor[],
): VerifiedPack[] {
  const verified: VerifiedPack[] = [];
  batches.forEach((batch, i) => {
    const anchor = anchors[i] as Anchor;
    for (const entry of batch.packs) {
      const leaf = leafHash(hash, entry.pack);
      verifyInclusion(hash, {
        index: entry.index,
        size: anchor.count,
        leaf,
        proof: entry.proof,
        root: anchor.root,
      });
      const pack = decodePack(entry.pack);
      const device = verifySigner(crypto, state, pack, anchor);
      verified.push({
        id: bytesToHex(packId(hash, pack)),
        gateway: batch.gateway,
        device,
        bootEpoch: pack.bootEpoch,
        seq: pack.seq,
        prev: pack.prev,
        anchor,
        readings: packReadings(pack)
          .filter((r) => r.time_ms <= anchor.time_ms + FUTURE_AFTER_MS)
          .map((r) => ({ ...r, late: anchor.time_ms - r.time_ms > LATE_AFTER_MS })),
      });
    }
  });
  assertOneHistory(verified);
  return verified;
}

/**
 * Returns if no number of a device is used twice and each pack follows the one before it, where both are shown. Throws
 * `packs/duplicate` or `packs/chain-broken`.
 */
export function assertOneHistory(packs: readonly VerifiedPack[]): void {
  const idOf = new Map<string, string>();
  for (const pack of packs) {
    const number = packNumber(pack.device.id, pack.bootEpoch, pack.seq);
    if (idOf.has(number)) {
      throw new AppError('packs/duplicate', 'A pack is shown twice, or two packs share a number.');
    }
    idOf.set(number, pack.id);
  }
  for (const pack of packs) {
    const before = idOf.get(packNumber(pack.device.id, pack.bootEpoch, pack.seq - 1));
    if (before !== undefined && bytesToHex(pack.prev) !== before) {
      throw new AppError(
        'packs/chain-broken',
        'A pack does not follow the one before it: two histories are mixed.',
        {
          device: pack.device.id,
          seq: pack.seq,
        },
      );
    }
  }
}

/** What a pack is counted by: a device uses each (bootEpoch, seq) once. */
export function packNumber(device: string, bootEpoch: number, seq: number): string {
  return `${device}/${bootEpoch}/${seq}`;
}

function verifySigner(
  crypto: CryptoProvider,
  state: StateReader,
  pack: DecodedPack,
  anchor: Anchor,
): Device {
  const device = getDevice(state, pack.deviceId);
  if (device === undefined) {
    throw new AppError(
      'packs/unknown-device',
      'A pack names a device that the ledger does not show.',
    );
  }
  if (device.revokedAt !== undefined && anchor.time_ms > device.revokedAt) {
    throw new AppError(
      'packs/revoked-device',
      'A pack was anchored after its device had been revoked.',
      {
        device: device.id,
      },
    );
  }
  if (!verifyPack(crypto, toPublicKey(device.key), pack)) {
    throw new AppError(
      'packs/bad-signature',
      'The signature of a pack does not verify under the key of its device.',
      {
        device: device.id,
        seq: pack.seq,
      },
    );
  }
  return device;
}
