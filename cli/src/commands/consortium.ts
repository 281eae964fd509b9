import { type Command, Option } from 'commander';
import type { ConsortiumOptions } from '../run/consortium.ts';

export function addConsortiumCommand(program: Command): void {
  program
    .command('consortium')
    .description('a whole consortium on this machine: each validator a process, and a house beside')
    .option('--validators <n>', 'of a new one: 4 to 7 (default: 4)')
    .addOption(
      new Option(
        '--profile <name>',
        'of a new one: guomi (SM2, SM3; the default) or international (Ed25519, SHA-256)',
      ).choices(['guomi', 'international']),
    )
    .option('--data <directory>', 'where everything is kept', './consortium')
    .option('--port <first>', 'of a new one: two ports each from here on (default: free ones)')
    .option('--http <port>', 'port of the house’s pages and API; 0 takes a free one', '8080')
    .option('--mqtt <port>', 'port for devices; 0 takes a free one', '1883')
    .option('--no-house', 'validators only')
    .option('--pages <directory>', 'built pages to serve instead of those of this checkout')
    .action(async (options: ConsortiumOptions) => {
      const { consortium } = await import('../run/consortium.ts');
      await consortium(options);
    });
}
