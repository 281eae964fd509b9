import fc from 'fast-check';
import { expect, test } from 'vitest';
import { imbalance, readStatus } from './model.ts';

const body = {
  time_ms: 5,
  chain: {
    name: 'n',
    genesis: 'ab',
    profile: 'guomi',
    height: 3,
    time_ms: 4,
    transactions: 2,
    mempool: 0,
  },
  gateway: {
    failure: null,
    connections: 6,
    packs: { received: 10, stored: 6, quarantined: 1, duplicate: 1, inFlight: 2 },
    batches: { open: 1, closed: 0, stored: 2, anchored: 2 },
    devices: [{ id: 'd', boot: 1, lastSeq: 9, lastTime_ms: null, lastReceived_ms: 5, missing: 0 }],
    quarantine: {
      reasons: { 'pack/bad-signature': 1, 'pack/other-device': 4, 'cose/malformed': 0 },
      countedOnly: 3,
      pending: 0,
    },
    alarms: {
      counts: { equivocation: 60, 'future-clock': 61, 'chain-break': 0 },
      recent: [
        { time_ms: 1, kind: 'equivocation', device: 'd', message: 'old' },
        { time_ms: 2, kind: 'future-clock', device: 'd', message: 'new' },
      ],
    },
  },
  health: { ok: true, parts: { ledger: 'ok' } },
};

test('a status is read whole, the newest alarm first', () => {
  const status = readStatus(body);
  expect(status?.gateway?.packs.inFlight).toBe(2);
  expect(status?.gateway?.alarms.map((alarm) => alarm.message)).toEqual(['new', 'old']);
  expect(status?.health.parts).toEqual([['ledger', 'ok']]);
});

test('reasons and alarms are counted whole, the most frequent first, and nothing that never happened', () => {
  const gateway = readStatus(body)?.gateway;
  expect(gateway?.quarantine).toEqual({
    reasons: [
      ['pack/other-device', 4],
      ['pack/bad-signature', 1],
    ],
    countedOnly: 3,
  });
  expect(gateway?.alarmCounts).toEqual([
    ['future-clock', 61],
    ['equivocation', 60],
  ]);
});

test('the equation balances, or says by how much not', () => {
  const packs = { received: 10, stored: 6, quarantined: 1, duplicate: 1, inFlight: 2 };
  expect(imbalance(packs)).toBe(0);
  expect(imbalance({ ...packs, stored: 5 })).toBe(1);
});

test('a node without a gateway is a status too', () => {
  expect(readStatus({ ...body, gateway: null })?.gateway).toBeNull();
});

test('any JSON is read or refused, never thrown at', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (gateway) => {
      expect(readStatus({ ...body, gateway })).not.toBeNull();
      expect(() => readStatus(gateway)).not.toThrow();
    }),
  );
});
