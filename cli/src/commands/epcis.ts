import { type Command, Option } from 'commander';
import type { CaptureOptions } from '../epcis/capture.ts';
import type { AccessOptions } from '../epcis/token.ts';
import { DEFAULT_SERVER } from '../http.ts';

export function addEpcisCommands(program: Command): void {
  const epcis = program.command('epcis').description('speak EPCIS 2.0 with a node');
  epcis
    .command('token')
    .description('print an access token for one request: Authorization: Bearer TOKEN')
    .requiredOption('--key <file>', 'key file of the account')
    .option('--as <id>', 'account that asks (default: the id in the key file)')
    .option('--body <file>', 'sign the body too: the token is good for these very bytes only')
    .option('--lifetime <s>', 'seconds that it is valid, 1 to 600', '300')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .action(async (options: AccessOptions) => {
      const { printToken } = await import('../epcis/token.ts');
      await printToken(options);
    });
  epcis
    .command('capture')
    .description('capture an EPCIS document under your key, wait for its job')
    .argument('<file>', 'EPCIS 2.0 document, JSON or JSON-LD')
    .requiredOption('--key <file>', 'key file of the account')
    .option('--as <id>', 'account that captures (default: the id in the key file)')
    .addOption(
      new Option('--errors <behaviour>', 'of a document with wrong events: none or the right ones')
        .choices(['rollback', 'proceed'])
        .default('rollback'),
    )
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--json', 'print the job as JSON')
    .action(async (file: string, options: CaptureOptions) => {
      const { captureFile } = await import('../epcis/capture.ts');
      await captureFile(file, options);
    });
}
