import type { Command } from 'commander';
import type { HouseCommandOptions } from '../start/follow.ts';

export function addHouseCommand(program: Command): void {
  program
    .command('house')
    .description('gateway, column store, API and pages beside a ledger that others run')
    .requiredOption('--data <directory>', 'where everything is kept')
    .requiredOption('--genesis <file>', 'the genesis of the ledger')
    .requiredOption('--peers <file>', 'peers.json: where the validators are')
    .option('--gateway <id>', 'account of this house’s gateway', 'gateway-1')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--http <port>', 'port of pages and API; 0 takes a free one', '8080')
    .option('--mqtt <port>', 'port for devices; 0 takes a free one', '1883')
    .option('--clickhouse <url>', 'a ClickHouse server instead of the embedded store')
    .option('--pages <directory>', 'built pages to serve instead of those of this checkout')
    .option('--reindex', 'rebuild the ledger’s state from its block log first')
    .option(
      '--snapshot',
      'in an empty directory begin with a snapshot of the others (default: if the ledger is long)',
    )
    .option('--no-snapshot', 'in an empty directory take every block since the genesis')
    .option(
      '--allow-private-webhooks',
      'let webhooks of subscriptions and recalls stand on this machine or in its network',
    )
    .option('--log-level <level>', 'of suyuan.log in the data directory', 'info')
    .action(async (options: HouseCommandOptions) => {
      const { follow } = await import('../start/follow.ts');
      await follow(options);
    });
}
