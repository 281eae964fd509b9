// `suyuan import logger`: what a logger of another maker wrote, signed by a device key of its keeper and sent as any device sends. The gateway marks it
// late; it is attested, never proven.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { bytesToHex, isDeviceId, isProfile, profileHash } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { writeFileAtomically } from '@suyuan/durable';
import { createDevice, createPacker, createUplink, systemClock } from '@suyuan/firmware-sim';
import { TABLE_LIMITS } from '@suyuan/paper';
import { CliError } from '../errors.ts';
import { requestJson, serverUrl } from '../http.ts';
import { readJson, writeFileOr } from '../io.ts';
import { type KeyFile, readKeyFile } from '../key-file.ts';
import { printErrors } from './print.ts';
import { type LoggerReadings, readLoggerTable } from './read-logger.ts';
import { readSheet } from './read-sheet.ts';
import { createErrorList } from './row-error.ts';
import { createProgress } from './screen.ts';

export interface LoggerCommandOptions {
  readonly deviceKey: string;
  readonly device?: string;
  readonly server: string;
  readonly mqtt: string;
  readonly data: string;
  readonly map?: string;
  readonly saveMap?: string;
  readonly tz?: string;
  readonly sheet?: string;
  readonly dateOrder?: string;
  readonly tempUnit?: string;
  readonly dryRun?: true;
  readonly receipt?: string;
}

/** A year of five minutes. */
const ROWS_MAX = 110_000;
/** As many as fit a pack of 128 readings. */
const ROWS_PER_PACK = 60;
const BACKLOG_PACKS = 256;
const DRAIN_MS = 120_000;

/** Gives the exit code: 0 when the gateway has acknowledged every reading. */
export async function importLogger(path: string, options: LoggerCommandOptions): Promise<number> {
  const key = await readKeyFile(options.deviceKey);
  const id = options.device ?? key.id;
  if (id === undefined || !isDeviceId(id)) throw new CliError('say which device: --device ID');
  if (!/^mqtts?:\/\//.test(options.mqtt) || !URL.canParse(options.mqtt))
    throw new CliError('--mqtt must be an address such as mqtt://127.0.0.1:1883');
  const { dateOrder, tempUnit, tz } = options;
  if (dateOrder !== undefined && dateOrder !== 'dmy' && dateOrder !== 'mdy' && dateOrder !== 'ymd')
    throw new CliError('--date-order must be dmy, mdy or ymd');
  if (tempUnit !== undefined && tempUnit !== 'C' && tempUnit !== 'F')
    throw new CliError('--temp-unit must be C or F');
  const { table, sha256 } = await readSheet(path, options.sheet, {
    rows: ROWS_MAX,
    bytes: 2 * TABLE_LIMITS.bytes,
  });
  const errors = createErrorList();
  const readings = readLoggerTable(
    table,
    {
      now_ms: Date.now(),
      ...(tz === undefined ? {} : { tz }),
      ...(dateOrder === undefined ? {} : { dateOrder }),
      ...(tempUnit === undefined ? {} : { unit: tempUnit }),
      ...(options.map === undefined ? {} : { saved: await readJson(options.map, 'mapping') }),
    },
    errors,
  );
  if (errors.count > 0) {
    printErrors(errors, table.rows.length);
    return 1;
  }
  const { layout, rows, missing } = readings;
  const values = rows.filter((row) => row.readings.length > 0);
  if (values.length === 0) throw new CliError(`${path} has no readings`);
  if (options.saveMap !== undefined) {
    const fields = Object.entries(layout.columns).map(([name, i]) => [
      name,
      layout.header[i] ?? '',
    ]);
    const saved = { v: 1, fields: Object.fromEntries(fields) };
    await writeFileOr(options.saveMap, `${JSON.stringify(saved, null, 2)}\n`);
  }
  const server = serverUrl(options.server);
  await requireOwnDevice(server, id, key, values);
  const span = [values[0]?.time_ms ?? 0, values.at(-1)?.time_ms ?? 0].map((t) =>
    new Date(t).toISOString(),
  );
  console.log(`读数 readings    ${values.length} 行 rows, ${missing} 行无读数 without a value`);
  console.log(`时间 time        ${span.join(' – ')}`);
  if (options.dryRun) {
    console.log('试运行通过，什么都没有签名或发送。Dry run passed: nothing was signed or sent.');
    return 0;
  }
  const sent = await send(values, { id, key, sha256, server, options });
  console.log(`已签名 signed    ${sent.rows} 行 rows, ${sent.packs} 包 packs`);
  console.log(
    sent.waiting === 0
      ? '网关已全部确认；迟到的读数只是佐证，不算证明。All acknowledged: late readings are attested, not proven.'
      : `还有 ${sent.waiting} 包未确认，请再次运行。${sent.waiting} packs are not acknowledged: run it again with the same --data.`,
  );
  if (options.receipt !== undefined) {
    const receipt = { v: 1, file: path, sha256, kind: 'logger', device: id, ...sent, span };
    await writeFileOr(options.receipt, `${JSON.stringify(receipt, null, 1)}\n`);
  }
  return sent.waiting === 0 ? 0 : 1;
}

/** A pack that the gateway would quarantine is refused here, before anything is signed. */
async function requireOwnDevice(
  server: URL,
  id: string,
  key: KeyFile,
  rows: LoggerReadings['rows'],
): Promise<void> {
  const record = await requestJson(new URL(`/api/v1/devices/${id}`, server));
  const { key: publicKey, status, quantities } = record;
  const registered = (publicKey ?? {}) as Record<string, unknown>;
  if (registered.key !== bytesToHex(nodeCrypto.publicKeyOf(key.secret).bytes))
    throw new CliError(
      `the ledger has another key for device ${id}; use the key file of this device`,
    );
  if (status !== 'active') throw new CliError(`device ${id} is revoked; register another`);
  const named = new Set(rows.flatMap(({ readings }) => readings.map(({ quantity }) => quantity)));
  const other = [...named].find((name) => !Array.isArray(quantities) || !quantities.includes(name));
  if (other !== undefined)
    throw new CliError(`device ${id} is not registered for ${other}; register one that is`);
}

interface Sending {
  readonly id: string;
  readonly key: KeyFile;
  readonly sha256: string;
  readonly server: URL;
  readonly options: LoggerCommandOptions;
}

/**
 * What a file has signed is noted after each pack, so that the same file goes on where it stopped and is not signed again. A crash between the two signs
 * one pack twice.
 */
async function send(rows: LoggerReadings['rows'], { id, key, sha256, server, options }: Sending) {
  const { chain } = await requestJson(new URL('/api/v1/status', server));
  const { profile } = (chain ?? {}) as Record<string, unknown>;
  if (typeof profile !== 'string' || !isProfile(profile))
    throw new CliError(`${server.origin} did not say its profile; is it a Suyuan node?`);
  const device = await createDevice({
    ...{ id, secret: key.secret, crypto: nodeCrypto, clock: systemClock },
    directory: join(options.data, id),
    hash: profileHash(nodeCrypto, profile),
    random: (size_bytes) => new Uint8Array(randomBytes(size_bytes)),
    // In an empty directory too, later than whatever the key signed before.
    firstBootEpoch: Math.floor(Date.now() / 1000),
  });
  const note = join(options.data, `${id}-${sha256.slice(0, 32)}.json`);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end);
  const uplink = createUplink({ device, url: options.mqtt });
  const progress = createProgress();
  try {
    let until_ms = await signedUntil(note);
    const open = rows.filter(({ time_ms }) => time_ms > until_ms);
    const packer = createPacker(device, ROWS_PER_PACK);
    let packs = 0;
    const keep = async (time_ms: number): Promise<void> => {
      packs += 1;
      until_ms = time_ms;
      await writeFileAtomically(note, new TextEncoder().encode(JSON.stringify({ v: 1, until_ms })));
    };
    for (const [i, { time_ms, readings }] of open.entries()) {
      if (ending.signal.aborted) break;
      if (await packer.add(readings)) await keep(time_ms);
      await device.outbox.below(BACKLOG_PACKS, ending.signal);
      progress.show('签名 signing', i + 1, open.length);
    }
    const last = open.at(-1);
    if (!ending.signal.aborted && last !== undefined && (await packer.flush()))
      await keep(last.time_ms);
    const patience = AbortSignal.any([ending.signal, AbortSignal.timeout(DRAIN_MS)]);
    await uplink.drained(patience);
    progress.end();
    const signed = open.filter(({ time_ms }) => time_ms <= until_ms).length;
    return { rows: signed, packs, waiting: device.outbox.waiting };
  } finally {
    progress.end();
    process.off('SIGINT', end);
    await uplink.stop();
    await device.close();
  }
}

async function signedUntil(note: string): Promise<number> {
  if (!existsSync(note)) return Number.NEGATIVE_INFINITY;
  const value = await readJson(note, 'note of an earlier import');
  const { until_ms } = (value ?? {}) as Record<string, unknown>;
  if (typeof until_ms === 'number' && Number.isSafeInteger(until_ms)) return until_ms;
  throw new CliError(`${note} is damaged: put it back from a copy`);
}
