import { afterEach, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from '../messages/index.ts';
import { type Cluster, createCluster, type Machine } from '../testing/cluster.ts';
import { proposalOf, repeatOf, voteOf } from '../testing/hostile-words.ts';

const open: Cluster[] = [];

/** All but the first, whose key is in other hands. */
async function three(): Promise<{ one: Cluster; b: Machine; c: Machine; d: Machine }> {
  const one = await createCluster();
  open.push(one);
  const [, b, c, d] = one.machines;
  return { one, b: b!, c: c!, d: d! };
}

afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

async function included(one: Cluster, text: string, at: number): Promise<void> {
  one.submit(text, at);
  await one.time.until(() =>
    one.machines.every(({ host, isUp }) => !isUp || host.texts().includes(text)),
  );
}

it('a candidate that one node hears as a repeat is fetched with its body', async () => {
  const { one, b, c, d } = await three();
  for (const machine of [b, c, d]) await machine.start();
  const hostile = await one.stranger('a');
  for (let i = 0; b.simplex.status().slot % 4 !== 0; i += 1) {
    await included(one, `block ${i}`, 1);
    await one.time.pass(500);
  }
  const { slot, finalSlot } = b.simplex.status();
  const real = proposalOf(one, 'poison', { at: b, slot, parentSlot: finalSlot });
  const falsely = repeatOf(one, real, slot - 1);
  hostile.transport.send('d', 'consensus', encodeMessage(falsely));
  for (const peer of ['b', 'c']) {
    hostile.transport.send(peer, 'consensus', encodeMessage(real));
    hostile.transport.send(
      peer,
      'consensus',
      voteOf(one, 0, { kind: 'notar', slot, block: real.block }),
    );
  }
  await one.time.pass(1000);
  expect(b.simplex.status().slot).toBeGreaterThan(slot);
  await included(one, 'honest', 2);
  expect(d.host.texts()).toContain('poison');
});

it('a vote that the guard file has and the journal not is said again when its candidate comes in', async () => {
  const { one, b, c, d } = await three();
  const journal = holdJournal(d);
  for (const machine of [b, c, d]) await machine.start();
  const hostile = await one.stranger('a');
  await one.time.pass(10);
  journal.holds = true;
  const message = proposalOf(one, 'left');
  for (const peer of ['b', 'c', 'd']) {
    hostile.transport.send(peer, 'consensus', encodeMessage(message));
  }
  // With it d alone sees a quorum, and signs its final vote.
  const vote = voteOf(one, 0, { kind: 'notar', slot: 0, block: message.block });
  hostile.transport.send('d', 'consensus', vote);
  await one.time.pass(100);
  d.crash();
  journal.holds = false;
  await d.start();
  await included(one, 'after', 1);
  const said = hostile.heard.flatMap(({ peer, message: bytes }) => {
    const word = decodeMessage(bytes);
    return peer === 'd' && word.type === 'vote' && word.slot === 0 ? [word.kind] : [];
  });
  expect(new Set(said)).toEqual(new Set(['notar', 'final']));
  expect(d.host.texts()).toContain('left');
});

/** While it holds, nothing that is written to the journal comes to rest. */
function holdJournal({ disk }: Machine): { holds: boolean } {
  const state = { holds: false };
  const openFile = disk.open.bind(disk);
  const never = () => new Promise<never>(() => {});
  disk.open = async (path, mode) => {
    const file = await openFile(path, mode);
    if (!path.includes('/journal')) return file;
    return {
      ...file,
      write: (...args) => (state.holds ? never() : file.write(...args)),
      dataSync: () => (state.holds ? never() : file.dataSync()),
    };
  };
  return state;
}
