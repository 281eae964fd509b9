// Executes every block of a log again, under the Node that runs this program, from the genesis and with nothing else at hand:
//   node --import tsx test/roots/replay.ts LEDGER_DIRECTORY
// A block whose header is not what comes out ends it. Prints a line a block, and last one of JSON.

import { copyFile, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesToHex, decodeHeader } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { nodeDisk } from '@suyuan/durable';
import { createMemoryDatabase, openLedger, systemClock } from '@suyuan/server';

const silent = { info: () => {}, warn: () => {}, error: () => {} };

async function main(source: string): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'suyuan-roots-'));
  try {
    await mkdir(directory, { recursive: true });
    for (const name of ['genesis.cbor', 'blocks.log']) {
      await copyFile(join(source, name), join(directory, name));
    }
    const ledger = await openLedger({
      directory,
      genesisBytes: new Uint8Array(await readFile(join(source, 'genesis.cbor'))),
      crypto: nodeCrypto,
      clock: systemClock,
      logger: silent,
      disk: nodeDisk,
      // Empty, so that opening executes the whole log.
      openDatabase: async () => createMemoryDatabase().open(),
    });
    const failure = ledger.failure();
    if (failure !== undefined) throw failure;
    for (let height = 1; height <= ledger.height(); height += 1) {
      const block = ledger.block(height);
      if (block === undefined) throw new Error(`block ${height} is not in the log`);
      console.log(`${height} ${bytesToHex(decodeHeader(block.header).stateRoot)}`);
    }
    const { transactions } = ledger.totals();
    const root = bytesToHex(ledger.stateRoot());
    const { node } = process.versions;
    console.log(JSON.stringify({ node, blocks: ledger.height(), transactions, root }));
    ledger.shut();
    await ledger.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [source] = process.argv.slice(2);
if (source === undefined) throw new Error('Name the directory of a ledger.');
await main(source);
