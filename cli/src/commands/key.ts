import type { Command } from 'commander';
import type { NewKeyOptions } from '../run/key.ts';

export function addKeyCommands(program: Command): void {
  const key = program.command('key').description('make keys');
  key
    .command('new')
    .description('make a key and write it to a new file (readable by you only)')
    .requiredOption('--suite <suite>', 'sm2, es256 or ed25519')
    .requiredOption('--out <file>', 'file to write; must not exist')
    .option('--id <id>', 'device or account id that the key belongs to')
    .option('--user-id <text>', 'sm2 only: another user id than the GM/T default')
    .option('--json', 'print the public key as JSON')
    .action(async (options: NewKeyOptions) => {
      const { newKey } = await import('../run/key.ts');
      await newKey(options);
    });
}
