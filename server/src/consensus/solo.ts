// One process that holds the keys of a quorum of validators: a demo, a trial before the consortium's machines stand. Its
// certificates are real: every block carries a quorum of signatures, and which validators sign goes around.

import {
  AppError,
  type CryptoProvider,
  encodeCertificate,
  encodeVote,
  quorum,
  type SecretKey,
  type Validator,
} from '@suyuan/contracts';
import type { Consensus, ConsensusHost } from './port.ts';

export interface SoloOptions {
  readonly crypto: CryptoProvider;
  /** Secret keys by validator id; at least a quorum of the genesis' validators. */
  readonly keys: ReadonlyMap<string, SecretKey>;
  /** Least time between two blocks. */
  readonly minInterval_ms?: number;
  /** A block without transactions after this long, so that a reader sees that the ledger lives. */
  readonly heartbeat_ms?: number;
}

const MIN_INTERVAL_MS = 50;
const HEARTBEAT_MS = 60_000;

interface Signer {
  readonly index: number;
  readonly id: string;
  readonly secret: SecretKey;
}

export function createSolo(options: SoloOptions): Consensus {
  const { crypto, minInterval_ms = MIN_INTERVAL_MS, heartbeat_ms = HEARTBEAT_MS } = options;
  let stopListening = () => {};
  let cancelTimer = () => {};
  let making: Promise<void> | undefined;
  let stopped = false;

  async function start(host: ConsensusHost): Promise<void> {
    signersOf(host.epoch().validators, options.keys);
    // After a long pause the first block comes at once, as after none: a head of yesterday is no sign of health.
    const { height, time_ms } = host.head();
    let last_ms = height > 0 ? time_ms : Number.NEGATIVE_INFINITY;

    function schedule(): void {
      cancelTimer();
      if (stopped || making !== undefined) return;
      const wait_ms = host.pending() > 0 ? minInterval_ms : heartbeat_ms;
      // Clamped above too: a clock that is set back must not stop the ledger until it has caught up.
      const delay_ms = Math.min(wait_ms, Math.max(0, last_ms + wait_ms - host.clock.now_ms()));
      cancelTimer = host.clock.setTimer(make, delay_ms);
    }

    function make(): void {
      if (stopped || making !== undefined) return;
      making = makeBlock(host, options.keys, crypto)
        .catch((error: unknown) => {
          stopped = true;
          host.fail(error);
        })
        .finally(() => {
          last_ms = host.clock.now_ms();
          making = undefined;
          schedule();
        });
    }

    stopListening = host.onPending(schedule);
    schedule();
  }

  return {
    start,
    async stop() {
      stopped = true;
      stopListening();
      cancelTimer();
      await making;
    },
  };
}

async function makeBlock(
  host: ConsensusHost,
  keys: ReadonlyMap<string, SecretKey>,
  crypto: CryptoProvider,
): Promise<void> {
  const head = host.head();
  const epoch = host.epoch();
  const signers = signersOf(epoch.validators, keys);
  const height = head.height + 1;
  const turn = signersOfTurn(signers, quorum(epoch.validators.length), height);
  const proposer = turn[0]!.id;
  const time_ms = Math.max(Math.floor(host.clock.now_ms()), head.time_ms + 1);
  const block = host.propose({ parent: head.blockHash, proposer, time_ms });
  const vote = {
    chainId: host.chainId,
    epoch: epoch.epoch,
    slot: height - epoch.firstHeight,
    blockHash: block.blockHash,
  };
  const message = encodeVote(vote);
  const certificate = encodeCertificate({
    ...vote,
    signatures: [...turn]
      .sort((a, b) => a.index - b.index)
      .map(({ index, secret }) => ({
        validator: index,
        signature: crypto.sign(secret, message),
      })),
  });
  await host.commit(block.blockHash, certificate);
}

/** `count` of the signers, beginning with another one at each height; the first proposes. */
function signersOfTurn(signers: readonly Signer[], count: number, height: number): Signer[] {
  return Array.from({ length: count }, (_, i) => signers[(height + i) % signers.length]!);
}

function signersOf(
  validators: readonly Validator[],
  keys: ReadonlyMap<string, SecretKey>,
): Signer[] {
  const signers = validators.flatMap(({ id }, index) => {
    const secret = keys.get(id);
    return secret === undefined ? [] : [{ index, id, secret }];
  });
  const needed = quorum(validators.length);
  if (signers.length < needed) {
    throw new AppError(
      'consensus/no-quorum',
      `This node has the keys of ${signers.length} of ${validators.length} validators; alone it needs ${needed}. Give it the other key files.`,
      { needed, found: signers.length },
    );
  }
  return signers;
}
