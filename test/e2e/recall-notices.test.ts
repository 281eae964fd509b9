// A holder is told of a recall until his server takes the message, also when the house stops in between.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lotKey, profileHash, scopeRoot } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, it } from 'vitest';
import { GTIN, HOLDER, LOT, makeLots, registerWorld } from './support/aged-lot.ts';
import { eventually } from './support/eventually.ts';
import { openTestHouse, type TestHouse } from './support/house.ts';
import { createTempDir } from './support/paths.ts';

const HOUR_MS = 3_600_000;

interface Notice {
  readonly recall: string;
}

/** Answers 503 until `open` is called. */
async function openReceiver() {
  const taken: Notice[] = [];
  let refused = 0;
  let takes = false;
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    if (takes) taken.push(JSON.parse(body) as Notice);
    else refused += 1;
    response.writeHead(takes ? 204 : 503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/recalls`,
    taken,
    get refused() {
      return refused;
    },
    open() {
      takes = true;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request) body += chunk;
  return body;
}

async function noticesOf(house: TestHouse): Promise<unknown> {
  return (await fetch(`${house.url}/api/v1/recalls/R-1`)).json();
}

it('tells a holder until he takes it, over a restart', async () => {
  const receiver = await openReceiver();
  const folder = createTempDir();
  const open = () => openTestHouse({ directory: folder.path, privateWebhooks: true });
  let house = await open();
  try {
    await registerWorld(house);
    await house.submit(HOLDER, 'accounts', 'set-contact', { webhook: receiver.url });
    await makeLots(house, Date.now() - HOUR_MS);
    const hash = profileHash(nodeCrypto, house.profile);
    const keys = [lotKey(GTIN.fruit, LOT.fruit), lotKey(GTIN.peel, LOT.peel)];
    await house.submit('regulator', 'recalls', 'open', {
      recall: 'R-1',
      level: 2,
      mock: false,
      reason: 'residues above the limit',
      seeds: [{ gtin: GTIN.fruit, lot: LOT.fruit }],
      siblings: false,
      ancestors: false,
      scope: { root: scopeRoot(hash, keys), count: keys.length },
    });
    await eventually(async () => (receiver.refused > 0 ? true : undefined));
    await house.close();
    receiver.open();
    house = await open();
    const notice = await eventually(async () => receiver.taken[0]);
    expect(notice).toMatchObject({ recall: 'R-1', level: 2 });
    const holders = await eventually(async () => {
      const text = JSON.stringify(await noticesOf(house));
      return text.includes('delivered') ? text : undefined;
    });
    expect(holders).toContain(HOLDER);
    expect(receiver.taken).toHaveLength(1);
  } finally {
    await house.close();
    await receiver.close();
    folder.remove();
  }
});
