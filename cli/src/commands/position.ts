import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { CheckOptions, CommitOptions } from '../run/position.ts';

export function addPositionCommands(program: Command): void {
  const position = program
    .command('position')
    .description('the exact position of a place, kept from all but one reader at a time');
  position
    .command('commit')
    .description('make the commitment for places.register; the position stays in a file of yours')
    .requiredOption('--gln <gln>', 'the place')
    .requiredOption('--lat <degrees>', 'latitude, WGS 84, up to 7 decimals; south is negative')
    .requiredOption('--lon <degrees>', 'longitude, WGS 84, up to 7 decimals; west is negative')
    .requiredOption('--out <file>', 'position file, readable by you only; must not exist')
    .option('--profile <name>', 'of the ledger: guomi or international (default: ask the server)')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--json', 'print the commitment as JSON')
    .action(async (options: CommitOptions) => {
      const { commitPosition } = await import('../run/position.ts');
      await commitPosition(options);
    });
  position
    .command('check')
    .description('whether a position that was shown to you is the one on the ledger')
    .argument('<file>', 'position file')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExit codes: 0 it is; 1 could not be asked; 2 it is not.')
    .action(async (file: string, options: CheckOptions) => {
      const { checkPosition } = await import('../run/position.ts');
      process.exitCode = await checkPosition(file, options);
    });
}
