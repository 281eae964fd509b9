import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { RunOptions, StatusOptions } from '../run/validator.ts';

export function addValidatorCommands(program: Command): void {
  const group = program
    .command('validator')
    .description(
      'one organisation’s node of a ledger: it votes, keeps the blocks, answers with proofs',
    );
  group
    .command('run')
    .description('run the node until Ctrl-C or SIGTERM')
    .requiredOption('--directory <directory>', 'where its ledger is kept')
    .requiredOption('--genesis <file>', 'the genesis that all founders made alike')
    .requiredOption('--peers <file>', 'peers.json: where the validators are')
    .option(
      '--signer <directory>',
      'folder with validator key and guard file; without it the node follows',
    )
    .option('--listen <host:port>', 'where the other nodes reach this one (default: none)')
    .option(
      '--http <host:port>',
      'where its API listens; a port alone: on this machine (default: none)',
    )
    .option('--observers <n>', 'followers that may connect', '16')
    .option('--reindex', 'rebuild the state from the block log first')
    .option(
      '--snapshot',
      'in an empty directory begin with a snapshot of the others (default: if the ledger is long)',
    )
    .option('--no-snapshot', 'in an empty directory take every block since the genesis')
    .option('--log-level <level>', 'of suyuan.log in the directory', 'info')
    .action(async (options: RunOptions) => {
      const { run } = await import('../run/validator.ts');
      await run(options);
    });
  group
    .command('status')
    .description('how a node takes part: epoch, slot, height, peers, whether it votes')
    .option('--server <url>', 'its API', DEFAULT_SERVER)
    .option('--json', 'print it as JSON')
    .action(async (options: StatusOptions) => {
      const { status } = await import('../run/validator.ts');
      await status(options);
    });
}
