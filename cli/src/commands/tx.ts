import { randomBytes } from 'node:crypto';
import { encodeTx, payloadFromJson } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { Command } from 'commander';
import { CliError, hexOption, readJson, requestJson, uintOption } from '../io.ts';
import { readKeyFile } from '../key-file.ts';
import { DEFAULT_SERVER, serverUrl } from '../server-url.ts';

interface SubmitOptions {
  readonly key: string;
  readonly module: string;
  readonly action: string;
  readonly payload: string;
  readonly account?: string;
  readonly server: string;
  readonly idempotencyKey?: string;
  readonly validBlocks: string;
  readonly json?: true;
}

export function addTxCommands(program: Command): void {
  const tx = program.command('tx').description('sign and submit ledger transactions');
  tx.command('submit')
    .description('sign a transaction, submit it, wait for its receipt')
    .requiredOption('--key <file>', 'key file of the account')
    .requiredOption('--module <name>', 'for example lots')
    .requiredOption('--action <name>', 'for example harvest')
    .requiredOption('--payload <file>', 'JSON of the payload; bytes are written in hex')
    .option('--account <id>', 'account that signs (default: the id in the key file)')
    .option('--server <url>', 'a ledger node', DEFAULT_SERVER)
    .option('--idempotency-key <hex>', '16 bytes; give the same again to repeat a request safely')
    .option('--valid-blocks <n>', 'refuse it if it is not in a block after so many', '1000')
    .option('--json', 'print the receipt as JSON')
    .action(async (options: SubmitOptions) => {
      const key = await readKeyFile(options.key);
      const signer = options.account ?? key.id;
      if (signer === undefined) throw new CliError('say who signs: --account ID');
      const json = await readJson(options.payload, 'payload');
      const payload = payloadFromJson(options.module, options.action, json);
      const server = serverUrl(options.server);
      const status = (await requestJson(new URL('/api/v1/status', server))) as {
        chain?: { genesis?: unknown; height?: unknown };
      };
      const { genesis, height } = status.chain ?? {};
      if (typeof genesis !== 'string' || typeof height !== 'number')
        throw new CliError('the server did not say which chain it runs');
      const bytes = encodeTx(nodeCrypto, {
        secret: key.secret,
        signer,
        chainId: hexOption(genesis, 'the chain id', 32),
        module: options.module,
        action: options.action,
        payload,
        idempotencyKey:
          options.idempotencyKey === undefined
            ? new Uint8Array(randomBytes(16))
            : hexOption(options.idempotencyKey, '--idempotency-key', 16),
        validUntilHeight: height + uintOption(options.validBlocks, '--valid-blocks'),
      });
      const receipt = await requestJson(new URL('/api/v1/transactions', server), {
        method: 'POST',
        headers: { 'content-type': 'application/cose' },
        body: bytes,
      });
      if (options.json) console.log(JSON.stringify(receipt));
      else
        console.log(
          `accepted in block ${String(receipt.height)}\ntransaction ${String(receipt.txId)}`,
        );
    });
}
