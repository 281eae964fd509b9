import { Argument, type Command, Option } from 'commander';
import type { ExportKind, ExportOptions } from '../export/export.ts';
import { DEFAULT_SERVER } from '../http.ts';

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description('the trace of a lot as a table, as EPCIS events, or as a verified evidence file')
    .addArgument(
      new Argument('<kind>', 'what to write').choices(['nyt4712', 'fsma204', 'epcis', 'evidence']),
    )
    .argument('<link|gtin>', 'GS1 Digital Link with a lot, or a GTIN')
    .argument('[lot]', 'the lot, after a GTIN')
    .requiredOption('--out <file>', 'file to write')
    .option('--server <url>', `a ledger node (default: the link's own, else ${DEFAULT_SERVER})`)
    .addOption(
      new Option('--direction <direction>', 'up to the sources (default), down, or both').choices([
        'up',
        'down',
        'both',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'of a table (default: by the name of the file)').choices([
        'xlsx',
        'csv',
      ]),
    )
    .option(
      '--genesis <file|hash>',
      'evidence: pinned genesis (default: what the server says, which proves nothing about it)',
    )
    .option('--json', 'print a summary as JSON')
    .action(
      async (kind: ExportKind, what: string, lot: string | undefined, options: ExportOptions) => {
        const { exportTrace } = await import('../export/export.ts');
        await exportTrace(kind, what, lot, options);
      },
    );
}
