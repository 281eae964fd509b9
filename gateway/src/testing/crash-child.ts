// A gateway in a process of its own, to be killed. Arguments: journal directory, store directory. Prints its port.

import { createClient } from '@clickhouse/client';
import { nodeCrypto } from '@suyuan/contracts/node';
import { createChdbConnection } from 'chdb/connection';
import { pino } from 'pino';
import { systemClock } from '../clock.ts';
import { createGateway } from '../gateway.ts';
import { ACCOUNT, GATEWAY_SECRET } from './accounts.ts';
import { createMemoryLedger, putGatewayAccount } from './memory-ledger.ts';
import { TestDevice } from './test-device.ts';

/** Small, so that a kill falls between the steps of a batch. */
export const CRASH_LIMITS = { batchPacks: 16, inFlightPacks: 64, batchAge_ms: 50 } as const;
export const CRASH_DEVICES = ['logger-0001', 'logger-0002', 'logger-0003'] as const;

/** A ledger that takes nothing: what is in memory would be gone with the process. */
export function crashLedger() {
  const ledger = createMemoryLedger(nodeCrypto, 'international', () => Date.now());
  putGatewayAccount(ledger, ACCOUNT, nodeCrypto.publicKeyOf(GATEWAY_SECRET));
  const devices = CRASH_DEVICES.map(
    (id, i) => new TestDevice(nodeCrypto, ledger, id, 'ed25519', i + 1),
  );
  ledger.paused = true;
  return { ledger, devices };
}

const [, script, directory, storeDirectory] = process.argv;
if (script?.endsWith('crash-child.ts') && directory !== undefined) {
  const connection: unknown = createChdbConnection({ path: storeDirectory ?? '' });
  const gateway = createGateway(
    { directory, account: ACCOUNT, listen: { host: '127.0.0.1', port: 0 }, limits: CRASH_LIMITS },
    {
      clock: systemClock,
      ledger: crashLedger().ledger,
      client: createClient({ connection } as Parameters<typeof createClient>[0]),
      crypto: nodeCrypto,
      random: (size) => crypto.getRandomValues(new Uint8Array(size)),
      logger: pino({ level: 'silent' }),
      secretKey: GATEWAY_SECRET,
    },
  );
  await gateway.start();
  console.log(`port ${gateway.port}`);
}
