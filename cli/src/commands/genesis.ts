import { type Command, Option } from 'commander';
import type {
  CardKeyOptions,
  CheckOptions,
  DiffOptions,
  MakeOptions,
  SignerOptions,
} from '../run/genesis.ts';

const profileOption = (): Option =>
  new Option('--profile <name>', 'guomi: SM2 and SM3; international: Ed25519 and SHA-256')
    .choices(['guomi', 'international'])
    .default('guomi');

export function addGenesisCommands(program: Command): void {
  const group = program
    .command('genesis')
    .description('found a ledger: each organisation its keys, all together one genesis');
  group
    .command('key')
    .description('an organisation: make the keys of its validator and account, and its public card')
    .requiredOption('--id <id>', 'of the organisation: a–z, 0–9, . and -')
    .requiredOption('--role <role>', 'association, regulator, bureau or carrier')
    .requiredOption('--name-zh <text>', 'its name in Chinese')
    .requiredOption('--name-en <text>', 'its name in English')
    .option('--uscc <code>', 'its unified social credit code')
    .requiredOption('--address <host:port>', 'where the other validators reach this one')
    .addOption(profileOption())
    .requiredOption('--out <directory>', 'a new folder for keys, guard file and card')
    .action(async (options: CardKeyOptions) => {
      const { makeKeys } = await import('../run/genesis.ts');
      await makeKeys(options);
    });
  group
    .command('signer')
    .description('a member: a new validator key with its guard file, to rotate to')
    .requiredOption('--id <id>', 'of the organisation')
    .addOption(profileOption())
    .requiredOption('--out <directory>', 'a new folder')
    .action(async (options: SignerOptions) => {
      const { makeSigner } = await import('../run/genesis.ts');
      await makeSigner(options);
    });
  group
    .command('make')
    .description('put the cards of all founders together; each founder does it and compares')
    .argument('<card...>', 'the founders’ card files, in any order')
    .requiredOption('--name <text>', 'of the ledger, up to 64 characters')
    .requiredOption('--time <time>', 'that all founders agreed on, as 2026-12-01T00:00:00Z')
    .addOption(profileOption())
    .requiredOption('--out <file>', 'genesis file to write; the addresses go beside it')
    .option('--json', 'print the result as JSON')
    .action(async (cards: string[], options: MakeOptions) => {
      const { make } = await import('../run/genesis.ts');
      await make(cards, options);
    });
  group
    .command('check')
    .description('what stands in a genesis, and whether your own card is in it unchanged')
    .argument('<file>', 'genesis file')
    .option('--card <file>', 'your own card')
    .option('--json', 'print the result as JSON')
    .action(async (file: string, options: CheckOptions) => {
      const { check } = await import('../run/genesis.ts');
      await check(file, options);
    });
  group
    .command('diff')
    .description('in what two genesis files differ')
    .argument('<one>', 'genesis file')
    .argument('<two>', 'another')
    .option('--json', 'print the differences as JSON')
    .action(async (one: string, two: string, options: DiffOptions) => {
      const { diff } = await import('../run/genesis.ts');
      await diff(one, two, options);
    });
}
