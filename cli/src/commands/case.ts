import { type Command, Option } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { DecideOptions, RefuteOptions } from '../run/case.ts';

export function addCaseCommands(program: Command): void {
  const group = program
    .command('case')
    .description('dispute an origin that was claimed in your name, or decide such a dispute');
  const signing = (command: Command): Command =>
    command
      .requiredOption('--id <id>', 'number of the case, up to 20 characters')
      .requiredOption('--key <file>', 'key file of the account that signs')
      .option('--as <id>', 'account that signs (default: the id in the key file)')
      .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
      .option('--json', 'print the receipt as JSON');
  signing(group.command('refute').description('a grower: I did not sell this fruit'))
    .requiredOption('--lot <gtin/lot>', 'the purchase that names you')
    .requiredOption('--reason <text>', 'why; the regulator and buyers read it')
    .action(async (options: RefuteOptions) => {
      const { refute } = await import('../run/case.ts');
      await refute(options);
    });
  signing(group.command('decide').description('a regulator: the origin is false, or it stands'))
    .addOption(
      new Option('--outcome <outcome>', 'upheld: the grower is right; dismissed: the origin stands')
        .choices(['upheld', 'dismissed'])
        .makeOptionMandatory(),
    )
    .requiredOption('--decision <text>', 'on what it rests; everyone reads it')
    .action(async (options: DecideOptions) => {
      const { decide } = await import('../run/case.ts');
      await decide(options);
    });
}
