import { existsSync } from 'node:fs';
import { isProfile } from '@suyuan/contracts';
import {
  isSensorKind,
  runSim,
  SENSOR_KINDS,
  type SimDevice,
  type SimProgress,
} from '@suyuan/firmware-sim';
import type { Command } from 'commander';
import { CliError, readJson, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';

interface SimCommandOptions {
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

export function addSimCommand(program: Command): void {
  program
    .command('sim')
    .description('be one or several devices: live, or replaying a logger file')
    .option('--mqtt <url>', 'the gateway', 'mqtt://127.0.0.1:1883')
    .option('--data <directory>', 'journals of the devices; the same again goes on', './sim-data')
    .option('--device <id>', 'one device: its id')
    .option('--key <file>', 'one device: its key file')
    .option('--kind <kind>', `one device: ${SENSOR_KINDS.join(', ')}`, 'warehouse')
    .option('--devices <file>', 'several: JSON [{"id","keyFile","kind","replaySensor"}]')
    .option(
      '--replay <file>',
      'logger file (CSV or CSV.gz: site,sensor,time,temperature_C,relative_humidity_pct)',
    )
    .option('--sensor <name>', 'one device: which sensor of the file it plays')
    .option('--rows-per-pack <n>', 'rows under one signature')
    .option('--speed <factor>', 'replay so many times faster, or max', 'max')
    .option('--interval <seconds>', 'live: seconds between rows')
    .option('--rows <n>', 'live: stop after so many rows of each device')
    .option('--profile <name>', 'of the ledger: guomi or international', 'guomi')
    .option('--json', 'print the report as JSON')
    .action(async (options: SimCommandOptions) => {
      const { profile } = options;
      if (!isProfile(profile)) throw new CliError('--profile must be guomi or international');
      if (options.replay !== undefined && !existsSync(options.replay))
        throw new CliError(`there is no file ${options.replay}`);
      const ending = new AbortController();
      process.once('SIGINT', () => ending.abort());
      process.once('SIGTERM', () => ending.abort());
      const report = await runSim({
        mqttUrl: options.mqtt,
        directory: options.data,
        devices: await devicesOf(options),
        profile,
        signal: ending.signal,
        ...(options.replay === undefined
          ? {}
          : { replayFile: options.replay, speed: speedOf(options.speed ?? 'max') }),
        ...(options.rowsPerPack === undefined
          ? {}
          : { rowsPerPack: uintOption(options.rowsPerPack, '--rows-per-pack') }),
        ...(options.interval === undefined
          ? {}
          : { interval_s: uintOption(options.interval, '--interval') }),
        ...(options.rows === undefined ? {} : { rows: uintOption(options.rows, '--rows') }),
        ...(options.json === true || !process.stdout.isTTY ? {} : { onProgress: showProgress() }),
      });
      if (options.json) console.log(JSON.stringify(report));
      else {
        const { rows, packs, missing, refused, drained } = report;
        console.log(`\nrows ${rows}  packs ${packs}  missing rows ${missing}  refused ${refused}`);
        console.log(
          drained
            ? 'every pack is acknowledged'
            : 'NOT every pack is acknowledged; start again to send the rest',
        );
      }
      if (!report.drained) process.exitCode = 1;
    });
}

async function devicesOf(options: SimCommandOptions): Promise<SimDevice[]> {
  if (options.devices !== undefined) {
    const list = await readJson(options.devices, 'device list');
    if (!Array.isArray(list))
      throw new CliError(`${options.devices} must hold a JSON array of devices`);
    return list as SimDevice[];
  }
  if (options.key === undefined)
    throw new CliError('say which device: --device ID --key FILE, or --devices FILE');
  const { secret, id: ownId } = await readKeyFile(options.key);
  const id = options.device ?? ownId;
  if (id === undefined) throw new CliError('say which device: --device ID');
  if (!isSensorKind(options.kind))
    throw new CliError(`--kind must be one of ${SENSOR_KINDS.join(', ')}`);
  return [
    {
      id,
      secret,
      kind: options.kind,
      ...(options.sensor === undefined ? {} : { replaySensor: options.sensor }),
    },
  ];
}

function speedOf(text: string): number | 'max' {
  if (text === 'max') return 'max';
  const speed = Number(text);
  if (!(speed > 0)) throw new CliError('--speed must be a positive number or max');
  return speed;
}

/** One line that is written over, four times a second at most. */
function showProgress(): (progress: SimProgress) => void {
  let shown_ms = 0;
  return ({ phase, time_ms, rows, acknowledged, waiting }) => {
    if (Date.now() - shown_ms < 250) return;
    shown_ms = Date.now();
    const day = new Date(time_ms).toISOString().slice(0, 16).replace('T', ' ');
    process.stdout.write(
      `\r${phase.padEnd(9)} ${day}  rows ${rows}  acknowledged ${acknowledged}  waiting ${waiting}   `,
    );
  };
}
