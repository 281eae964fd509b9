// Packs of a bundle: in their batch, the batch's anchor in the gateway's log, the log in the state, and signed by a
// registered device (docs/formats.md §8).

import type { CryptoProvider, Hash } from '../crypto/types.ts';
import { bytesToHex, equalBytes } from '../encoding/bytes.ts';
import { AppError } from '../errors.ts';
import { toPublicKey } from '../ledger/public-key.ts';
import { LATE_AFTER_MS } from '../limits.ts';
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
  readonly anchor: Anchor;
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
  const prevOf = new Map<string, Uint8Array>();
  const idOf = new Map<string, Uint8Array>();
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
      const id = packId(hash, pack);
      const place = position(pack.deviceId, pack.bootEpoch, pack.seq);
      if (idOf.has(place))
        throw new AppError(
          'packs/duplicate',
          'A pack is shown twice, or two packs share a number.',
        );
      idOf.set(place, id);
      if (pack.seq > 0) prevOf.set(place, pack.prev);
      verified.push({
        id: bytesToHex(id),
        gateway: batch.gateway,
        device,
        bootEpoch: pack.bootEpoch,
        seq: pack.seq,
        anchor,
        readings: packReadings(pack).map((r) => ({
          ...r,
          late: anchor.time_ms - r.time_ms > LATE_AFTER_MS,
        })),
      });
    }
  });
  for (const pack of verified) {
    const prev = prevOf.get(position(pack.device.id, pack.bootEpoch, pack.seq));
    const before = idOf.get(position(pack.device.id, pack.bootEpoch, pack.seq - 1));
    if (prev !== undefined && before !== undefined && !equalBytes(prev, before)) {
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
  return verified;
}

function position(device: string, bootEpoch: number, seq: number): string {
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
