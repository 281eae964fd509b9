// A running house for the EPCIS suite, and a client that signs as accounts of its own.

import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHouseClock } from 'suyuan/clock';
import { type House, startHouse } from 'suyuan/house';
import { openLogger } from 'suyuan/logger';
import { bytesToBase64url, encodeAccess } from '../../../contracts/src/index.ts';
import { nodeCrypto } from '../../../contracts/src/node.ts';

export interface EpcisHouse {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  /** With a fresh token of the n-th account, for this body. */
  post(path: string, body: string, options?: PostOptions): Promise<Response>;
  withToken(path: string, method?: string): Promise<Response>;
  /** Captures and waits for the job; its document. */
  capture(body: string, options?: PostOptions): Promise<Captured>;
  restart(): Promise<void>;
  close(): Promise<void>;
}

export interface PostOptions {
  readonly account?: number;
  readonly headers?: Record<string, string>;
}

export interface Captured {
  readonly response: Response;
  /** Undefined when the document was refused at the door. */
  readonly job?: {
    readonly success: boolean;
    readonly errors: readonly { readonly type: string }[];
  };
}

export async function openEpcisHouse(): Promise<EpcisHouse> {
  const directory = await mkdtemp(join(tmpdir(), 'epcis-conformance-'));
  const log = openLogger(directory, 'error');
  const open = (): Promise<House> =>
    startHouse(
      {
        directory,
        host: '127.0.0.1',
        httpPort: 0,
        mqttPort: 0,
        name: 'conformance',
        profile: 'international',
        consensus: 'solo',
        privateWebhooks: true,
      },
      { clock: createHouseClock(), logger: log.logger },
    );
  // The timers of a house let a process end; while one is opened nothing else holds this one.
  const alive = setInterval(() => {}, 1_000);
  let house = await open();
  const known = new Set<number>();

  async function nameOf(n: number): Promise<string> {
    const id = `epcis-${n}`;
    if (known.has(n)) return id;
    const { suite, bytes } = nodeCrypto.publicKeyOf(await house.secretOf(id));
    await house.submit('bureau', 'accounts', 'register', {
      id,
      roles: ['processor'],
      name: { zh: `加工者 ${n}`, en: `Processor ${n}` },
      key: { suite, key: bytes },
    });
    known.add(n);
    return id;
  }

  async function tokenOf(n: number, body: string): Promise<string> {
    const account = await nameOf(n);
    const token = encodeAccess(nodeCrypto, {
      secret: await house.secretOf(account),
      account,
      chainId: house.genesisHash,
      now_ms: Date.now(),
      lifetime_s: 120,
      nonce: new Uint8Array(randomBytes(16)),
      bodyHash: new Uint8Array(createHash('sha256').update(body).digest()),
    });
    return `Bearer ${bytesToBase64url(token)}`;
  }

  const ask: EpcisHouse['fetch'] = (path, init) =>
    fetch(new URL(path, `http://127.0.0.1:${house.httpPort}`), init);

  const client: EpcisHouse = {
    fetch: ask,
    post: async (path, body, { account = 0, headers = {} } = {}) =>
      ask(path, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json',
          authorization: await tokenOf(account, body),
          ...headers,
        },
      }),
    withToken: async (path, method = 'GET') =>
      ask(path, { method, headers: { authorization: await tokenOf(0, '') } }),
    async capture(body, options) {
      const response = await client.post('/epcis/capture', body, options);
      if (response.status !== 202) return { response };
      await house.epcis.jobs.idle();
      const job = await ask(String(response.headers.get('location')));
      return { response, job: (await job.json()) as NonNullable<Captured['job']> };
    },
    async restart() {
      await house.stop();
      house = await open();
    },
    async close() {
      await house.stop();
      clearInterval(alive);
      await log.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return client;
}
