// Who is refused, and what each side is told.

import { afterEach, describe, expect, it } from 'vitest';
import { PEER_LIMITS } from './limits.ts';
import { at, createStage, settled, validatorOf } from './testing/nodes.ts';
import { connectPuppet, createPuppet } from './testing/puppet.ts';

const VALIDATORS = ['org-1', 'org-2', 'org-3', 'org-4'].map((id) => validatorOf(id));
const INSTANCE = new Uint8Array(16).fill(1);

const { start, clear } = createStage(VALIDATORS);
afterEach(clear);

describe('a key that is used twice', () => {
  it('keeps the first process, refuses the second, and tells everybody', async () => {
    const one = await start('org-1');
    const first = await start('org-2', { peers: [at('org-1', one.port)] });
    first.clock.advance(1000);
    await one.heard.until('+org-2');
    const second = await start('org-2', { peers: [at('org-1', one.port)] });
    second.clock.advance(1000);
    // The first answers the question whether it still lives.
    await settled(() => one.clock.timers.includes(4000));
    first.transport.send('org-1', 'consensus', Uint8Array.of(1));
    await one.heard.until('consensus 1:1');
    one.clock.advance(4000);
    const line = await one.log.until('peer/key-used-twice');
    expect(line).toMatch(/^error .*"validator":"org-2"/);
    expect(await second.log.until('peer/own-key-elsewhere')).toMatch(/^error .*key of this node/);
    expect(one.heard.lines.filter((text) => text.startsWith('-'))).toEqual([]);
    expect(second.heard.lines).toEqual([]);
  });

  it('lets a restarted process in when the one before does not answer', async () => {
    const one = await start('org-1');
    const dead = await connectPuppet(one.port);
    const again = await createPuppet(one.port);
    const hands = again.shakeHands();
    await dead.story.until('ping');
    one.clock.advance(4000);
    await hands;
    expect(one.heard.lines).toEqual(['+org-2', '-org-2', '+org-2']);
    expect(one.log.lines.join()).not.toContain('key-used-twice');
    await dead.story.until('closed');
    again.end();
  });

  it('lets the waiting one in at once when the connection before ends', async () => {
    const one = await start('org-1');
    const first = await connectPuppet(one.port);
    const second = await createPuppet(one.port);
    const hands = second.shakeHands();
    await first.story.until('ping');
    first.end();
    await hands;
    expect(one.heard.lines).toEqual(['+org-2', '-org-2', '+org-2']);
    second.end();
  });

  it('has one waiting, not many', async () => {
    const one = await start('org-1');
    const first = await connectPuppet(one.port);
    const second = await createPuppet(one.port);
    const hands = second.shakeHands();
    await first.story.until('ping');
    const third = await createPuppet(one.port);
    void third.shakeHands();
    expect(await third.story.until('bye')).toBe('bye peer/key-used-twice');
    first.end();
    await hands;
    for (const puppet of [second, third]) puppet.end();
  });

  it('takes the newer connection of the same process', async () => {
    const one = await start('org-1');
    const first = await connectPuppet(one.port, { instance: INSTANCE });
    const second = await connectPuppet(one.port, { instance: INSTANCE });
    expect(await first.story.until('bye')).toBe('bye peer/duplicate');
    expect(one.heard.lines).toEqual(['+org-2', '-org-2', '+org-2']);
    second.end();
  });

  it('is named when it is this node its own', async () => {
    const one = await start('org-1');
    const twin = await connectUnwelcome(one.port, { id: 'org-1' });
    expect(twin).toBe('bye peer/own-key-elsewhere');
    expect(await one.log.until('peer/own-key-elsewhere')).toMatch(/^error /);
  });

  it('is no key used twice where a node dials itself', async () => {
    const one = await start('org-1');
    const { port } = one;
    await one.transport.stop();
    const again = await start('org-1', {
      listen: { host: '127.0.0.1', port },
      peers: [at('org-3', port)],
    });
    again.clock.advance(1000);
    expect(await again.log.until('"peer":"org-3"')).toContain('peer/self');
  });
});

describe('who is no validator', () => {
  it('may stay as an observer, without a voice', async () => {
    const one = await start('org-1');
    const observer = await start(null, { peers: [at('org-1', one.port)] });
    observer.clock.advance(0);
    const name = (await one.heard.until('+observer-')).slice(1);
    await observer.heard.until('+org-1');
    expect(one.transport.send(name, 'consensus', Uint8Array.of(1))).toBe(false);
    one.transport.send(name, 'blocks', Uint8Array.of(2));
    await observer.heard.until('blocks 1:2');
    observer.transport.send('org-1', 'consensus', Uint8Array.of(3));
    observer.transport.send('org-1', 'transactions', Uint8Array.of(4));
    await one.heard.until('transactions 1:4');
    expect(one.heard.lines.join()).not.toContain('consensus');
  });

  it('is refused when there is no room', async () => {
    const one = await start('org-1', { limits: { observers: 1 } });
    const first = await connectPuppet(one.port, { id: null, keyName: 'a' });
    expect(await connectUnwelcome(one.port, { id: null, keyName: 'b' })).toBe(
      'bye peer/not-admitted',
    );
    const validator = await connectPuppet(one.port);
    first.end();
    validator.end();
  });

  it('of one address has few places, for a time when others wait, and is heard more slowly', async () => {
    const one = await start('org-1', {
      limits: {
        observersPerAddress: 2,
        observerTerm_ms: 12_000,
        receiveObserver: {
          ...PEER_LIMITS.receiveObserver,
          transactions: { bytes_per_s: 100, messages_per_s: 100 },
        },
      },
    });
    const first = await connectPuppet(one.port, { id: null, keyName: 'a' });
    const second = await connectPuppet(one.port, { id: null, keyName: 'b' });
    expect(await connectUnwelcome(one.port, { id: null, keyName: 'c' })).toBe(
      'bye peer/not-admitted',
    );
    first.send('transactions', new Uint8Array(300));
    first.send('transactions', Uint8Array.of(7));
    second.send('transactions', Uint8Array.of(8));
    await one.heard.until('transactions 1:8');
    expect(one.heard.lines.join()).not.toContain('1:7');
    one.clock.advance(10_000);
    await one.heard.until('transactions 1:7');
    one.clock.advance(2_000);
    const third = await connectPuppet(one.port, { id: null, keyName: 'c' });
    await first.story.until('bye peer/not-admitted');
    for (const puppet of [first, second, third]) puppet.end();
  });

  it('cannot take the name of one that is', async () => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port, { id: 'org-2', keyName: 'thief' });
    expect(await one.heard.until('+')).toMatch(/^\+observer-/);
    puppet.end();
    expect(await connectUnwelcome(one.port, { id: 'org-3', keyName: 'org-2' })).toBe(
      'bye peer/bad-hello',
    );
  });

  it('becomes one with the set that admits it, and loses its voice with the one that does not', async () => {
    const one = await start('org-1');
    const puppet = await connectPuppet(one.port, { id: 'org-5' });
    await one.heard.until('+observer-');
    one.transport.admit([...VALIDATORS, validatorOf('org-5')]);
    one.transport.admit(VALIDATORS);
    const [name] = one.heard.lines.map((line) => line.slice(1));
    expect(one.heard.lines).toEqual([`+${name}`, `-${name}`, '+org-5', '-org-5', `+${name}`]);
    puppet.end();
    await settled(() => one.transport.peers().length === 0);
  });
});

it('refuses another validator at an address', async () => {
  const two = await start('org-2');
  const one = await start('org-1', { peers: [at('org-3', two.port)] });
  one.clock.advance(1000);
  const line = await one.log.until('peer/wrong-address');
  expect(line).toMatch(/^error .*"expected":"org-3","found":"org-2"/);
  await two.log.until('peer/wrong-address');
});

it('keeps a peer out for a while that is blamed too often, and forgets', async () => {
  const one = await start('org-1');
  const puppet = await connectPuppet(one.port);
  await one.heard.until('+org-2');
  for (let i = 0; i < 20; i++) one.transport.blame('org-2', 'consensus/bad-message');
  expect(one.transport.peers()).toHaveLength(1);
  one.transport.blame('org-2', 'consensus/bad-message');
  expect(await puppet.story.until('bye')).toBe('bye peer/blamed');
  expect(one.heard.lines).toEqual(['+org-2', '-org-2']);
  expect(await connectUnwelcome(one.port, {})).toBe('bye peer/blamed');
  one.transport.blame('nobody', 'consensus/bad-message');
  one.clock.advance(60_000);
  const again = await connectPuppet(one.port);
  again.end();
});

it('says which port it could not have', async () => {
  const one = await start('org-1');
  const listen = { host: '127.0.0.1', port: one.port };
  await expect(start('org-2', { listen })).rejects.toMatchObject({ code: 'peer/cannot-listen' });
});

/** Shakes hands as far as it gets; the reason that it is given. */
async function connectUnwelcome(
  port: number,
  setup: Parameters<typeof createPuppet>[1] = {},
): Promise<string> {
  const puppet = await createPuppet(port, setup);
  void puppet.shakeHands();
  const reason = await puppet.story.until('bye');
  puppet.end();
  return reason;
}
