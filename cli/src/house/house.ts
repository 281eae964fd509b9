// The house put together: ledger node, column store, gateway, HTTP. The only place, beside the tests, that knows several
// rooms.

import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ClickHouseClient } from '@clickhouse/client';
import { getAccount, type Profile, type SecretKey, validatorSuite } from '@suyuan/contracts';
import { createThreadedCrypto, nodeCrypto } from '@suyuan/contracts/node';
import { createGateway, type Gateway, type GatewayLimits } from '@suyuan/gateway';
import {
  createClickHouseReadings,
  createHttpServer,
  type Epcis,
  type HttpOptions,
  type LedgerNode,
  ledgerRecords,
  openDocumentStore,
  openEpcis,
  openRecallNotices,
  openRevealStore,
  openScanStore,
} from '@suyuan/server';
import type { Logger } from 'pino';
import type { HouseClock } from './clock.ts';
import { openColumnStore } from './column-store.ts';
import { openOrFoundGenesis } from './genesis.ts';
import { type KeyRing, openKeyRing } from './keys.ts';
import { admitGateway, type FollowOptions, openFollowedLedger, openOwnLedger } from './ledger.ts';
import { createRevealCarrier, DESK_ACCOUNT } from './reveal-desk.ts';
import { createSubmitter, type Submit } from './submitter.ts';

export interface HouseOptions {
  readonly directory: string;
  readonly host: string;
  readonly httpPort: number;
  readonly mqttPort: number;
  readonly name: string;
  /** Of a new ledger: guomi unless given. An existing one must be of it. */
  readonly profile?: Profile;
  readonly reindex?: boolean;
  /** Address of a ClickHouse server instead of the embedded store. */
  readonly clickhouseUrl?: string;
  /** Built pages of the web room. */
  readonly webDirectory?: string;
  readonly gatewayLimits?: Partial<GatewayLimits>;
  readonly http?: Partial<HttpOptions>;
  /** `simplex`: a node for each validator, the default. `solo`: one node with the keys of all, cheaper, for tests and trials. */
  readonly consensus?: 'simplex' | 'solo';
  /** A ledger that others run; without it the house founds, or goes on with, one of its own. */
  readonly follow?: FollowOptions;
  /** Lets webhooks stand at private and loopback addresses; refused unless set. */
  readonly privateWebhooks?: boolean;
}

export interface HouseParts {
  readonly clock: HouseClock;
  readonly logger: Logger;
  /** Digital Link path of a unit of that product to show on the first page. */
  readonly sampleLink?: (gtin: string) => string | undefined;
  readonly onFailure?: (error: Error) => void;
}

export interface House {
  readonly node: LedgerNode;
  readonly gateway: Gateway;
  readonly epcis: Epcis;
  readonly client: ClickHouseClient;
  readonly keys: KeyRing;
  /** The key of an account that this house signs for, made if the ledger does not know the account yet. */
  readonly secretOf: (account: string) => Promise<SecretKey>;
  readonly submit: Submit;
  /** 32 bytes: the chain id that pages and verifiers pin. */
  readonly genesisHash: Uint8Array;
  readonly profile: Profile;
  readonly httpPort: number;
  readonly mqttPort: number;
  stop(): Promise<void>;
}

export const GATEWAY_ACCOUNT = 'gateway-1';

/** Threads for SM2, one set for the ledger and the gateway; 2 at least, so that one busy key leaves others a way. */
const SM2_THREADS = Math.min(16, Math.max(2, availableParallelism() - 1));
/** As many as a node verifies at once, and more than a gateway has in flight: a crowd at one door leaves the other free. */
const LEDGER_QUEUE_MAX = 4_096;
const GATEWAY_QUEUE_MAX = 262_144;
const BUNDLE_QUEUE_MAX = 1_024;

/** Opens or founds the house in `directory` and starts it. What was started is stopped again when a later part fails. */
export async function startHouse(options: HouseOptions, parts: HouseParts): Promise<House> {
  const { directory } = options;
  const { clock, logger } = parts;
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const keys = await openKeyRing(join(directory, 'keys'));
    const { follow } = options;
    const opened =
      follow?.genesis ??
      (await openOrFoundGenesis(directory, keys, {
        name: options.name,
        time_ms: clock.now_ms(),
        ...(options.profile === undefined ? {} : { profile: options.profile }),
      }));
    const { genesis, hash, chainId } = opened;
    const threads = createThreadedCrypto({ workers: SM2_THREADS, queueMax: LEDGER_QUEUE_MAX });
    undo.push(() => threads.close());
    const ledgerParts = {
      ...{ directory, clock, genesis: opened, crypto: threads },
      reindex: options.reindex === true,
      logger: logger.child({ room: 'ledger' }),
    };
    const ledger =
      follow === undefined
        ? await openOwnLedger(ledgerParts, options.consensus ?? 'simplex', keys)
        : await openFollowedLedger(ledgerParts, follow);
    const { node, consensus } = ledger;
    undo.push(() => ledger.close());
    const suite = validatorSuite(genesis.profile);
    const secretOf = (id: string): Promise<SecretKey> => {
      const account = getAccount({ get: (key) => node.read(key) }, id);
      return account === undefined ? keys.get(id, suite) : keys.held(id, account.key);
    };
    const submit = createSubmitter(node, secretOf);
    const gatewayAccount = follow?.gateway ?? GATEWAY_ACCOUNT;
    const gatewaySecret = await secretOf(gatewayAccount);
    const gatewayKey = nodeCrypto.publicKeyOf(gatewaySecret);
    if (follow === undefined) await admitGateway(node, submit, gatewayAccount, gatewayKey);
    else await follow.admitted(node, gatewayAccount, gatewayKey);

    const client = openColumnStore({
      directory: join(directory, 'columns'),
      ...(options.clickhouseUrl === undefined ? {} : { url: options.clickhouseUrl }),
    });
    undo.push(() => client.close());
    const gateway = createGateway(
      {
        directory: join(directory, 'gateway'),
        account: gatewayAccount,
        listen: { host: options.host, port: options.mqttPort },
        limits: { ...options.gatewayLimits, sm2Workers: 0 },
      },
      {
        clock,
        random: (size_bytes) => new Uint8Array(randomBytes(size_bytes)),
        crypto: threads.door(GATEWAY_QUEUE_MAX),
        ledger: node,
        client,
        logger: logger.child({ room: 'gateway' }),
        secretKey: gatewaySecret,
        ...(parts.onFailure === undefined ? {} : { onFailure: parts.onFailure }),
      },
    );
    await gateway.start();
    undo.push(() => gateway.stop());

    const scans = openScanStore(join(directory, 'scans'));
    undo.push(() => scans.close());
    const reveals = openRevealStore(join(directory, 'reveals'));
    undo.push(() => reveals.close());
    const documents = await openDocumentStore({
      directory: join(directory, 'documents'),
      recordOf: ledgerRecords(node),
      clock,
    });
    undo.push(() => documents.close());
    const epcis = await openEpcis({
      directory: join(directory, 'epcis'),
      client,
      node,
      clock,
      logger: logger.child({ room: 'epcis' }),
      ...(options.privateWebhooks === undefined
        ? {}
        : { allowPrivateTargets: options.privateWebhooks }),
    });
    undo.push(() => epcis.close());
    const recallNotices = openRecallNotices({
      directory: join(directory, 'recall-notices'),
      node,
      clock,
      logger: logger.child({ room: 'recalls' }),
      ...(options.privateWebhooks === undefined
        ? {}
        : { allowPrivateTargets: options.privateWebhooks }),
    });
    undo.push(() => recallNotices.close());
    const http = await createHttpServer(
      {
        node,
        hash,
        readings: createClickHouseReadings(client),
        pin: { genesis: chainId },
        scans,
        reveals,
        // Beside a ledger of others the desk's account is admitted by them, or there is no desk.
        ...(follow === undefined || node.read(`accounts/${DESK_ACCOUNT}`) !== undefined
          ? { carrier: createRevealCarrier(node, submit, secretOf) }
          : {}),
        documents,
        epcis,
        recallNotices,
        clock,
        crypto: threads.door(BUNDLE_QUEUE_MAX),
        logger: logger.child({ room: 'http' }),
        statusSources: {
          gateway: () => ({ ...gateway.status() }),
          ...(consensus === undefined ? {} : { consensus }),
          parts: { gateway: () => assertGateway(gateway) },
          ...(parts.sampleLink === undefined ? {} : { sampleLink: parts.sampleLink }),
        },
        registries: [gateway.metrics],
        ...(options.webDirectory === undefined ? {} : { web: { directory: options.webDirectory } }),
      },
      options.http,
    );
    undo.push(() => http.close());
    await http.listen({ host: options.host, port: options.httpPort });
    const address = http.server.address();
    const httpPort =
      typeof address === 'object' && address !== null ? address.port : options.httpPort;
    return {
      node,
      gateway,
      epcis,
      client,
      keys,
      secretOf,
      submit,
      genesisHash: chainId,
      profile: genesis.profile,
      httpPort,
      mqttPort: gateway.port,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function assertGateway(gateway: Gateway): void {
  const { failure } = gateway.summary();
  if (failure !== null) throw new Error(failure);
}
