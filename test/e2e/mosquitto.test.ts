// The first proof: a program that is not ours publishes what the command line signed, and what it measured comes out proven
// in the bundle of the lot, for whoever has nothing but the bundle and the genesis hash.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToBase64url, encodeToken, hexToBytes, verifyBundle } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SuyuanProcess, startSuyuan } from './support/child.ts';
import { type CliResult, runProgram, suyuan, suyuanOk } from './support/cli.ts';
import { eventually } from './support/eventually.ts';
import { createTempDir } from './support/paths.ts';
import { createRegistry, GTIN, LOT, registerGrower } from './support/registry.ts';

const DEVICE = 'E2E-ORCHARD-1';
const OTHER = 'E2E-ORCHARD-2';
/** mosquitto_pub's exit code for a CONNACK that says no. */
const NOT_AUTHORISED = 5;

const temp = createTempDir();
const data = join(temp.path, 'data');
const file = (name: string): string => join(temp.path, name);
let house: SuyuanProcess;
let deviceKey: string;
let seq = 0;

beforeAll(async () => {
  house = await startSuyuan(['--data', data, '--empty']);
  const registry = createRegistry(house.url, data, temp.path);
  await registerGrower(registry, DEVICE);
  deviceKey = await registry.key(DEVICE, 'sm2');
}, 240_000);

afterAll(async () => {
  await house?.kill();
  temp.remove();
});

/** Signs a temperature measured now; gives the file of the pack. */
async function signPack(temperature: number): Promise<string> {
  const senml = file('reading.json');
  const records = [
    { bn: `${DEVICE}:`, bt: Date.now() / 1000, n: 'temperature', u: 'Cel', v: temperature },
    { n: 'humidity', u: '%RH', v: 61.5 },
  ];
  writeFileSync(senml, JSON.stringify(records));
  const path = file(`pack-${seq}.cbor`);
  const number = ['--boot', '7', '--seq', String(seq++)];
  const { bytes } = await suyuanOk([
    'device',
    'sign',
    '--key',
    deviceKey,
    '--senml',
    senml,
    ...number,
  ]);
  writeFileSync(path, bytes);
  return path;
}

async function token(): Promise<string> {
  return (await suyuanOk(['device', 'token', '--key', deviceKey])).stdout.trim();
}

function mosquitto(path: string, password: string, topic = DEVICE): Promise<CliResult> {
  const to = ['-h', '127.0.0.1', '-p', String(house.mqttPort)];
  const who = ['-i', DEVICE, '-u', DEVICE, '-P', password];
  const what = ['-t', `suyuan/v1/packs/${topic}`, '-q', '1', '-f', path];
  return runProgram('mosquitto_pub', [...to, ...who, ...what, '-d']);
}

interface GatewayPart {
  readonly packs: Record<'received' | 'stored' | 'quarantined' | 'duplicate' | 'inFlight', number>;
  readonly batches: { readonly closed: number; readonly anchored: number; readonly open: number };
  readonly quarantine: { readonly reasons: Record<string, number> };
}

async function gateway(): Promise<GatewayPart> {
  const response = await fetch(`${house.url}/api/v1/status`);
  return ((await response.json()) as { gateway: GatewayPart }).gateway;
}

/** When everything acknowledged so far is stored and anchored. */
function settled(received: number): Promise<GatewayPart> {
  return eventually(async () => {
    const now = await gateway();
    const { packs, batches } = now;
    const isSettled =
      packs.received === received &&
      packs.inFlight === 0 &&
      batches.open === 0 &&
      batches.anchored === batches.closed;
    return isSettled ? now : undefined;
  });
}

async function bundle(path: string): Promise<Record<string, unknown>> {
  const link = `${house.url}/01/${GTIN}/10/${LOT}`;
  const { stdout } = await suyuanOk(['bundle', 'get', link, '--out', path, '--json']);
  return JSON.parse(stdout) as Record<string, unknown>;
}

describe('a reading published with mosquitto_pub', () => {
  test('a wrong token, an expired one and none at all are turned away', async () => {
    const pack = await signPack(20);
    const right = await token();
    const wrong = `${right.slice(0, -4)}${right.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    const key = JSON.parse(readFileSync(deviceKey, 'utf8')) as { secret: string };
    const expired = bytesToBase64url(
      encodeToken(nodeCrypto, {
        secret: { suite: 'sm2', secret: hexToBytes(key.secret) },
        deviceId: DEVICE,
        now_ms: Date.now() - 3_600_000,
        lifetime_s: 600,
        nonce: new Uint8Array(16),
      }),
    );
    for (const password of [wrong, expired, 'secret']) {
      const { code, stderr } = await mosquitto(pack, password);
      expect(code, stderr).toBe(NOT_AUTHORISED);
    }
    const { packs } = await gateway();
    expect(packs).toEqual({ received: 0, stored: 0, quarantined: 0, duplicate: 0, inFlight: 0 });
  });

  test('the topic of another device is refused by closing the connection', async () => {
    const pack = await signPack(20);
    const { stdout } = await mosquitto(pack, await token(), OTHER);
    expect(stdout).toContain('sending PUBLISH');
    expect(stdout).not.toContain('PUBACK');
    expect((await gateway()).packs.received).toBe(0);
  });

  test('it appears, proven, in the bundle of the lot; a corrupted pack is acknowledged and does not', async () => {
    const pack = await signPack(23.25);
    const sent = await mosquitto(pack, await token());
    expect(sent.code, sent.stderr).toBe(0);
    expect(sent.stdout).toContain('received PUBACK');

    const bad = file('bad.cbor');
    const bytes = readFileSync(await signPack(99));
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(bad, bytes);
    const acknowledged = await mosquitto(bad, await token());
    expect(acknowledged.code, acknowledged.stderr).toBe(0);
    expect(acknowledged.stdout).toContain('received PUBACK');

    const { packs, quarantine } = await settled(2);
    expect(packs).toMatchObject({ stored: 1, quarantined: 1, duplicate: 0 });
    expect(quarantine.reasons).toEqual({ 'pack/bad-signature': 1 });

    expect(await bundle(file('lot.bundle'))).toMatchObject({
      genesis: house.genesis,
      packs: 1,
      readings: 2,
      missing: 0,
    });
  });

  test('the bundle verifies offline, with the server gone', async () => {
    expect((await house.kill()).code).toBe(0);
    const { stdout } = await suyuanOk([
      ...['verify', file('lot.bundle'), '--genesis', house.genesis, '--json'],
    ]);
    const { ok, verdict } = JSON.parse(stdout) as {
      ok: boolean;
      verdict: { counts: { readings: number }; claims: Record<string, unknown>[] };
    };
    expect(ok).toBe(true);
    expect(verdict.claims).toContainEqual(
      expect.objectContaining({
        kind: 'climate',
        grade: 'proven',
        quantity: 'temperature',
        min: 23_250,
        max: 23_250,
        count: 1,
      }),
    );
    const shown = await suyuanOk([
      ...['verify', file('lot.bundle'), '--genesis', join(data, 'genesis.cbor')],
    ]);
    expect(shown.stdout).toContain('HOLDS');
    expect(shown.stdout).toMatch(/proven\s+climate\s+temperature 23\.3 to 23\.3 °C/);
  });

  test('a copy with any single byte changed is refused', async () => {
    const whole = new Uint8Array(readFileSync(file('lot.bundle')));
    const pin = hexToBytes(house.genesis);
    const now_ms = Date.now();
    expect(() => verifyBundle(whole, pin, now_ms, { crypto: nodeCrypto })).not.toThrow();
    const change = (position: number, by: number): Uint8Array => {
      const copy = whole.slice();
      copy[position] = (copy[position] ?? 0) ^ by;
      return copy;
    };
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (position, by) => {
          expect(() =>
            verifyBundle(change(position, by), pin, now_ms, { crypto: nodeCrypto }),
          ).toThrow(expect.objectContaining({ name: 'BundleError' }));
        },
      ),
      { numRuns: 500 },
    );
    for (const position of [0, Math.floor(whole.length / 3), whole.length - 1]) {
      writeFileSync(file('changed.bundle'), change(position, 0x20));
      const { code, stdout } = await suyuan([
        ...['verify', file('changed.bundle'), '--genesis', house.genesis, '--json'],
      ]);
      expect(code).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false });
    }
  });

  test('another genesis, half a bundle and no bundle are refused', async () => {
    const otherPin = 'ab'.repeat(32);
    const other = await suyuan(['verify', file('lot.bundle'), '--genesis', otherPin]);
    expect(other.code).toBe(2);
    expect(other.stdout).toContain('BROKEN   at step 2');
    const whole = readFileSync(file('lot.bundle'));
    writeFileSync(file('half.bundle'), whole.subarray(0, whole.length / 2));
    expect((await suyuan(['verify', file('half.bundle'), '--genesis', house.genesis])).code).toBe(
      2,
    );
    const none = await suyuan(['verify', file('none.bundle'), '--genesis', house.genesis]);
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('there is no such file');
  });
});
