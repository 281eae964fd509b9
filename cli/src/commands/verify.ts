import type { Command } from 'commander';
import type { VerifyFileOptions } from '../run/verify.ts';

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('verify a saved bundle offline; exit 0 only when every link of the chain closes')
    .argument('<file>', 'bundle file')
    .requiredOption('--genesis <file|hash>', 'pinned genesis: its hash in hex, or the genesis file')
    .option('--json', 'print the verdict as JSON')
    .action(async (file: string, options: VerifyFileOptions) => {
      const { verifyFile } = await import('../run/verify.ts');
      process.exitCode = await verifyFile(file, options);
    });
}
