import { type AppError, encodeCbor } from '@suyuan/contracts';
import { nodeCrypto as crypto } from '@suyuan/contracts/node';
import { createMemoryDisk, type MemoryDisk, openRecordLog } from '@suyuan/durable';
import { beforeEach, describe, expect, it } from 'vitest';
import { proposalBytes, voteBytes } from '../messages/index.ts';
import { chainId, hash, secretOf } from '../messages/testing/votes.ts';
import { createBook, STATEMENTS_MAX } from './book.ts';
import { encodeGuardRecord } from './guard-record.ts';
import { foundGuard, openSigner, type SignedStatement, type SignerOptions } from './index.ts';

const path = '/data/guard';
const secret = secretOf(0);
const publicKey = crypto.publicKeyOf(secret);
const A: Uint8Array = new Uint8Array(32).fill(0xaa);
const B: Uint8Array = new Uint8Array(32).fill(0xbb);
const at = { epoch: 0, slot: 5 };
const notar = (block = A, place = at): SignedStatement => ({ kind: 'notar', ...place, block });
const final = (block = A, place = at): SignedStatement => ({ kind: 'final', ...place, block });
const skip = (place = at): SignedStatement => ({ kind: 'skip', ...place });
const propose = (block = A, parentSlot = 4): SignedStatement => ({
  kind: 'propose',
  ...at,
  block,
  parentSlot,
});

let disk: MemoryDisk;
const open = (options: Partial<SignerOptions> = {}) =>
  openSigner({ disk, path, secret, crypto, chainId, ...options });
const found = () => foundGuard({ disk, path, publicKey, chainId });
const refusal = (wait: Promise<unknown>): Promise<string> =>
  wait.then(
    () => 'nothing refused',
    (error: AppError) => error.code,
  );

beforeEach(() => {
  disk = createMemoryDisk(() => 0.5);
});

describe('what is signed', () => {
  it('are the bytes of the formats, in order', async () => {
    await found();
    const signer = await open();
    expect(signer.key).toEqual(publicKey);
    const signatures = await signer.sign([
      propose(),
      notar(),
      final(),
      skip({ epoch: 0, slot: 6 }),
    ]);
    const place = { chainId, ...at };
    const messages = [
      proposalBytes({ ...place, block: A, parentSlot: 4 }),
      voteBytes({ ...place, kind: 'notar', block: A }),
      voteBytes({ ...place, kind: 'final', block: A }),
      voteBytes({ ...place, slot: 6, kind: 'skip', block: null }),
    ];
    for (const [i, message] of messages.entries()) {
      expect(crypto.verify(publicKey, message, signatures[i]!)).toBe(true);
    }
  });

  it('is the same statement again, before and after a restart', async () => {
    await found();
    const first = await open();
    const said = [propose(), notar(), final()];
    const signatures = await first.sign(said);
    expect(await first.sign(said)).toEqual(signatures);
    disk.restart();
    const second = await open();
    expect(second.signed(0)).toEqual(said);
    expect(second.signed(1)).toEqual([]);
    expect(await second.sign(said)).toEqual(signatures);
  });

  it('does not change with the bytes that the caller keeps', async () => {
    await found();
    const signer = await open();
    const block = A.slice();
    const wait = signer.sign([notar(block)]);
    block.fill(0xbb);
    const [signature] = await wait;
    const message = voteBytes({ chainId, ...at, kind: 'notar', block: A });
    expect(crypto.verify(publicKey, message, signature!)).toBe(true);
    expect(signer.signed(0)).toEqual([notar(A)]);
  });
});

describe('a conflict', () => {
  const cases: [string, SignedStatement[], SignedStatement][] = [
    ['another notar vote', [notar()], notar(B)],
    ['another proposal', [propose()], propose(B)],
    ['the same proposal upon another parent', [propose()], propose(A, 3)],
    ['a final vote without a notar vote', [], final()],
    ['a final vote for another block than the notar vote', [notar(B)], final()],
    ['a final vote beside a skip vote', [notar(), skip()], final()],
    ['a skip vote beside a final vote', [notar(), final()], skip()],
  ];

  it.each(cases)('is %s', async (_name, before, conflicting) => {
    await found();
    const signer = await open();
    await signer.sign(before);
    expect(await refusal(signer.sign([conflicting]))).toBe('signer/conflict');
    // Nothing of a call is signed, and nothing of it is remembered.
    const other = notar(B, { epoch: 0, slot: 9 });
    expect(await refusal(signer.sign([other, conflicting]))).toBe('signer/conflict');
    await signer.sign([notar(A, { epoch: 0, slot: 9 })]);
    disk.restart();
    expect(await refusal((await open()).sign([conflicting]))).toBe('signer/conflict');
  });

  it.each(cases)(
    'is seen while the first waits for the disk: %s',
    async (_n, before, conflicting) => {
      await found();
      const signer = await open();
      const first = signer.sign(before);
      const second = refusal(signer.sign([conflicting]));
      await first;
      expect(await second).toBe('signer/conflict');
    },
  );

  it.each(cases)('is seen within one call: %s', async (_name, before, conflicting) => {
    await found();
    expect(await refusal((await open()).sign([...before, conflicting]))).toBe('signer/conflict');
  });

  it('is none: a notar vote after a skip vote, the same slot of another epoch', async () => {
    await found();
    const signer = await open();
    await signer.sign([skip()]);
    await signer.sign([notar()]);
    await signer.sign([notar(B, { epoch: 1, slot: 5 })]);
  });

  it('is whatever lies where all is final', async () => {
    await found();
    let signer = await open();
    await signer.sign([notar(), skip({ epoch: 0, slot: 6 }), skip({ epoch: 1, slot: 0 })]);
    await signer.release(0, 5);
    expect(signer.signed(0)).toEqual([skip({ epoch: 0, slot: 6 })]);
    expect(await refusal(signer.sign([notar()]))).toBe('signer/conflict');
    expect(await refusal(signer.sign([skip({ epoch: 0, slot: 0 })]))).toBe('signer/conflict');
    await signer.release(1, -1);
    await signer.sign([skip({ epoch: 1, slot: 1 })]);
    disk.restartKeepingCache();
    signer = await open();
    expect(signer.signed(0)).toEqual([]);
    expect(signer.signed(1).map(({ slot }) => slot)).toEqual([0, 1]);
    await signer.release(1, 2);
    await signer.release(0, 9);
    expect(signer.signed(0)).toEqual([]);
    expect(await refusal(signer.sign([notar(A, { epoch: 0, slot: 7 })]))).toBe('signer/conflict');
    await signer.sign([skip({ epoch: 1, slot: 3 })]);
    disk.restart();
    const again = await open();
    expect(again.signed(1)).toEqual([skip({ epoch: 1, slot: 3 })]);
    expect(await refusal(again.sign([skip({ epoch: 1, slot: 2 })]))).toBe('signer/conflict');
  });
});

describe('what is no statement', () => {
  const nothing: [string, SignedStatement][] = [
    ['a slot below 0', skip({ epoch: 0, slot: -1 })],
    ['an epoch that is no integer', skip({ epoch: 0.5, slot: 1 })],
    ['a short hash', notar(new Uint8Array(31))],
    ['a parent that is not before', propose(A, 5)],
    ['another kind', { ...at, block: A, kind: 'maybe' as 'notar' }],
  ];

  it.each(nothing)('is not signed: %s', async (_name, statement) => {
    await found();
    expect(await refusal((await open()).sign([statement]))).toBe('signer/bad-statement');
  });

  it('is not signed as a handshake either', async () => {
    await found();
    const signer = await open();
    const transcript = encodeCbor(['suyuan/peer/1', chainId, 'dials']);
    expect(crypto.verify(publicKey, transcript, signer.signHandshake(transcript))).toBe(true);
    const vote = voteBytes({ chainId, ...at, kind: 'notar', block: A });
    for (const bytes of [
      vote,
      new Uint8Array(0),
      transcript.subarray(1),
      encodeCbor([transcript]),
    ]) {
      expect(await refusal(Promise.resolve().then(() => signer.signHandshake(bytes)))).toBe(
        'signer/bad-statement',
      );
    }
  });
});

describe('the guard file', () => {
  it('is made once', async () => {
    await found();
    const before = disk.contentOf(path);
    expect(await refusal(found())).toBe('signer/guard-exists');
    expect(disk.contentOf(path)).toEqual(before);
  });

  it('is not made by opening, and missing it says what to do', async () => {
    const error = await open().catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({ code: 'signer/guard-missing' });
    expect((error as AppError).message).toMatch(/Never make a new one.*suyuan governance rotate/);
    await expect(disk.list('/data')).resolves.toEqual([]);
  });

  it('of another key or ledger is refused', async () => {
    await found();
    expect(await refusal(open({ secret: secretOf(1) }))).toBe('signer/guard-other-key');
    expect(await refusal(open({ chainId: A }))).toBe('signer/guard-other-chain');
  });

  it('made before there was a ledger belongs to the first one that opens it', async () => {
    await foundGuard({ disk, path, publicKey });
    await open({ chainId: A });
    disk.restart();
    expect(await refusal(open())).toBe('signer/guard-other-chain');
    await open({ chainId: A });
  });

  it('damaged anywhere before its tail votes for nothing, and stays as it is', async () => {
    await found();
    const signer = await open();
    await signer.sign([notar()]);
    await signer.sign([final()]);
    await signer.close();
    const good = disk.contentOf(path);
    // The last 16 bytes are the sync mark: without it only a torn tail is cut.
    for (let byte = 0; byte < good.length - 16; byte += 3) {
      const bad = good.slice();
      bad[byte]! ^= 0x10;
      disk.setContent(path, bad);
      expect(await refusal(open()), `byte ${byte}`).toBe('signer/guard-damaged');
      expect(disk.contentOf(path)).toEqual(bad);
    }
    disk.setContent(path, good);
    expect((await open()).signed(0)).toEqual([notar(), final()]);
  });

  it.each([0, 10, 20, 35])('of %i bytes is damaged and stays as it is', async (size) => {
    await found();
    disk.setContent(path, disk.contentOf(path).subarray(0, size));
    expect(await refusal(open())).toBe('signer/guard-damaged');
    expect(disk.contentOf(path).length).toBe(size);
  });

  it.each<[string, Uint8Array[]]>([
    ['another first record', [encodeGuardRecord({ type: 'signed', statement: notar() })]],
    ['two heads', Array(2).fill(encodeGuardRecord({ type: 'guard', key: publicKey, chainId }))],
    ['no record at all', [encodeCbor(7)]],
    ['a record of another program', [encodeCbor(['later', 1, 2])]],
  ])('with %s is damaged', async (_name, records) => {
    const log = await openRecordLog({ path, maxRecord_bytes: 512, disk }, () => {});
    for (const record of records) await log.append(record);
    await log.close();
    expect(await refusal(open())).toBe('signer/guard-damaged');
  });

  it('whose records contradict each other is damaged', async () => {
    await found();
    const log = await openRecordLog({ path, maxRecord_bytes: 512, disk }, () => {});
    await log.append(encodeGuardRecord({ type: 'signed', statement: notar() }));
    await log.append(encodeGuardRecord({ type: 'signed', statement: notar(B) }));
    await log.close();
    expect(await refusal(open())).toBe('signer/guard-damaged');
  });

  it.each([
    ['write', 'ENOSPC'],
    ['dataSync', 'EIO'],
  ] as const)(
    'that the disk refuses (%s) signs nothing more until it is opened again',
    async (call, code) => {
      await found();
      let signed = 0;
      const counting = {
        ...crypto,
        sign: (...args: Parameters<typeof crypto.sign>) => {
          signed += 1;
          return crypto.sign(...args);
        },
      };
      const signer = await open({ crypto: counting });
      disk.failNext(call, code);
      const waits = [signer.sign([notar()]), signer.sign([skip()])].map(refusal);
      expect(await Promise.all(waits)).toEqual(['signer/guard-failed', 'signer/guard-failed']);
      expect(await refusal(signer.sign([skip({ epoch: 0, slot: 8 })]))).toBe('signer/guard-failed');
      expect(signed).toBe(0);
      expect(signer.signed(0)).toEqual([]);
      await signer.close();
      disk.restart();
      const again = await open();
      await again.sign([notar()]);
    },
  );

  it('that cannot be read is no reason to vote', async () => {
    await found();
    disk.failNext('read', 'EIO');
    expect(await refusal(open())).toBe('signer/guard-failed');
  });

  it('stays short while blocks are released, and long ago is still refused', async () => {
    await found();
    const signer = await open({ maxFile_bytes: 4096 });
    let longest = 0;
    for (let slot = 0; slot < 400; slot++) {
      const block = hash(Uint8Array.of(slot & 255));
      await signer.sign([notar(block, { epoch: 0, slot }), final(block, { epoch: 0, slot })]);
      if (slot > 3) await signer.release(0, slot - 3);
      longest = Math.max(longest, disk.contentOf(path).length);
    }
    expect(longest).toBeLessThan(3 * 4096);
    await signer.close();
    const again = await open();
    expect(again.signed(0).map(({ slot }) => slot)).toEqual([397, 397, 398, 398, 399, 399]);
    expect(await refusal(again.sign([skip({ epoch: 0, slot: 100 })]))).toBe('signer/conflict');
    await expect(disk.list('/data')).resolves.toEqual(['guard']);
  });

  it('that nothing is released of grows no further than its bound', () => {
    const book = createBook();
    book.take(Array.from({ length: STATEMENTS_MAX }, (_, slot) => skip({ epoch: 0, slot })));
    const more = () => book.take([skip({ epoch: 1, slot: 0 })]);
    expect(more).toThrow(expect.objectContaining({ code: 'signer/guard-full' }));
    expect(book.take([skip({ epoch: 0, slot: 7 })])).toEqual([]);
    book.release({ epoch: 0, slot: 0 });
    expect(more()).toHaveLength(1);
  });

  it('written anew is damaged if what was written at once is not all there', async () => {
    const record = encodeGuardRecord({ type: 'guard', key: publicKey, chainId });
    const log = await openRecordLog({ path: '/data/other', maxRecord_bytes: 512, disk }, () => {});
    await log.append(record);
    await log.close();
    expect(await refusal(open({ path: '/data/other' }))).toBe('signer/guard-damaged');
  });

  it('closed signs nothing', async () => {
    await found();
    const signer = await open();
    await signer.close();
    expect(await refusal(signer.sign([notar()]))).toBe('signer/closed');
  });
});
