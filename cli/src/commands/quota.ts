import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { QuotaOptions } from '../run/quota.ts';

export function addQuotaCommand(program: Command): void {
  program
    .command('quota')
    .description('what a plot may still yield of a product in a season')
    .requiredOption('--plot <gln>', 'the plot')
    .requiredOption('--gtin <gtin>', 'product, 14 digits')
    .requiredOption('--season <season>', 'such as 2026 or 2026-1')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExit codes: 0 told, also when nothing is left; 1 none was granted.')
    .action(async (options: QuotaOptions) => {
      const { showQuota } = await import('../run/quota.ts');
      await showQuota(options);
    });
}
