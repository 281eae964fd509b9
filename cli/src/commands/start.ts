import { type Command, Option } from 'commander';
import type { StartOptions } from '../start/options.ts';

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('run ledger, gateway and pages on this machine, with a demo season in them')
    .option('--http <port>', 'port of pages and API; 0 takes a free one', '8080')
    .option('--mqtt <port>', 'port for devices; 0 takes a free one', '1883')
    .option(
      '--host <address>',
      'address to listen on; 0.0.0.0 lets phones in the same network in',
      '127.0.0.1',
    )
    .option('--data <directory>', 'where everything is kept', './data')
    .option('--empty', 'without the demo')
    .option(
      '--season-years <n>',
      'of a new demo: how many years its peel ages, 1 to 10 (default: 5)',
    )
    .option('--replay <file>', 'of a new demo: a logger file stands in for the sensor of room A-1')
    .option(
      '--profile <name>',
      'of a new ledger: guomi (SM2, SM3; the default) or international (Ed25519, SHA-256)',
    )
    .addOption(
      new Option(
        '--consensus <engine>',
        'simplex: four validators that vote; solo: one hand signs for all, for trials',
      )
        .choices(['simplex', 'solo'])
        .default('simplex'),
    )
    .option('--clickhouse <url>', 'a ClickHouse server instead of the embedded store')
    .option('--pages <directory>', 'built pages to serve instead of those of this checkout')
    .option('--reindex', 'rebuild the ledger’s state from its block log first')
    .option(
      '--allow-private-webhooks',
      'let webhooks of subscriptions and recalls stand on this machine or in its network',
    )
    .option('--log-level <level>', 'of suyuan.log in the data directory', 'info')
    .action(async (options: StartOptions) => {
      const { start } = await import('../start/start.ts');
      await start(options);
    });
}
