import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { GetOptions } from '../run/bundle.ts';

export function addBundleCommands(program: Command): void {
  const bundle = program.command('bundle').description('fetch the evidence of a product');
  bundle
    .command('get')
    .description('fetch the bundle of a GS1 Digital Link, with spot checks picked here')
    .argument('<link>', 'for example http://localhost:8080/01/…/10/…/21/…, or its path alone')
    .requiredOption('--out <file>', 'file to write')
    .option('--server <url>', `a ledger node (default: the link's own, else ${DEFAULT_SERVER})`)
    .option(
      '--genesis <file|hash>',
      'pinned genesis (default: what the server says, which proves nothing about the server)',
    )
    .option('--json', 'print a summary as JSON')
    .action(async (link: string, options: GetOptions) => {
      const { getBundle } = await import('../run/bundle.ts');
      await getBundle(link, options);
    });
}
