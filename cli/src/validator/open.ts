// A node that reaches the validators over the network: one of them with its key, or a follower without.

import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type AsyncCryptoProvider, validatorSuite } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import {
  createTlsTransport,
  type Identity,
  type ListenAddress,
  type NodeClock,
  type NodeLogger,
  type PeerAddress,
  type Signer,
  type TlsTransport,
} from '@suyuan/server';
import { freshSecret } from '../fresh-secret.ts';
import type { OpenedGenesis } from '../house/genesis.ts';
import { type OpenedValidator, openValidator } from '../house/validators.ts';
import { readKeyFile, writeKeyFile } from '../key-file.ts';
import { createArtifactOf } from './artifact.ts';
import type { HeldSigner } from './signer-lock.ts';
import { foundFromSnapshot, type SnapshotWish } from './snapshot.ts';

export interface NetworkNodeOptions {
  readonly directory: string;
  readonly genesis: OpenedGenesis;
  readonly peers: readonly PeerAddress[];
  /** Null: follows and votes on nothing. */
  readonly signer: Pick<HeldSigner, 'id' | 'secret' | 'guard'> | null;
  /** Null: connects to others only. */
  readonly listen: ListenAddress | null;
  readonly observers?: number;
  readonly reindex?: boolean;
  /** How to begin in an empty directory; at the genesis unless given. */
  readonly snapshot?: SnapshotWish;
  /** What a person is told meanwhile. */
  readonly tell?: (text: string) => void;
  /** Ends the taking in of a snapshot. */
  readonly signal?: AbortSignal;
  readonly crypto: AsyncCryptoProvider;
  readonly clock: NodeClock;
  readonly logger: NodeLogger;
}

export interface NetworkNode extends OpenedValidator {
  readonly transport: TlsTransport;
}

/** Opens it and connects to its peers. Throws `peer/cannot-listen`, `snapshot/*`, and what opening a node throws. */
export async function openNetworkNode(options: NetworkNodeOptions): Promise<NetworkNode> {
  const { directory, genesis, peers, signer, listen, crypto, clock, logger } = options;
  const { observers, reindex = false, snapshot } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const stranger = signer === null ? await observerIdentity(directory, genesis) : undefined;
  const random = (): number => randomInt(2 ** 32) / 2 ** 32;
  const connection = (hand: Signer | null): TlsTransport =>
    createTlsTransport({
      self: stranger ?? {
        id: signer!.id,
        key: nodeCrypto.publicKeyOf(signer!.secret),
        // Without its guard file a validator says who it is all the same: others need its log, and see a key used twice.
        signHandshake: (transcript) =>
          hand?.signHandshake(transcript) ?? nodeCrypto.sign(signer!.secret, transcript),
      },
      ...{ listen, peers, clock, random, logger },
      chainId: genesis.chainId,
      crypto: nodeCrypto,
      ...(observers === undefined ? {} : { limits: { observers } }),
    });
  // What a state is rebuilt from is there.
  if (snapshot !== undefined && !reindex) {
    await foundFromSnapshot(snapshot, {
      ...{ directory, clock, random, logger },
      genesis: genesis.bytes,
      peers: peers.filter(({ id }) => id !== signer?.id).length,
      transport: connection(null),
      tell: options.tell ?? (() => {}),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });
  }
  let transport: TlsTransport | undefined;
  const opened = await openValidator(
    { directory, guard: signer?.guard ?? '' },
    {
      ...{ genesis, crypto, clock, logger, reindex },
      secret: signer?.secret ?? null,
      artifactOf: createArtifactOf(),
      transport(hand) {
        transport = connection(hand);
        return transport;
      },
    },
  );
  return { ...opened, transport: transport! };
}

/** A key of its own, kept: under it the others know a follower again. It signs nothing but its handshakes. */
async function observerIdentity(directory: string, { genesis }: OpenedGenesis): Promise<Identity> {
  const path = join(directory, 'observer.key.json');
  if (!existsSync(path)) await writeKeyFile(path, freshSecret(validatorSuite(genesis.profile)));
  const { secret } = await readKeyFile(path);
  return {
    id: null,
    key: nodeCrypto.publicKeyOf(secret),
    signHandshake: (transcript) => nodeCrypto.sign(secret, transcript),
  };
}
