import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join, resolve } from 'node:path';
import { bytesToHex, isProfile } from '@suyuan/contracts';
import type { Command } from 'commander';
import { renderUnicodeCompact } from 'uqr';
import { isLived, openSeasonFile, type SeasonFile } from '../demo/progress.ts';
import { freshProgress, liveThroughSeason } from '../demo/season.ts';
import { GTIN } from '../demo/story.ts';
import { createHouseClock, type HouseClock } from '../house/clock.ts';
import { type House, startHouse } from '../house/house.ts';
import { webFiles } from '../house/web-files.ts';
import { CliError, uintOption } from '../io.ts';
import { openLogger } from '../logger.ts';

interface StartOptions {
  readonly http: string;
  readonly mqtt: string;
  readonly host: string;
  readonly data: string;
  readonly profile: string;
  readonly clickhouse?: string;
  readonly empty?: true;
  readonly reindex?: true;
  readonly logLevel: string;
}

/** Demo statements follow their day at once; a real gateway gathers late packs first. */
const DEMO_LIMITS = { statementDelay_ms: 5_000 };

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run ledger, gateway and pages on this machine, with a demo season in them')
    .option('--http <port>', 'port of pages and API', '8080')
    .option('--mqtt <port>', 'port for devices', '1883')
    .option(
      '--host <address>',
      'address to listen on; 0.0.0.0 lets phones in the same network in',
      '127.0.0.1',
    )
    .option('--data <directory>', 'where everything is kept', './data')
    .option('--empty', 'without the demo')
    .option(
      '--profile <name>',
      'of a new ledger: guomi (SM2, SM3) or international (Ed25519, SHA-256)',
      'guomi',
    )
    .option('--clickhouse <url>', 'a ClickHouse server instead of the embedded store')
    .option('--reindex', 'rebuild the ledger’s state from its block log first')
    .option('--log-level <level>', 'of suyuan.log in the data directory', 'info')
    .action(async (options: StartOptions) => {
      await runUntilSignal(options);
    });
}

function openDataDirectory(path: string): string {
  const directory = resolve(path);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    accessSync(directory, constants.W_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const reason =
      code === 'EEXIST' || code === 'ENOTDIR'
        ? 'there is a file of that name'
        : 'you may not write there';
    throw new CliError(
      `cannot use ${directory} as the data directory: ${reason}; choose another with --data DIR`,
    );
  }
  return directory;
}

async function runUntilSignal(options: StartOptions): Promise<void> {
  const { profile } = options;
  if (!isProfile(profile)) throw new CliError('--profile must be guomi or international');
  const directory = openDataDirectory(options.data);
  const fresh = !existsSync(join(directory, 'genesis.cbor'));
  const demo = options.empty !== true && (fresh || existsSync(join(directory, 'demo-season.json')));
  const log = openLogger(directory, options.logLevel);
  const ending = new AbortController();
  let failed: Error | undefined;
  const end = (): void => ending.abort();
  // The rooms' timers do not hold the process; until the sockets listen, this one does.
  const alive = setInterval(() => {}, 2 ** 30);
  process.once('SIGINT', end);
  process.once('SIGTERM', end);

  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  const webDirectory = await webFiles(() => say('building the pages (once) …'));
  const clock = createHouseClock();
  const season = demo ? await openSeasonFile(directory, freshProgress(Date.now())) : undefined;
  if (season !== undefined && !isLived(season.get())) clock.standAt(season.get().cursor_ms);
  const house = await startHouse(
    {
      directory,
      host: options.host,
      httpPort: uintOption(options.http, '--http'),
      mqttPort: uintOption(options.mqtt, '--mqtt'),
      name: demo ? '溯源演示账本 Suyuan demo ledger' : '溯源账本 Suyuan ledger',
      profile,
      webDirectory,
      ...(options.reindex === true ? { reindex: true } : {}),
      ...(options.clickhouse === undefined ? {} : { clickhouseUrl: options.clickhouse }),
      ...(demo ? { gatewayLimits: DEMO_LIMITS } : {}),
    },
    {
      clock,
      logger: log.logger,
      sampleLink: (gtin) => season?.get().sampleLinks[gtin],
      onFailure(error) {
        failed = error;
        end();
      },
    },
  ).catch((error: unknown) => {
    clearInterval(alive);
    throw startError(error, options);
  });
  try {
    announce(house, options, directory, fresh);
    if (season !== undefined)
      await liveDemo(house, clock, season, directory, ending.signal, options);
    if (!ending.signal.aborted) {
      await new Promise<void>((done) =>
        ending.signal.addEventListener('abort', () => done(), { once: true }),
      );
    }
  } finally {
    say('\nstopping …');
    await house.stop();
    await log.close();
    clearInterval(alive);
  }
  if (failed !== undefined) throw failed;
}

function startError(error: unknown, options: StartOptions): unknown {
  const { code, port } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE' || code === 'EACCES') {
    const isMqtt = port === Number(options.mqtt);
    const why = code === 'EACCES' ? 'may not be used by you' : 'is in use';
    return new CliError(
      `port ${port ?? ''} ${why}; choose another with ${isMqtt ? '--mqtt' : '--http'} PORT`,
    );
  }
  return error;
}

/** Where others reach this machine: the first address that is not of this machine alone, when everyone may connect. */
function baseUrl(house: House, host: string): string {
  const open = host === '0.0.0.0' || host === '::';
  const address = open
    ? Object.values(networkInterfaces())
        .flat()
        .find((each) => each?.family === 'IPv4' && !each.internal)?.address
    : undefined;
  const name = address ?? (open || host === '127.0.0.1' ? 'localhost' : host);
  return `http://${name}:${house.httpPort}`;
}

function announce(house: House, options: StartOptions, directory: string, fresh: boolean): void {
  const base = baseUrl(house, options.host);
  const lines = [
    '',
    `  溯源 Suyuan    ${fresh ? 'a new ledger' : `a ledger of ${house.node.height()} blocks`} in ${directory}`,
    '',
    `  products       ${base}/`,
    `  status         ${base}/status`,
    `  API            ${base}/docs`,
    `  devices        mqtt://${options.host}:${house.mqttPort}`,
    `  genesis        ${bytesToHex(house.genesisHash)}`,
    '',
  ];
  console.log(lines.join('\n'));
}

async function liveDemo(
  house: House,
  clock: HouseClock,
  file: SeasonFile,
  directory: string,
  signal: AbortSignal,
  options: StartOptions,
): Promise<void> {
  const resumed = isLived(file.get());
  let told = -1;
  const fleet = await liveThroughSeason({
    house,
    clock,
    file,
    directory: join(directory, 'devices'),
    signal,
    onProgress(lived, total) {
      const percent = Math.floor((100 * lived) / total);
      if (process.stdout.isTTY) process.stdout.write(`\r  demo season    ${percent} % lived`);
      else if (percent >= told + 25) {
        told = percent;
        console.log(`  demo season    ${percent} % lived`);
      }
    },
  });
  try {
    if (signal.aborted) return;
    if (process.stdout.isTTY && !resumed) process.stdout.write('\n');
    const link = file.get().sampleLinks[GTIN.chenpi];
    if (link !== undefined) showSample(`${baseUrl(house, options.host)}${link}`);
    await fleet.live(signal);
  } finally {
    await fleet.stop();
  }
}

function showSample(url: string): void {
  const code = renderUnicodeCompact(url, { border: 1 })
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  console.log(
    `\n  a pack of chenpi to scan:\n\n${code}\n\n  ${url}\n\n  stop with Ctrl-C; the next start goes on from here`,
  );
}
