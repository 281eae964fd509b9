import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { ImportKind } from '../import/calls.ts';
import type { LoggerCommandOptions } from '../import/import-logger.ts';
import type { ImportOptions } from '../import/import-rows.ts';

const KINDS: Readonly<Record<ImportKind, string>> = {
  plots: 'plots and other places; one row a place',
  lots: 'harvests, purchases and transformations; one row an action',
  custody: 'goods sent and received; rows of one shipment follow each other',
};

export function addImportCommands(program: Command): void {
  const group = program
    .command('import')
    .description('bring the rows of a spreadsheet (xlsx, csv) or of a logger to the ledger');
  for (const [kind, what] of Object.entries(KINDS) as [ImportKind, string][]) {
    withTable(group.command(kind).description(what))
      .requiredOption('--key <file>', 'key file of the account')
      .option('--as <account>', 'account that signs (default: the id in the key file)')
      .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
      .option('--dry-run', 'check every row against the ledger, send nothing')
      .option('--receipt <file>', 'what became of each row: JSON, and a CSV table beside it')
      .action(async (file: string, options: ImportOptions) => {
        const { importRows } = await import('../import/import-rows.ts');
        process.exitCode = await importRows(kind, file, options);
      });
  }
  withTable(
    group
      .command('logger')
      .description('readings of a logger of another maker, signed by a registered device key'),
  )
    .requiredOption('--device-key <file>', 'key file of the device')
    .option('--device <id>', 'device id (default: that of the key file)')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--mqtt <url>', 'the gateway', 'mqtt://127.0.0.1:1883')
    .option('--data <directory>', 'journals of such devices; always the same', './import-data')
    .option('--date-order <order>', 'of dates such as 03/04/2025: dmy, mdy or ymd')
    .option('--temp-unit <unit>', 'C or F, where the header does not say')
    .option('--dry-run', 'read and check, sign nothing')
    .option('--receipt <file>', 'what was signed, as JSON')
    .action(async (file: string, options: LoggerCommandOptions) => {
      const { importLogger } = await import('../import/import-logger.ts');
      process.exitCode = await importLogger(file, options);
    });
}

function withTable(command: Command): Command {
  return command
    .argument('<file>', 'the table: xlsx or csv, its header above the rows')
    .option('--map <file>', 'mapping of columns: JSON {"v":1,"fields":{"lot":"编号"}}')
    .option('--save-map <file>', 'keep the mapping that was used')
    .option('--tz <zone>', 'where the clock hung: +08:00 or Asia/Shanghai')
    .option('--sheet <name>', 'sheet of a workbook (default: the first)');
}
