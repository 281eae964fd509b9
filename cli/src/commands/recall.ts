import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';
import type { CloseOptions, ReportOptions, SignOptions } from '../recall/act.ts';
import type { OpenOptions, ScopeOptions } from '../recall/open.ts';
import type { ReadOptions } from '../recall/show.ts';

const EXIT_CODES =
  '\nExit codes: 0 done; 1 refused or could not be asked; 2 the evidence does not hold.';
const AMOUNT = 'grams or pieces: 1500g, 12pcs, 1500g+12pcs (default: 0)';

export function addRecallCommands(program: Command): void {
  const recall = program
    .command('recall')
    .description('find, open, follow and close recalls and drills')
    .addHelpText('after', EXIT_CODES);

  const reading = (command: Command): Command =>
    command
      .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
      .option('--json', 'print the answer as JSON');
  const scoped = (command: Command): Command =>
    reading(command)
      .requiredOption('--seed <gtin/lot...>', 'lots that it begins with, 1 to 64')
      .option('--siblings', 'also what else was made of the direct inputs of a seed')
      .option('--ancestors', 'also all that the seeds were made from')
      .addHelpText('after', EXIT_CODES);
  const signing = (command: Command): Command =>
    command
      .requiredOption('--key <file>', 'key file of the account that signs')
      .option('--as <id>', 'account that signs (default: the id in the key file)');

  scoped(
    recall
      .command('scope')
      .description('what a recall of these lots would reach; nothing is signed'),
  )
    .option('--genesis <file|hash>', 'pinned genesis (default: what the server says)')
    .action(async (options: ScopeOptions) => {
      const { showScope } = await import('../recall/open.ts');
      await showScope(options);
    });
  signing(
    scoped(recall.command('open').description('check the scope here, sign it, open the recall')),
  )
    .requiredOption('--id <id>', 'number of the recall, new; up to 20 characters')
    .requiredOption('--level <1|2|3>', '1 is the gravest')
    .requiredOption('--reason <text>', 'what is wrong; every holder and buyer reads it')
    .requiredOption('--genesis <file|hash>', 'pinned genesis: the scope is proven under it')
    .option('--mock', 'a drill: recorded and timed, trade goes on')
    .action(async (options: OpenOptions) => {
      const { openRecall } = await import('../recall/open.ts');
      await openRecall(options);
    });
  reading(recall.command('list').description('all recalls and drills')).action(
    async (options: ReadOptions) => {
      const { listRecalls } = await import('../recall/show.ts');
      await listRecalls(options);
    },
  );
  reading(
    recall.command('show').description('one recall: hold, totals, deadlines, then its holders'),
  )
    .argument('<id>', 'number of the recall')
    .action(async (id: string, options: ReadOptions) => {
      const { showRecall } = await import('../recall/show.ts');
      await showRecall(id, options);
    });
  signing(reading(recall.command('ack').description('a holder says: read')))
    .argument('<id>', 'number of the recall')
    .action(async (id: string, options: SignOptions) => {
      const { acknowledge } = await import('../recall/act.ts');
      await acknowledge(id, options);
    });
  signing(
    reading(
      recall
        .command('report')
        .description('a holder accounts for what he held; the last one counts'),
    ),
  )
    .argument('<id>', 'number of the recall')
    .option('--recovered <amount>', AMOUNT)
    .option('--destroyed <amount>', AMOUNT)
    .option('--sold <amount>', AMOUNT)
    .action(async (id: string, options: ReportOptions) => {
      const { report } = await import('../recall/act.ts');
      await report(id, options);
    });
  signing(
    reading(
      recall.command('close').description('end it: all is accounted for, or the rest has a reason'),
    ),
  )
    .argument('<id>', 'number of the recall')
    .option('--shortfall-reason <text>', 'why the rest will never be accounted for')
    .action(async (id: string, options: CloseOptions) => {
      const { close } = await import('../recall/act.ts');
      await close(id, options);
    });
  reading(
    recall
      .command('report-drill')
      .description('times since the opening: read, accounted for, closed'),
  )
    .argument('<id>', 'number of the drill or recall')
    .action(async (id: string, options: ReadOptions) => {
      const { reportDrill } = await import('../recall/show.ts');
      await reportDrill(id, options);
    });
}
