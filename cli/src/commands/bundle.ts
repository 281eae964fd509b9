import { randomBytes } from 'node:crypto';
import {
  buildDigitalLink,
  bytesToHex,
  checkBundle,
  concludeBundle,
  decodePackedBatch,
  type PackedBatch,
  parseDigitalLink,
  picksOf,
  withSamples,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { Command } from 'commander';
import { hexOption, request, requestJson, writeFileOr } from '../io.ts';
import { readPin } from '../pin.ts';
import { DEFAULT_SERVER, serverUrl } from '../server-url.ts';

interface GetOptions {
  readonly out: string;
  readonly server?: string;
  readonly genesis?: string;
  readonly json?: true;
}

export function addBundleCommands(program: Command): void {
  const bundle = program.command('bundle').description('fetch the evidence of a product');
  bundle
    .command('get')
    .description('fetch the bundle of a GS1 Digital Link, with spot checks picked here')
    .argument('<link>', 'for example http://localhost:8080/01/…/10/…/21/…')
    .requiredOption('--out <file>', 'file to write')
    .option('--server <url>', `a ledger node (default: the link's own, else ${DEFAULT_SERVER})`)
    .option(
      '--genesis <file|hash>',
      'pinned genesis (default: what the server says, which proves nothing about the server)',
    )
    .option('--json', 'print a summary as JSON')
    .action(async (link: string, options: GetOptions) => {
      const local = /^https?:/.test(link) ? new URL(link).origin : DEFAULT_SERVER;
      const server = serverUrl(options.server ?? local);
      const target = /^https?:/.test(link) ? link : new URL(link, server).href;
      const parsed = parseDigitalLink(target);
      const url = new URL('/api/v1/bundles', server);
      url.searchParams.set('link', buildDigitalLink([parsed.key, ...parsed.qualifiers]));
      const { bytes } = await request(url);
      const pin =
        options.genesis === undefined
          ? hexOption(
              String((await requestJson(new URL('/suyuan-pin.json', server))).genesis),
              'the pin',
              32,
            )
          : await readPin(options.genesis);
      const checked = checkBundle(bytes, pin, Date.now(), { crypto: nodeCrypto });
      const picks = picksOf(checked, () => randomBytes(4).readUInt32BE(0));
      const samples: PackedBatch[] = [];
      for (const pick of picks) {
        const path = `/api/v1/proofs/packs/${pick.device}/${pick.bootEpoch}/${pick.seq}`;
        const sampleUrl = new URL(path, server);
        sampleUrl.searchParams.set('logSize', String(pick.logSize));
        sampleUrl.searchParams.set('gateway', pick.gateway);
        const answer = await request(sampleUrl).catch(() => undefined); // A pack that is not delivered is counted below.
        if (answer !== undefined) samples.push(decodePackedBatch(answer.bytes));
      }
      const verdict = concludeBundle(checked, samples, picks);
      const whole = withSamples(checked.bundle, samples);
      await writeFileOr(options.out, whole);
      const { counts, chain } = verdict;
      const missing = picks.length - samples.length;
      if (options.json) {
        console.log(
          JSON.stringify({
            file: options.out,
            bytes: whole.length,
            genesis: bytesToHex(pin),
            height: chain.height,
            ...counts,
            samples: samples.length,
            missing,
          }),
        );
        return;
      }
      console.log(`bundle   ${options.out}, ${whole.length} bytes, state of block ${chain.height}`);
      console.log(
        `checked  ${counts.signatures} signatures, ${counts.hashes} hashes, ${counts.packs} packs`,
      );
      console.log(
        `picked   ${samples.length} spot checks${missing > 0 ? `, ${missing} NOT DELIVERED` : ''}`,
      );
      console.log(`verify   npx suyuan verify ${options.out} --genesis ${bytesToHex(pin)}`);
    });
}
