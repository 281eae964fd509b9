// Peers that send what they should not, too much, too slowly, or nothing.

import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import { encodeCbor, publicKeyToValue } from '@suyuan/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { createChannelCertificate } from './certificate.ts';
import { PIECE_BYTES } from './frames.ts';
import { CHAIN, createStage, settled, testKey, validatorOf } from './testing/nodes.ts';
import { connectPuppet, createPuppet, frameOf, type Puppet } from './testing/puppet.ts';

const VALIDATORS = ['org-1', 'org-2', 'org-3', 'org-4'].map((id) => validatorOf(id));
const GIB_4 = Uint8Array.of(0xff, 0xff, 0xff, 0xff);

const { start, clear } = createStage(VALIDATORS);
afterEach(clear);

const concat = (...parts: Uint8Array[]): Uint8Array => Buffer.concat(parts);

describe('before a peer has proved its key', () => {
  const badFirst: [string, (puppet: Puppet) => Uint8Array, string][] = [
    ['garbage', () => randomBytes(64).fill(0x99, 0, 5), 'peer/bad-frame'],
    ['a frame of 4 GiB', () => concat(GIB_4, Uint8Array.of(0x10)), 'peer/bad-frame'],
    ['a vote', () => frameOf('consensus', new Uint8Array(10)), 'peer/bad-hello'],
    ['a ping', () => frameOf('ping', new Uint8Array(0)), 'peer/bad-hello'],
    ['a proof', () => frameOf('proof', new Uint8Array(64)), 'peer/bad-hello'],
    ['an empty hello', () => frameOf('hello', new Uint8Array(0)), 'peer/bad-hello'],
    ['a hello of zeros', () => frameOf('hello', new Uint8Array(512)), 'peer/bad-hello'],
    ['a hello of another kind', () => frameOf('hello', encodeCbor([1, 2])), 'peer/bad-hello'],
    ['another version', () => frameOf('hello', encodeCbor([2, 'new'])), 'peer/other-version'],
    [
      'an id that is none',
      () =>
        frameOf(
          'hello',
          encodeCbor([
            1,
            CHAIN,
            '../..',
            publicKeyToValue(testKey('org-2').key),
            new Uint8Array(16),
            new Uint8Array(16),
          ]),
        ),
      'peer/bad-hello',
    ],
    [
      'a second hello',
      ({ handshake }) =>
        concat(frameOf('hello', handshake.hello), frameOf('hello', handshake.hello)),
      'peer/bad-frame',
    ],
    [
      'a proof of zeros',
      ({ handshake }) =>
        concat(frameOf('hello', handshake.hello), frameOf('proof', new Uint8Array(64))),
      'peer/bad-proof',
    ],
    [
      'a short proof',
      ({ handshake }) =>
        concat(frameOf('hello', handshake.hello), frameOf('proof', new Uint8Array(3))),
      'peer/bad-proof',
    ],
  ];
  it.each(badFirst)('%s ends the connection', async (_name, bytes, code) => {
    const one = await start('org-1');
    const puppet = await createPuppet(one.port);
    puppet.sendBytes(bytes(puppet));
    expect(await puppet.story.until('bye')).toBe(`bye ${code}`);
    await puppet.story.until('closed');
    await one.log.until(code);
    expect(one.heard.lines).toEqual([]);
  });

  it('what is no TLS ends at once', async () => {
    const one = await start('org-1');
    const socket = connect(one.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect(await one.log.until('peer/no-tls')).toMatch(/^warn /);
  });

  it('takes no older TLS', async () => {
    const one = await start('org-1');
    const old = connectTls({
      host: '127.0.0.1',
      port: one.port,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    });
    const error = await new Promise<Error>((resolve) => old.once('error', resolve));
    expect(error.message).toContain('version');
  });

  it('one that says nothing, half a TLS hello or half of ours is not waited for', async () => {
    const one = await start('org-1');
    const silent = connect(one.port, '127.0.0.1');
    const half = connect(one.port, '127.0.0.1');
    half.write(Uint8Array.of(0x16, 0x03, 0x01));
    const slow = await createPuppet(one.port);
    slow.sendBytes(frameOf('hello', slow.handshake.hello).subarray(0, 20));
    await slow.story.until('hello');
    const closed = [silent, half].map(
      (socket) => new Promise((resolve) => socket.resume().once('close', resolve)),
    );
    await settled(() => one.clock.timers.filter((left_ms) => left_ms === 10_000).length === 4);
    one.clock.advance(10_000);
    await Promise.all([...closed, slow.story.until('closed')]);
    expect(await one.log.until('peer/too-slow')).toMatch(/^warn /);
  });

  it('many of them do not keep a validator out, and are no more than the limit', async () => {
    const one = await start('org-1', { limits: { pending: 8 } });
    const sockets: Socket[] = [];
    for (let i = 0; i < 30; i++) {
      const socket = connect(one.port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket.resume());
    }
    await settled(() => sockets.filter((socket) => socket.closed).length === 22);
    await one.log.until('peer/too-many-connections');
    expect(one.clock.timers).toHaveLength(8);
    const validator = await connectPuppet(one.port);
    validator.end();
    for (const socket of sockets) socket.destroy();
  });

  // Only there is all of 127/8 this machine.
  it.runIf(process.platform === 'linux')(
    'all places full of those of many addresses: the next one of any other is let in at once',
    async () => {
      const one = await start('org-1');
      const sockets: Socket[] = [];
      for (let i = 0; i < 96; i++) {
        const localAddress = `127.0.0.${2 + (i % 6)}`;
        const socket = connect({ host: '127.0.0.1', port: one.port, localAddress });
        socket.on('error', () => {});
        sockets.push(socket.resume());
      }
      await settled(() => sockets.filter((socket) => socket.closed).length === 32);
      expect(one.clock.timers).toHaveLength(64);
      const validator = await connectPuppet(one.port);
      await one.heard.until('+org-2');
      expect(sockets.filter((socket) => socket.closed)).toHaveLength(33);
      validator.end();
      for (const socket of sockets) socket.destroy();
    },
  );

  it('an address that connects too often has to wait', async () => {
    const one = await start('org-1', { limits: { connectBurst: 2, connect_per_s: 1 } });
    for (let i = 0; i < 2; i++) (await createPuppet(one.port)).end();
    await expect(createPuppet(one.port)).rejects.toThrow();
    await one.log.until('peer/too-many-connections');
    one.clock.advance(1000);
    (await createPuppet(one.port)).end();
  });
});

describe('someone in between', () => {
  it('who relays the handshake through sessions of its own proves nothing', async () => {
    const one = await start('org-1');
    const frames: Uint8Array[] = [];
    const middle = createTlsServer(createChannelCertificate(), (inside) => {
      const outside = connectTls({ host: '127.0.0.1', port: one.port, rejectUnauthorized: false });
      inside.on('data', (chunk: Uint8Array) => {
        frames.push(chunk);
        outside.write(chunk);
      });
      outside.on('data', (chunk: Uint8Array) => inside.write(chunk));
      for (const socket of [inside, outside]) {
        socket.on('error', () => {});
        socket.on('close', () => {
          inside.destroy();
          outside.destroy();
        });
      }
    });
    await new Promise<void>((resolve) => middle.listen(0, '127.0.0.1', resolve));
    const address = middle.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const two = await start('org-2', { peers: [{ id: 'org-1', host: '127.0.0.1', port }] });
    two.clock.advance(1000);
    expect(await one.log.until('peer/bad-proof')).toMatch(/^error /);
    expect(frames.length).toBeGreaterThan(0);
    expect([...one.heard.lines, ...two.heard.lines]).toEqual([]);
    await two.transport.stop();
    await new Promise((resolve) => middle.close(resolve));
  });

  it('who carries the bare bytes of one session sees the handshake succeed, and nothing in it', async () => {
    const one = await start('org-1');
    const wire = createServer((inside) => {
      const outside = connect(one.port, '127.0.0.1');
      inside.pipe(outside).pipe(inside);
      for (const socket of [inside, outside]) socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => wire.listen(0, '127.0.0.1', resolve));
    const address = wire.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const two = await start('org-2', { peers: [{ id: 'org-1', host: '127.0.0.1', port }] });
    two.clock.advance(1000);
    await Promise.all([one.heard.until('+org-2'), two.heard.until('+org-1')]);
    await two.transport.stop();
    await new Promise((resolve) => wire.close(resolve));
  });

  it('who repeats a hello and a proof of before proves nothing', async () => {
    const one = await start('org-1');
    const honest = await connectPuppet(one.port);
    const recorded = concat(
      frameOf('hello', honest.handshake.hello),
      frameOf('proof', honest.handshake.proof()),
    );
    honest.end();
    await one.heard.until('-org-2');
    const thief = await createPuppet(one.port);
    thief.sendBytes(recorded);
    expect(await thief.story.until('bye')).toBe('bye peer/bad-proof');
  });

  it('who gives back what it heard is no peer', async () => {
    const one = await start('org-1');
    const mirror = await createPuppet(one.port);
    await mirror.story.until('hello');
    mirror.send('hello', mirror.theirs.get('hello')!);
    mirror.send('proof', new Uint8Array(64));
    expect(await mirror.story.until('bye')).toBe('bye peer/bad-proof');
  });
});

describe('after its key is proved', () => {
  const bad: [string, () => Uint8Array][] = [
    ['a frame of 4 GiB', () => concat(GIB_4, Uint8Array.of(0x01))],
    ['a frame larger than a piece', () => frameOf('blocks', new Uint8Array(PIECE_BYTES + 1))],
    ['a small piece with more to come', () => frameOf('blocks', new Uint8Array(100), true)],
    ['an unknown kind', () => Uint8Array.of(0, 0, 0, 0, 0x42)],
    ['a second hello', () => frameOf('hello', new Uint8Array(1))],
    ['a ping with something in it', () => frameOf('ping', new Uint8Array(1))],
    [
      'a message larger than its channel allows',
      () =>
        concat(
          ...Array.from({ length: 17 }, () =>
            frameOf('transactions', new Uint8Array(PIECE_BYTES), true),
          ),
        ),
    ],
  ];
  it.each(bad)('%s ends the connection', async (_name, bytes) => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port);
    puppet.sendBytes(bytes());
    expect(await puppet.story.until('bye')).toBe('bye peer/bad-frame');
    await one.heard.until('-org-2');
    expect(one.heard.lines).toEqual(['+org-2', '-org-2']);
  });

  it('one that sends such things again and again is kept out', async () => {
    const one = await start('org-1');
    for (let i = 0; i < 5; i++) {
      const puppet = await connectPuppet(one.port);
      puppet.sendBytes(concat(GIB_4, Uint8Array.of(0x01)));
      await puppet.story.until('closed');
    }
    const again = await createPuppet(one.port);
    void again.shakeHands();
    expect(await again.story.until('bye')).toBe('bye peer/blamed');
  });

  it('a frame that does not end is not waited for', async () => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port);
    puppet.sendBytes(frameOf('consensus', new Uint8Array(100)).subarray(0, 50));
    await settled(() => one.clock.timers.includes(20_000));
    puppet.sendBytes(Uint8Array.of(0));
    one.clock.advance(20_000);
    expect(await puppet.story.until('bye')).toBe('bye peer/too-slow');
    expect(await one.log.until('peer/too-slow')).toMatch(/^warn /);
  });

  it('one that is gone without a word is noticed', async () => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port);
    await one.heard.until('+org-2');
    one.clock.advance(15_000);
    await puppet.story.until('ping');
    one.clock.advance(15_000);
    expect(await one.log.until('peer/unresponsive')).toMatch(/^warn /);
    expect(one.heard.lines).toEqual(['+org-2', '-org-2']);
  });

  it('one that answers pings stays, at the cost of one ping in fifteen seconds', async () => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port);
    await one.heard.until('+org-2');
    for (let i = 1; i <= 10; i++) {
      one.clock.advance(15_000);
      await settled(() => puppet.story.lines.filter((line) => line === 'ping 0').length === i);
      puppet.send('pong');
      puppet.send('transactions', Uint8Array.of(i));
      await one.heard.until(`transactions 1:${i}`);
      expect(one.clock.timers).toHaveLength(1);
      one.clock.advance(15_000);
    }
    expect(one.transport.peers()).toHaveLength(1);
    puppet.end();
  });

  it('a flood is taken in only so fast, while the votes of others come through', async () => {
    const one = await start('org-1');
    const flooder = await connectPuppet(one.port, { id: 'org-2' });
    const honest = await connectPuppet(one.port, { id: 'org-3' });
    const flood = concat(
      ...Array.from({ length: 20_000 }, () => frameOf('consensus', Uint8Array.of(1))),
    );
    flooder.sendBytes(flood);
    await settled(() => one.heard.lines.length > 4000);
    for (let i = 0; i < 20; i++) {
      honest.send('consensus', Uint8Array.of(100 + i));
      await one.heard.until(`org-3 consensus 1:${100 + i}`);
    }
    const taken = one.heard.lines.filter((line) => line === 'org-2 consensus 1:1').length;
    // Two seconds of its rate, and what one read of the socket holds beyond it.
    expect(taken).toBeGreaterThan(3900);
    expect(taken).toBeLessThan(4000 + 2 * (PIECE_BYTES / 6));
    expect(one.transport.peers()).toHaveLength(2);
    flooder.end();
    honest.end();
  });

  it('one that never reads costs a bounded queue, then its connection', async () => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port);
    await one.heard.until('+org-2');
    puppet.socket.pause();
    const message = new Uint8Array(1024 * 1024);
    let turns = 0;
    let refused = 0;
    while (refused < 100) {
      if (!one.transport.send('org-2', 'blocks', message)) refused += 1;
      if (turns++ % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    expect(one.transport.status()[0]?.waiting_bytes).toBeLessThanOrEqual(16 * 1024 * 1024);
    expect(one.transport.send('org-2', 'consensus', Uint8Array.of(1))).toBe(true);
    // What the system took off the queue looked like life at first.
    for (let i = 0; i < 3; i++) one.clock.advance(15_000);
    expect(one.heard.lines).toEqual(['+org-2', '-org-2']);
    puppet.end();
  });
});
