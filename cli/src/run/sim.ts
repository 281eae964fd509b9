import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join } from 'node:path';
import { isDeviceId, isProfile } from '@suyuan/contracts';
import {
  isSensorKind,
  runSim,
  SENSOR_KINDS,
  type SimDevice,
  type SimOptions,
  type SimProgress,
  type SimReport,
} from '@suyuan/firmware-sim';
import { CliError } from '../errors.ts';
import { readJson, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';

export interface SimCommandOptions {
  readonly mqtt: string;
  readonly data: string;
  readonly device?: string;
  readonly key?: string;
  readonly kind: string;
  readonly devices?: string;
  readonly replay?: string;
  readonly sensor?: string;
  readonly rowsPerPack?: string;
  readonly speed?: string;
  readonly interval?: string;
  readonly rows?: string;
  readonly profile: string;
  readonly json?: true;
}

const ROWS_PER_PACK_MAX = 60;
const SHOWN_EVERY_MS = 250;
const COMPLAIN_EVERY_MS = 15_000;

/** Gives the exit code: 0 when every pack is acknowledged. */
export async function simulate(options: SimCommandOptions): Promise<number> {
  const settings = await settingsOf(options);
  const ending = new AbortController();
  const end = (): void => ending.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const progress = !options.json && process.stdout.isTTY ? createProgressLine() : undefined;
    const report = await runSim({
      ...settings,
      signal: ending.signal,
      onDisconnect: createComplaint(options.mqtt),
      ...(progress === undefined ? {} : { onProgress: progress.show }),
    });
    progress?.end();
    if (options.json) console.log(JSON.stringify(report));
    else printReport(report);
    return report.drained ? 0 : 1;
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
  }
}

/** Says that nobody answers: at once, and again when a quarter of a minute has passed. */
function createComplaint(url: string): (device: string, reason: string) => void {
  let said_ms = Number.NEGATIVE_INFINITY;
  return (device, reason) => {
    if (Date.now() - said_ms < COMPLAIN_EVERY_MS) return;
    said_ms = Date.now();
    process.stderr.write(
      `suyuan: ${device} has no connection to ${url} (${reason}); it keeps trying and loses nothing, stop with Ctrl-C\n`,
    );
  };
}

async function settingsOf(options: SimCommandOptions): Promise<SimOptions> {
  const { profile, replay, rowsPerPack, interval, rows } = options;
  if (!isProfile(profile)) throw new CliError('--profile must be guomi or international');
  if (!URL.canParse(options.mqtt) || !/^mqtts?:\/\//.test(options.mqtt))
    throw new CliError('--mqtt must be an address such as mqtt://127.0.0.1:1883');
  if (replay !== undefined && !existsSync(replay))
    throw new CliError(`there is no logger file ${replay}`);
  if (replay === undefined && options.speed !== undefined)
    throw new CliError('--speed is for --replay only');
  return {
    mqttUrl: options.mqtt,
    directory: options.data,
    profile,
    ...(replay === undefined ? {} : { replayFile: replay, speed: speedOf(options.speed ?? 'max') }),
    ...(rowsPerPack === undefined
      ? {}
      : { rowsPerPack: positive(rowsPerPack, '--rows-per-pack', ROWS_PER_PACK_MAX) }),
    ...(interval === undefined ? {} : { interval_s: positive(interval, '--interval', 86_400) }),
    ...(rows === undefined ? {} : { rows: positive(rows, '--rows') }),
    devices:
      options.devices === undefined ? [await oneDevice(options)] : await listed(options.devices),
  };
}

function positive(text: string, what: string, max?: number): number {
  const value = uintOption(text, what, max);
  if (value === 0) throw new CliError(`${what} must be at least 1`);
  return value;
}

async function oneDevice(options: SimCommandOptions): Promise<SimDevice> {
  if (options.key === undefined)
    throw new CliError('say which device: --key FILE [--device ID], or --devices FILE');
  const { secret, id: ownId } = await readKeyFile(options.key);
  const id = options.device ?? ownId;
  if (id === undefined || !isDeviceId(id))
    throw new CliError('say which device: --device ID (4 to 30 of A-Z a-z 0-9 . _ -)');
  if (!isSensorKind(options.kind))
    throw new CliError(`--kind must be one of ${SENSOR_KINDS.join(', ')}`);
  const { sensor } = options;
  return {
    id,
    secret,
    kind: options.kind,
    ...(sensor === undefined ? {} : { replaySensor: sensor }),
  };
}

/** Key files are named as seen from the list. */
async function listed(path: string): Promise<SimDevice[]> {
  const list = await readJson(path, 'device list');
  if (!Array.isArray(list) || list.length === 0)
    throw new CliError(`${path} must hold a JSON array of devices, each {"id","keyFile","kind"}`);
  return Promise.all(
    list.map(async (entry: unknown, n) => {
      const wrong = (what: string) => new CliError(`${path}, device ${n + 1}: ${what}`);
      if (typeof entry !== 'object' || entry === null) throw wrong('must be a JSON object');
      const {
        id,
        keyFile,
        kind = 'warehouse',
        place,
        replaySensor,
      } = entry as Record<string, unknown>;
      if (typeof id !== 'string' || !isDeviceId(id))
        throw wrong('id must be 4 to 30 of A-Z a-z 0-9 . _ -');
      if (typeof keyFile !== 'string') throw wrong('keyFile must name its key file');
      if (typeof kind !== 'string' || !isSensorKind(kind))
        throw wrong(`kind must be one of ${SENSOR_KINDS.join(', ')}`);
      if (![place, replaySensor].every((text) => text === undefined || typeof text === 'string'))
        throw wrong('place and replaySensor must be text');
      const { secret } = await readKeyFile(
        isAbsolute(keyFile) ? keyFile : join(dirname(path), keyFile),
      );
      return {
        id,
        secret,
        kind,
        ...(typeof place === 'string' ? { place } : {}),
        ...(typeof replaySensor === 'string' ? { replaySensor } : {}),
      };
    }),
  );
}

function speedOf(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (!(speed > 0 && Number.isFinite(speed)))
    throw new CliError('--speed must be a positive number or max');
  return speed;
}

function printReport({ rows, packs, missing, refused, drained }: SimReport): void {
  console.log(
    `rows ${rows}  packs ${packs}  rows without a value ${missing}  packs refused by a full journal ${refused}`,
  );
  console.log(
    drained
      ? 'every pack is acknowledged'
      : 'NOT every pack is acknowledged; start again with the same --data to send the rest',
  );
}

/** One line that is written over, four times a second at most. */
function createProgressLine(): { show(progress: SimProgress): void; end(): void } {
  let shown_ms = 0;
  return {
    show({ phase, time_ms, rows, acknowledged, waiting }) {
      if (Date.now() - shown_ms < SHOWN_EVERY_MS) return;
      shown_ms = Date.now();
      const time = new Date(time_ms).toISOString().slice(0, 16).replace('T', ' ');
      process.stdout.write(
        `\r${phase.padEnd(9)}${time}Z  rows ${rows}  acknowledged ${acknowledged}  waiting ${waiting}\x1b[K`,
      );
    },
    end() {
      if (shown_ms > 0) process.stdout.write('\r\x1b[K');
    },
  };
}
