// A node in a process of its own, to be killed: commits accounts one after another and prints each one's id once its receipt
// has come.

import { accountTx, createWorld } from './world.ts';

// The node's own timers keep no process alive.
setInterval(() => {}, 60_000);
const directory = process.argv[2] ?? '';
const world = createWorld();
const node = await world.start({ directory });
for (let round = 0; ; round++) {
  const ids = Array.from({ length: 5 }, (_, i) => `farm-${round}-${i}`);
  await Promise.all(ids.map((id) => node.submit(accountTx(world, id))));
  process.stdout.write(`${ids.join('\n')}\n`);
}
