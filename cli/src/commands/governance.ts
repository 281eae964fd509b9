import type { Command } from 'commander';
import { DEFAULT_SERVER } from '../http.ts';

export function addGovernanceCommands(program: Command): void {
  const group = program
    .command('governance')
    .description('what the organisations with a validator decide: who votes, and which rules come');
  const work = () => import('../run/governance.ts');
  const signing = (command: Command): Command =>
    command
      .requiredOption('--key <file>', 'key file of the account that signs')
      .option('--as <id>', 'account that signs (default: the id in the key file)')
      .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
      .option('--json', 'print the receipt as JSON');
  const aboutOne = (command: Command): Command =>
    signing(command.requiredOption('--id <id>', 'of the proposal: a–z, 0–9, . and -'));
  const reading = (command: Command): Command =>
    command
      .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
      .option('--json', 'print it as JSON');

  reading(group.command('list').description('members, rules, open proposals')).action(
    async (options) => (await import('../governance/show.ts')).list(options),
  );
  reading(
    group
      .command('show')
      .description('one proposal, open or decided')
      .argument('<id>', 'of the proposal'),
  ).action(async (id, options) => (await import('../governance/show.ts')).show(id, options));
  group
    .command('artifact')
    .description('the number of what implements a module on this machine, to compare')
    .argument('<module>', 'as lots or quotas')
    .option('--of-version <n>', 'of the module', '1')
    .option('--json', 'print it with its files as JSON')
    .action(async (module, options) => (await work()).artifact(module, options));
  signing(
    group
      .command('admit')
      .description('association, regulator or bureau: enter an organisation into the accounts')
      .requiredOption('--card <file>', 'its card'),
  ).action(async (options) => (await work()).admit(options));
  group
    .command('seat')
    .description('a newcomer: the word of its validator key, for the member who proposes it')
    .requiredOption('--signer <directory>', 'folder with its validator key')
    .requiredOption('--genesis <file>', 'the genesis of the ledger')
    .requiredOption('--out <file>', 'seat file to write')
    .action(async (options) => (await work()).seat(options));
  aboutOne(
    group
      .command('propose-join')
      .description('another organisation gets a validator')
      .requiredOption('--seat <file>', 'what the newcomer made'),
  ).action(async (options) => (await work()).proposeJoin(options));
  aboutOne(
    group
      .command('propose-remove')
      .description('a member loses its validator')
      .requiredOption('--member <id>', 'the member'),
  ).action(async (options) => (await work()).proposeRemove(options));
  aboutOne(
    group
      .command('propose-upgrade')
      .description('a module of the rules gets its next version at a height')
      .requiredOption('--module <name>', 'as lots or quotas')
      .requiredOption('--to-version <n>', 'the next one')
      .requiredOption('--artifact <hex>', 'what suyuan governance artifact prints of it')
      .requiredOption('--height <n>', 'of the first block under it'),
  ).action(async (options) => (await work()).proposeUpgrade(options));
  aboutOne(
    group
      .command('propose-cancel')
      .description('an approved upgrade does not come')
      .requiredOption('--upgrade <id>', 'the proposal that was accepted'),
  ).action(async (options) => (await work()).proposeCancel(options));
  aboutOne(group.command('approve').description('a member agrees to a proposal')).action(
    async (options) => (await work()).approve(options),
  );
  aboutOne(group.command('withdraw').description('its proposer takes a proposal back')).action(
    async (options) => (await work()).withdraw(options),
  );
  signing(
    group
      .command('rotate')
      .description('a member gives its validator another key, once in 30 days')
      .requiredOption('--signer <directory>', 'folder with the new validator key'),
  ).action(async (options) => (await work()).rotate(options));
  signing(group.command('leave').description('a member gives its vote back')).action(
    async (options) => (await work()).leave(options),
  );
}
