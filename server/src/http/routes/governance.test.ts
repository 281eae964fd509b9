import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createNoReadings } from '../../readings/none.ts';
import { type OpenServer, openServer, problemIn } from '../testing/open-server.ts';

const CONSENSUS = {
  ...{ id: 'bureau', epoch: 2, slot: 9, leader: 'carrier', height: 7, voting: false },
  reason: { code: 'signer/guard-missing', message: 'The guard file is missing.' },
  ...{ failed: false, validators: 4, quorum: 3, peers: ['carrier'], clock: null },
};

let server: OpenServer;
beforeAll(async () => {
  server = await openServer({
    readings: createNoReadings(),
    statusSources: { consensus: () => [CONSENSUS] },
  });
});
afterAll(() => server.close());
const get = (url: string) => server.app.inject({ method: 'GET', url });

describe('a node of the consortium', () => {
  it('tells who votes, under which rules, and what is proposed', async () => {
    const told = (await get('/api/v1/governance')).json();
    const { members } = told.validators;
    expect(told).toMatchObject({
      height: server.world.node.height(),
      quorum: Math.floor((2 * members.length) / 3) + 1,
      validators: { epoch: 0, from: 1 },
      rules: { modules: [] },
      proposals: [],
    });
    expect(members[0].key.key).toMatch(/^[0-9a-f]{64}$/);
  });

  it('knows no proposal that nobody made, nor one that could not be', async () => {
    const none = await get('/api/v1/governance/proposals/none');
    expect(none.statusCode).toBe(404);
    expect(problemIn(none).code).toBe('http/not-found');
    expect((await get('/api/v1/governance/proposals/A%2Fb')).statusCode).toBe(400);
  });

  it('says how it takes part', async () => {
    expect((await get('/api/v1/status')).json().consensus).toEqual([CONSENSUS]);
  });

  it('without readings says where they are, and is healthy all the same', async () => {
    const { device } = server.seeded.packs[0] ?? { device: '' };
    const asked = await get(`/api/v1/proofs/packs/${device}/0/0?logSize=1`);
    expect(asked.statusCode).toBe(404);
    expect(problemIn(asked).code).toBe('readings/not-kept');
    expect((await get('/health')).json().parts.store).toBe('ok');
  });
});
