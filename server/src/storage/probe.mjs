// Walks every entry of an LMDB environment. Run as a process of its own: reading a damaged map can kill the reader.
import { open } from 'lmdb';

const path = process.argv[2] ?? '';
const options = { encoding: 'binary', keyEncoding: 'binary' };
const root = open({ path, readOnly: true, maxDbs: 32, ...options });
let entries = 0;
// The root holds the names of the others; opening one ends a walk through the root.
const names = [...root.getKeys({})].map((key) => Buffer.from(key).toString('utf8'));
for (const name of names) {
  const database = root.openDB({ name, ...options });
  for (const { value } of database.getRange({})) entries += value.length > 0 ? 1 : 0;
}
await root.close();
process.stdout.write(`${entries}\n`);
