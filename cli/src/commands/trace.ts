import { type Command, Option } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { TraceOptions } from '../trace/run.ts';

export function addTraceCommand(program: Command): void {
  program
    .command('trace')
    .description('where lots came from and what became of them')
    .argument(
      '<what>',
      'a GS1 Digital Link, GTIN/LOT, place:GLN, device:ID, account:ID or document:HASH',
    )
    .addOption(
      new Option('--direction <way>', 'down: made of it; up: made from')
        .choices(['down', 'up', 'both'])
        .default('down'),
    )
    .option('--proof', 'check here that no lot is missing and none is added; of a lot only')
    .option('--genesis <file|hash>', 'with --proof: the pinned genesis')
    .option('--limit <n>', 'lots at most, up to 1000000 (default: 100000)')
    .option('--server <url>', `a ledger node (default: the link's own, else ${DEFAULT_SERVER})`)
    .option('--json', 'print each lot as a line of JSON, then an end')
    .addHelpText('after', '\nExit codes: 0 told, or proven; 1 could not be asked; 2 does not hold.')
    .action(async (what: string, options: TraceOptions) => {
      const { runTrace } = await import('../trace/run.ts');
      await runTrace(what, options);
    });
}
