// A device in a process of its own, for the test that kills it: records as fast as the outbox allows and says on stdout
// what `record` promised.

import { createUplink } from '../uplink/uplink.ts';
import { packName, reading, startDevice } from './fixtures.ts';

const [directory = '', url = ''] = process.argv.slice(2);
const device = await startDevice(directory, { segment_bytes: 4096 });
createUplink({ device, url, backoff_ms: { first: 5, longest: 20 } });
for (let n = 0; ; n++) {
  await device.outbox.below(40);
  process.stdout.write(`${packName(await device.record([reading(n)]))}\n`);
}
