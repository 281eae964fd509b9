// MQTT → PUBACK through the whole house: QoS 1, 100 connections, packs signed before the clock starts. The limit beside it is
// what the machine's cores could verify if they did nothing else.

import { availableParallelism } from 'node:os';
import type { SuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { House } from 'suyuan/house';
import { type Bench, type BenchOptions, type BenchRow, thousands } from '../bench.ts';
import { BenchDevice } from '../signer.ts';
import { openTempHouse } from '../temp-house.ts';
import { signedPacks, verifyLimit_per_s } from '../verify.ts';
import { Load } from './load.ts';

const CONNECTIONS = 100;
const LOAD_PROCESSES = 2;
/** Of each device, before anything counts. */
const WARM_UP_PACKS = 8;
const OWNER = 'bureau';
const ES256_RATIO_FLOOR = 0.35;
const ES256_READINGS_FLOOR = 40_000;
/** Registrations at once: a block takes many, the mempool not all. */
const REGISTRATIONS_AT_ONCE = 50;

interface Shape {
  readonly suite: SuiteName;
  readonly readings_per_pack: number;
  /** Of each device. */
  readonly packs: number;
}

function shapesOf(suite: SuiteName, quick: boolean): Shape[] {
  const scale = quick ? 1 : 4;
  const packs = suite === 'sm2' ? 20 : 160;
  return [
    { suite, readings_per_pack: 1, packs: packs * scale },
    { suite, readings_per_pack: 60, packs: Math.ceil(packs / 4) * scale },
  ];
}

interface Result {
  readonly suite: SuiteName;
  readonly readings_per_pack: number;
  readonly packs_per_s: number;
  readonly readings_per_s: number;
  readonly verify_limit_per_s: number;
  readonly ratio: number;
  /** Until everything was in the column store and anchored on the ledger. */
  readonly drained_readings_per_s: number;
  /** Processor time until then: of the house, and of the load beside it. */
  readonly house_us_per_pack: number;
  readonly load_us_per_pack: number;
}

async function register(house: House, suite: SuiteName): Promise<void> {
  const devices = Array.from({ length: CONNECTIONS }, (_, i) => new BenchDevice(suite, i));
  for (let at = 0; at < devices.length; at += REGISTRATIONS_AT_ONCE) {
    const some = devices.slice(at, at + REGISTRATIONS_AT_ONCE);
    await Promise.all(
      some.map(({ id, secret }) =>
        house.submit(OWNER, 'devices', 'register', {
          id,
          key: { suite, key: nodeCrypto.publicKeyOf(secret).bytes },
          holder: OWNER,
          interval_s: 60,
          quantities: ['temperature'],
        }),
      ),
    );
  }
}

interface Stored {
  readonly packs: number;
  readonly readings: number;
}

async function storedOf(house: House): Promise<Stored> {
  const count = async (table: 'packs' | 'readings'): Promise<number> => {
    const query = `SELECT count() AS n FROM ${table}`;
    const rows = await (await house.client.query({ query, format: 'JSONEachRow' })).json<{
      n: string;
    }>();
    return Number(rows[0]?.n);
  };
  return { packs: await count('packs'), readings: await count('readings') };
}

/** Throws when a pack that was acknowledged is not stored once and anchored. */
async function assertDrained(house: House, before: Stored, sent: Stored): Promise<void> {
  const { packs, batches, quarantine } = house.gateway.status();
  const stored = await storedOf(house);
  const facts = { packs, batches, quarantine: quarantine.reasons, before, sent, stored };
  const right =
    stored.packs - before.packs === sent.packs &&
    stored.readings - before.readings === sent.readings &&
    packs.stored === stored.packs &&
    packs.quarantined === 0 &&
    packs.duplicate === 0 &&
    batches.open === 0 &&
    batches.stored === batches.closed &&
    batches.anchored === batches.closed;
  if (!right) throw new Error(`what was acknowledged is not what stands: ${JSON.stringify(facts)}`);
}

async function measure(house: House, load: Load, shape: Shape, limit: number): Promise<Result> {
  const { suite, readings_per_pack, packs } = shape;
  await load.all({ order: 'sign', packs, readings: readings_per_pack });
  const before = await storedOf(house);
  const cpu = process.cpuUsage();
  const answers = await load.all({ order: 'go' });
  await house.gateway.drained();
  const house_us = cpu_us(process.cpuUsage(cpu));
  const drained_ms = performance.timeOrigin + performance.now();
  const runs = answers.flatMap((answer) => (answer.done === 'go' ? [answer] : []));
  const acked = runs.reduce((sum, run) => sum + run.acked, 0);
  if (acked !== packs * CONNECTIONS) throw new Error(`only ${acked} packs were acknowledged`);
  await assertDrained(house, before, { packs: acked, readings: acked * readings_per_pack });
  const start_ms = Math.min(...runs.map((run) => run.start_ms));
  const seconds = (Math.max(...runs.map((run) => run.end_ms)) - start_ms) / 1000;
  const packs_per_s = acked / seconds;
  return {
    suite,
    readings_per_pack,
    packs_per_s: Math.round(packs_per_s),
    readings_per_s: Math.round(packs_per_s * readings_per_pack),
    verify_limit_per_s: Math.round(limit),
    ratio: Number((packs_per_s / (limit * availableParallelism())).toFixed(3)),
    drained_readings_per_s: Math.round(
      (acked * readings_per_pack * 1000) / (drained_ms - start_ms),
    ),
    house_us_per_pack: Math.round(house_us / acked),
    load_us_per_pack: Math.round((1000 * runs.reduce((sum, run) => sum + run.cpu_ms, 0)) / acked),
  };
}

function cpu_us({ user, system }: NodeJS.CpuUsage): number {
  return user + system;
}

function rowOf(result: Result): BenchRow {
  const { suite, readings_per_pack, ratio, readings_per_s, packs_per_s } = result;
  const one = readings_per_pack === 1;
  const floors: Record<string, readonly [string, boolean]> = {
    'es256/1': [`ratio ${ES256_RATIO_FLOOR}`, ratio >= ES256_RATIO_FLOOR],
    'es256/60': ['40,000 readings/s', readings_per_s >= ES256_READINGS_FLOOR],
  };
  const [floor, met] = floors[`${suite}/${readings_per_pack}`] ?? ['–', undefined];
  return {
    what: `ingest ${suite}, ${one ? '1 reading' : `${readings_per_pack} readings`} a pack`,
    figure: `${thousands(packs_per_s)} packs/s, ${thousands(readings_per_s)} readings/s acknowledged; ${thousands(result.drained_readings_per_s)} readings/s until stored and anchored; ${result.house_us_per_pack + result.load_us_per_pack} µs of processor a pack, load included`,
    beside: `verify limit ${thousands(result.verify_limit_per_s)}/s a core: ratio ${ratio.toFixed(2)}`,
    floor,
    met,
  };
}

async function run({ suites, quick, say }: BenchOptions) {
  const { house, close } = await openTempHouse();
  const load = new Load(LOAD_PROCESSES);
  const results: Result[] = [];
  try {
    for (const suite of suites) {
      await register(house, suite);
      const devices = CONNECTIONS / load.processes;
      const port = house.mqttPort;
      await load.all((i) => ({ order: 'connect', port, suite, from: i * devices, devices }));
      const signed = signedPacks(suite);
      // Tables of keys and compiled code are there in a gateway that has run for a minute.
      await measure(house, load, { suite, readings_per_pack: 1, packs: WARM_UP_PACKS }, 1);
      for (const shape of shapesOf(suite, quick)) {
        const limit = verifyLimit_per_s(signed, quick ? 10 : 40);
        const result = await measure(house, load, shape, limit);
        say(`ingest: ${JSON.stringify(result)}`);
        results.push(result);
      }
      await load.all({ order: 'disconnect' });
    }
  } finally {
    load.close();
    await close();
  }
  return { json: { bench: 'ingest', results }, rows: results.map(rowOf) };
}

export const ingestBench: Bench = run;
