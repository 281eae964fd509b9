import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { AppError, encodeCbor } from '@suyuan/contracts';
import { describe, expect, it } from 'vitest';
import type { HeldSnapshot, Snapshot } from '../storage/database.ts';
import { nextTurn } from '../storage/log-levels.ts';
import { createWorld, GTIN, seedLot } from '../testing/world.ts';
import { createTraceDesk } from './desk.ts';
import { scopeOf } from './scope.ts';
import { seedsOf } from './sources.ts';

function openDesk() {
  let now_ms = 0;
  let held = 0;
  const none = () => {
    throw new Error('nothing is read here');
  };
  const hold = (): HeldSnapshot => {
    held += 1;
    let open = true;
    return {
      get: none,
      peek: none,
      keys: none,
      grown_bytes: () => 0,
      release() {
        if (open) held -= 1;
        open = false;
      },
    };
  };
  const desk = createTraceDesk({ hold, elapsed_ms: () => now_ms });
  return {
    desk,
    held: () => held,
    advance(by_ms: number) {
      now_ms += by_ms;
    },
  };
}

const KIB = new Uint8Array(1024).fill(7);

function* many(count: number, told: (n: number) => void = () => {}): Generator<Uint8Array> {
  for (let n = 0; n < count; n++) {
    told(n);
    yield KIB;
  }
}

async function codeOf(body: () => Promise<unknown>): Promise<string | undefined> {
  try {
    await body();
    return undefined;
  } catch (error) {
    return error instanceof AppError ? error.code : `no AppError: ${String(error)}`;
  }
}

describe('a trace desk', () => {
  it('gives all of it and the moment back', async () => {
    const { desk, held } = openDesk();
    const stream = await desk.open(() => many(1000));
    expect(held()).toBe(1);
    expect((await buffer(stream)).length).toBe(1000 * KIB.length);
    expect(held()).toBe(0);
  });

  it('works no further ahead than a caller takes', async () => {
    const { desk, held } = openDesk();
    let made = 0;
    const stream = await desk.open(() =>
      many(100_000, (n) => {
        made = n;
      }),
    );
    stream.read();
    await once(stream, 'readable');
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    // Pieces of 16 KiB, of which a stream keeps a few.
    expect(made).toBeLessThan(200);
    stream.destroy();
    await once(stream, 'close');
    expect(held()).toBe(0);
  });

  it('gives the moment back when the caller leaves before it began', async () => {
    const { desk, held } = openDesk();
    const stream = await desk.open(() => many(10));
    stream.destroy();
    await once(stream, 'close');
    expect(held()).toBe(0);
  });

  it('lets other work through within a long piece of it', async () => {
    const { desk, advance } = openDesk();
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    const small = new Uint8Array(1);
    function* slow(): Generator<Uint8Array> {
      for (let n = 0; n < 60; n++) {
        advance(2);
        yield small;
      }
    }
    await buffer(await desk.open(slow));
    expect(turns).toBeGreaterThan(10);
    turns = 1000;
  });

  it('lets other work through before the first piece, and throws what goes wrong there', async () => {
    const { desk, advance, held } = openDesk();
    let turns = 0;
    const count = () => {
      turns += 1;
      if (turns < 1000) setImmediate(count);
    };
    setImmediate(count);
    function* gathering(): Generator<Uint8Array> {
      for (let n = 0; n < 60; n++) {
        advance(2);
        yield new Uint8Array(0);
      }
      throw new AppError('trace/too-large', 'no');
    }
    expect(await codeOf(() => desk.open(gathering))).toBe('trace/too-large');
    expect(turns).toBeGreaterThan(10);
    turns = 1000;
    function* endless(): Generator<Uint8Array> {
      for (;;) {
        advance(1000);
        yield new Uint8Array(0);
      }
    }
    expect(await codeOf(() => desk.open(endless))).toBe('trace/too-slow');
    expect(held()).toBe(0);
  });

  it('breaks off for a caller who takes too long', async () => {
    const { desk, held, advance } = openDesk();
    const stream = await desk.open(() => many(10_000));
    await once(stream, 'readable');
    advance(120_001);
    await expect(buffer(stream)).rejects.toMatchObject({ code: 'trace/too-slow' });
    expect(held()).toBe(0);
  });

  it('takes a few at a time', async () => {
    const { desk, held } = openDesk();
    const streams = await Promise.all(Array.from({ length: 8 }, () => desk.open(() => many(10))));
    expect(await codeOf(() => desk.open(() => many(10)))).toBe('http/busy');
    streams[0]?.destroy();
    await once(streams[0]!, 'close');
    await buffer(await desk.open(() => many(10)));
    await Promise.all(streams.slice(1).map((stream) => buffer(stream)));
    expect(held()).toBe(0);
  });

  it('throws at once what goes wrong before the first piece', async () => {
    const { desk, held } = openDesk();
    const unknown = () =>
      desk.open(function* () {
        if (held() > 0) throw new AppError('trace/unknown', 'no');
        yield KIB;
      });
    for (let i = 0; i < 20; i++) expect(await codeOf(unknown)).toBe('trace/unknown');
    expect(held()).toBe(0);
  });
});

it('gathering the lots of a place leaves turns to others', () => {
  const page = new Uint8Array(512).fill(255);
  let pages = 1;
  const at: Snapshot = {
    get: (table) => (table === 'state' ? encodeCbor({}) : page),
    peek: (table, _key, use) => (table === 'state' ? use(encodeCbor({})) : undefined),
    keys: () => (pages-- > 0 ? [new Uint8Array(16)] : []),
  };
  let longest = 0;
  let now = 0;
  for (const seed of seedsOf(at, { kind: 'place', id: '6901234500110' })) {
    now = seed === null ? 0 : now + 1;
    longest = Math.max(longest, now);
  }
  expect(now).toBeGreaterThan(0);
  expect(longest).toBeLessThanOrEqual(256);
});

describe('the index in a node', () => {
  it('is written with the block and rebuilt from the log', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'suyuan-trace-node-'));
    const world = createWorld();
    const read = (node: Awaited<ReturnType<typeof world.start>>) => {
      const held = node.hold();
      try {
        return [...scopeOf(held, [{ gtin: GTIN, lot: 'A' }])];
      } finally {
        held.release();
      }
    };
    try {
      let node = await world.start({ directory });
      await seedLot(world, node, 'A');
      expect(read(node)).toEqual([{ gtin: GTIN, lot: 'A' }]);
      await node.close();
      node = await world.start({ directory, reindex: true });
      expect(read(node)).toEqual([{ gtin: GTIN, lot: 'A' }]);
      await node.close();
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
