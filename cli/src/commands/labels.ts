import { type Command, Option } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { ChangeOptions } from '../labels/change.ts';
import type { IssueOptions } from '../labels/issue.ts';
import type { OneOptions, SheetOptions } from '../labels/print.ts';

/** As `LABEL_PRESETS` of the paper room, which is loaded only when it prints; a test holds the two together. */
export const LAYOUTS = ['a4-3x8', 'a4-5x13', 'roll-50x30'];

const RESOLVER = 'what the links on the labels begin with (default: the server)';

export function addLabelCommands(program: Command): void {
  const labels = program.command('labels').description('issue labels, print them, put them to use');
  labels
    .command('issue')
    .description('make unguessable serials, put their root on the ledger, hand their list in')
    .requiredOption('--key <file>', 'key file of the holder of the lot')
    .option('--as <id>', 'account that signs (default: the id in the key file)')
    .requiredOption('--gtin <gtin>', 'product, 14 digits')
    .requiredOption('--lot <lot>', 'the lot that is packed')
    .requiredOption('--batch <batch>', 'number of the label batch, new in its lot')
    .requiredOption('--count <n>', 'how many labels')
    .requiredOption('--net <n>', 'content of one pack: grams or pieces, as the product counts')
    .option('--hidden', 'with a code under a scratch layer on each')
    .requiredOption(
      '--out <file>',
      'batch file with serials and codes, readable by you only; the same again goes on',
    )
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--resolver <url>', RESOLVER)
    .option('--json', 'print a summary as JSON')
    .action(async (options: IssueOptions) => {
      const { issueLabels } = await import('../labels/issue.ts');
      await issueLabels(options);
    });
  labels
    .command('sheet')
    .description('print labels of a batch file as PDF')
    .argument('<file>', 'batch file')
    .addOption(new Option('--layout <name>', 'label stock').choices(LAYOUTS).default('a4-3x8'))
    .requiredOption('--out <file>', 'PDF to write')
    .option('--codes <file>', 'second PDF, with the hidden codes only, page over page')
    .option('--from <n>', 'first label, counted from 1 (default: 1)')
    .option('--to <n>', 'last label (default: the last of the batch)')
    .option('--crop-marks', 'hairlines in the margins to cut along')
    .option('--resolver <url>', 'what the links begin with (default: as issued)')
    .option('--json', 'print a summary as JSON')
    .action(async (file: string, options: SheetOptions) => {
      const { printSheets } = await import('../labels/print.ts');
      await printSheets(file, options);
    });
  labels
    .command('one')
    .description('the QR code of one unit, to standard output')
    .argument('<file>', 'batch file')
    .requiredOption('--serial <serial>', 'which unit')
    .addOption(
      new Option('--format <format>', 'of the picture').choices(['svg', 'png']).default('svg'),
    )
    .option('--out <file>', 'write it to a file instead')
    .option('--resolver <url>', 'what the link begins with (default: as issued)')
    .action(async (file: string, options: OneOptions) => {
      const { printOne } = await import('../labels/print.ts');
      await printOne(file, options);
    });
  const change = (action: 'activate' | 'void' | 'close', words: string) =>
    labels
      .command(action)
      .description(words)
      .argument('<file>', 'batch file')
      .requiredOption('--key <file>', 'key file of the account that signs')
      .option('--as <id>', 'account that signs (default: the id in the key file)')
      .option('--server <url>', 'a ledger node (default: the one it was issued at)')
      .option('--json', 'print the receipt as JSON')
      .action(async (file: string, options: ChangeOptions) => {
        const { changeLabels } = await import('../labels/change.ts');
        await changeLabels(file, action, options);
      });
  change('activate', 'units in printing order are on packs now').option(
    '--up-to <n>',
    'how many in all (default: the whole batch)',
  );
  change('void', 'take one unit out of use')
    .requiredOption('--serial <serial>', 'which unit')
    .requiredOption('--reason <text>', 'why');
  change('close', 'give up what is not on packs: its content goes back to the lot');
}
