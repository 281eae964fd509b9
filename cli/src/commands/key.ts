import { existsSync } from 'node:fs';
import { bytesToHex, isSuiteName } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { Command } from 'commander';
import { freshSecret } from '../fresh-secret.ts';
import { CliError } from '../io.ts';
import { writeKeyFile } from '../key-file.ts';

interface NewKeyOptions {
  readonly suite: string;
  readonly out: string;
  readonly id?: string;
  readonly userId?: string;
  readonly json?: true;
}

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
      if (!isSuiteName(options.suite)) throw new CliError('--suite must be sm2, es256 or ed25519');
      if (existsSync(options.out))
        throw new CliError(`${options.out} exists; keys are never overwritten`);
      const secret = freshSecret(options.suite, options.userId);
      await writeKeyFile(options.out, secret, options.id);
      const publicKey = bytesToHex(nodeCrypto.publicKeyOf(secret).bytes);
      if (options.json)
        console.log(JSON.stringify({ suite: secret.suite, publicKey, file: options.out }));
      else
        console.log(
          `key        ${options.out} (keep it secret)\nsuite      ${secret.suite}\npublic key ${publicKey}`,
        );
    });
}
