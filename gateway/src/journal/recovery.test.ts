import { logRoot, profileHash } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { expect, it } from 'vitest';
import { DeviceStates } from '../pipeline/device-state.ts';
import { encodeRecord, type JournalRecord } from './records.ts';
import { RecoveryScan } from './recovery.ts';

const hash = profileHash(nodeCrypto, 'international');
const root = logRoot(hash, []);
const FIRST = 7;

function scanOf(records: readonly JournalRecord[]) {
  const states = new DeviceStates({ windowPacks: 4, windowBoots: 1, windowGaps: 4 });
  const scan = new RecoveryScan(hash, states, {
    account: 'gateway-1',
    chainId: new Uint8Array(32),
    retainedFrom: { position: { segment: 0, offset: 0 }, batch: FIRST },
    windowsAt: null,
    quarantineNext: 0,
  });
  for (const [offset, record] of records.entries()) {
    scan.onRecord(encodeRecord(record), { segment: 0, offset });
  }
  return scan.result();
}

const closed = (batch: number): JournalRecord => ({
  ...{ kind: 'batch-closed', batch, root, count: 0, readings: 0, from_ms: 0, to_ms: 0 },
});
const stored = (batch: number): JournalRecord => ({ kind: 'stored', batch });
const anchored = (batch: number): JournalRecord => ({
  ...{ kind: 'anchored', batch, height: 1, time_ms: 1 },
});

it('gives each batch what the journal says of it, whatever was dropped before', () => {
  const { batches, nextBatch } = scanOf([
    closed(FIRST - 1),
    stored(FIRST - 1),
    anchored(3),
    closed(FIRST),
    closed(FIRST + 1),
    closed(FIRST + 2),
    stored(FIRST),
    stored(FIRST + 1),
    anchored(FIRST),
    { kind: 'submitting', batch: FIRST + 1, attempt: 2, validUntilHeight: 9 },
  ]);
  expect(nextBatch).toBe(FIRST + 3);
  expect(
    batches.map((b) => [b.packRecords === undefined, b.anchored, b.submissions.length]),
  ).toEqual([
    [true, true, 0],
    [true, false, 1],
    [false, false, 0],
  ]);
});

it('refuses a journal that closes its batches in another order', () => {
  expect(() => scanOf([closed(FIRST + 1)])).toThrow(/journal closes batch/);
});
