import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { SubmitOptions } from '../run/tx.ts';

export function addTxCommands(program: Command): void {
  const tx = program.command('tx').description('sign and submit ledger transactions');
  tx.command('submit')
    .description('sign a transaction, submit it, wait for its receipt')
    .requiredOption('--key <file>', 'key file of the account')
    .requiredOption('--module <name>', 'for example lots')
    .requiredOption('--action <name>', 'for example harvest')
    .requiredOption('--payload <file>', 'JSON of the payload; bytes are written in hex')
    .option('--account <id>', 'account that signs (default: the id in the key file)')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--idempotency-key <hex>', '16 bytes; give the same again to repeat a request safely')
    .option('--valid-blocks <n>', 'refuse it if it is not in a block after so many', '1000')
    .option('--json', 'print the receipt as JSON')
    .action(async (options: SubmitOptions) => {
      const { submitTx } = await import('../run/tx.ts');
      await submitTx(options);
    });
}
