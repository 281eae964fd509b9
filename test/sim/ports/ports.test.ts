import { describe, expect, it } from 'vitest';
import { createPrng } from '../kernel/prng.ts';
import { createScheduler } from '../kernel/scheduler.ts';
import { createTrace } from '../kernel/trace.ts';
import { createSimCrypto, secretOf } from './crypto.ts';
import { createSimDisk, type SimDisk } from './disk.ts';
import { createSimNetwork } from './network.ts';

function disk(seed = 1): SimDisk {
  return createSimDisk({ random: createPrng(seed), after: (_, act) => act(), sync_ms: () => 0 });
}

describe('the disk', () => {
  it('keeps what was synced through a power loss, and of the rest any part', async () => {
    const kept = new Set<string>();
    for (let seed = 1; seed <= 40; seed++) {
      const one = disk(seed);
      const port = one.mount(() => {});
      const file = await port.open('/d/f', 'create');
      await port.syncDirectory('/d');
      await file.write(0, Uint8Array.of(1, 2, 3));
      await file.dataSync();
      await file.write(3, Uint8Array.of(4));
      one.die('power');
      const again = await one.mount(() => {}).open('/d/f', 'existing');
      const bytes = await again.read(0, 10);
      expect([...bytes.subarray(0, 3)]).toEqual([1, 2, 3]);
      kept.add(String(bytes.length));
    }
    expect([...kept].sort()).toEqual(['3', '4']);
  });

  it('keeps all that was written when only the process dies', async () => {
    const one = disk();
    const file = await one.mount(() => {}).open('/d/f', 'create');
    await file.write(0, Uint8Array.of(1, 2));
    one.die('kill');
    const again = await one.mount(() => {}).open('/d/f', 'existing');
    expect([...(await again.read(0, 9))]).toEqual([1, 2]);
  });

  it('dies at the call that was chosen, and what waits for it never comes', async () => {
    const one = disk();
    let died = '';
    const port = one.mount((how) => {
      died = how;
      one.die(how);
    });
    const file = await port.open('/d/f', 'create');
    one.dieAt(2, 'power');
    await file.write(0, Uint8Array.of(1));
    const outcome = await Promise.race([
      file.dataSync().then(() => 'done'),
      new Promise((resolve) => setImmediate(resolve, 'nothing')),
    ]);
    expect([died, outcome]).toEqual(['power', 'nothing']);
  });

  it('fills up, fails a sync once and forgets what that was for', async () => {
    const one = disk();
    const file = await one.mount(() => {}).open('/d/f', 'create');
    one.full = true;
    await expect(file.write(0, Uint8Array.of(1))).rejects.toMatchObject({ code: 'ENOSPC' });
    one.full = false;
    one.failNext('dataSync');
    await file.write(0, Uint8Array.of(1));
    await expect(file.dataSync()).rejects.toMatchObject({ code: 'EIO' });
    await file.dataSync();
    one.restore('/d', one.backup('/d'));
    expect(one.backup('/d').size).toBe(0);
  });
});

describe('signatures', () => {
  it('verify under their key over their message alone', () => {
    const crypto = createSimCrypto();
    const [a, b] = [secretOf('a'), secretOf('b')];
    const message = Uint8Array.of(1, 2, 3);
    const signature = crypto.sign(a, message);
    expect(crypto.verify(crypto.publicKeyOf(a), message, signature)).toBe(true);
    expect(crypto.verify(crypto.publicKeyOf(b), message, signature)).toBe(false);
    expect(crypto.verify(crypto.publicKeyOf(a), Uint8Array.of(1, 2), signature)).toBe(false);
    expect(crypto.verify(crypto.publicKeyOf(a), message, signature.subarray(1))).toBe(false);
  });
});

describe('the network', () => {
  it('connects who is up, loses what a cut link carries, and bounds its queues', async () => {
    const random = createPrng(1);
    const scheduler = createScheduler(random);
    const trace = createTrace(scheduler.now_ms, false);
    const network = createSimNetwork({ scheduler, random, trace, ids: ['a', 'b'] });
    const got: string[] = [];
    const transports = [0, 1].map((instance) =>
      network.boot(instance, { alive: () => true, beforeSend: () => {} }),
    );
    for (const [i, transport] of transports.entries()) {
      await transport.start({
        onConnected: (peer) => got.push(`${i} meets ${peer.id}`),
        onDisconnected: () => {},
        onMessage: (peer, channel, bytes) => got.push(`${i} ${channel} ${bytes[0]} of ${peer.id}`),
      });
    }
    while (await scheduler.step(1000)) {}
    expect(got.splice(0).sort()).toEqual(['0 meets b', '1 meets a']);
    expect(transports[0]?.send('b', 'consensus', Uint8Array.of(7))).toBe(true);
    expect(transports[0]?.send('c', 'consensus', Uint8Array.of(7))).toBe(false);
    while (await scheduler.step(2000)) {}
    expect(got.splice(0)).toEqual(['1 consensus 7 of a']);
    network.cut(0, 1);
    expect(transports[0]?.send('b', 'consensus', Uint8Array.of(8))).toBe(true);
    while (await scheduler.step(3000)) {}
    expect(got).toEqual([]);
    network.mend();
    network.weather.queue_max = 2;
    const taken = [1, 2, 3].map((n) => transports[0]?.send('b', 'blocks', Uint8Array.of(n)));
    expect(taken).toEqual([true, true, false]);
  });
});
