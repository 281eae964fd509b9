import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { decodePack } from '@suyuan/contracts';
import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { assertChain, packName, reading, startDevice, withFolder } from '../testing/fixtures.ts';
import { createUplink, packTopic } from './uplink.ts';

const MOSQUITTO = '/usr/sbin/mosquitto';

test.skipIf(!existsSync(MOSQUITTO))('packs go through a broker of another make', async () => {
  await withFolder(async (folder) => {
    const port = await freePort();
    const config = join(folder, 'mosquitto.conf');
    await writeFile(config, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    const broker = spawn(MOSQUITTO, ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] });
    const gone = new Promise((resolve) => broker.on('exit', resolve));
    try {
      for await (const line of createInterface({ input: broker.stderr })) {
        if (line.includes('running')) break;
      }
      const url = `mqtt://127.0.0.1:${port}`;
      const reader = await mqtt.connectAsync(url);
      const device = await startDevice(join(folder, 'device'));
      await reader.subscribeAsync(packTopic(device.id), { qos: 1 });
      const heard: Uint8Array[] = [];
      const all = new Promise<void>((resolve) => {
        reader.on('message', (_topic, payload) => {
          if (heard.push(payload) === 50) resolve();
        });
      });
      const uplink = createUplink({ device, url });
      await Promise.all(Array.from({ length: 50 }, (_, n) => device.record([reading(n)])));
      await uplink.drained();
      await all;
      const packs = heard.map((bytes) => decodePack(bytes));
      expect(packs.map(packName)).toEqual(Array.from({ length: 50 }, (_, n) => `1/${n}`));
      assertChain(packs);
      await uplink.stop();
      await reader.endAsync();
      await device.close();
    } finally {
      broker.kill();
      await gone;
    }
  });
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
