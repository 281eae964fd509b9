import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { ConsentOptions, ShowConsentOptions } from '../run/consent.ts';

export function addConsentCommands(program: Command): void {
  const consent = program
    .command('consent')
    .description('a grower’s own signature under a purchase of his fruit');
  consent
    .command('sign')
    .description('sign for one purchase: this buyer, plot, season and amount, once')
    .requiredOption('--key <file>', 'key file of the grower')
    .option('--as <grower>', 'account of the grower (default: the id in the key file)')
    .requiredOption('--buyer <id>', 'account that may buy')
    .requiredOption('--gtin <gtin>', 'product, 14 digits')
    .requiredOption('--plot <gln>', 'plot that it grew on')
    .option('--season <season>', 'such as 2026 or 2026-1; only for a product that has seasons')
    .requiredOption('--amount <n>', 'exactly how much: grams or pieces, as the product counts')
    .option('--days <n>', 'how long it holds, 1 to 366', '30')
    .option('--genesis <file|hash>', 'ledger that it is for (default: the one the server runs)')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .requiredOption('--out <file>', 'file for the buyer; must not exist')
    .option('--json', 'print what was signed as JSON')
    .action(async (options: ConsentOptions) => {
      const { signConsent } = await import('../run/consent.ts');
      await signConsent(options);
    });
  consent
    .command('show')
    .description('what a consent says; its hex stands in the payload of lots.purchase')
    .argument('<file>', 'consent file')
    .option('--json', 'print it as JSON')
    .action(async (file: string, options: ShowConsentOptions) => {
      const { showConsent } = await import('../run/consent.ts');
      await showConsent(file, options);
    });
}
