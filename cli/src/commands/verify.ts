import { BundleError, VERIFY_STEPS, type Verdict, verifyBundle } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { Command } from 'commander';
import { claimLine } from '../claim-text.ts';
import { readFileOr } from '../io.ts';
import { readPin } from '../pin.ts';

interface VerifyOptions {
  readonly genesis: string;
  readonly json?: true;
}

/** Exit code of a bundle whose chain does not close. */
const BROKEN = 2;

export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('verify a saved bundle offline; exit 0 only when every link of the chain closes')
    .argument('<file>', 'bundle file')
    .requiredOption('--genesis <file|hash>', 'pinned genesis: its hash in hex, or the genesis file')
    .option('--json', 'print the verdict as JSON')
    .action(async (file: string, options: VerifyOptions) => {
      const pin = await readPin(options.genesis);
      const bytes = await readFileOr(file, 'bundle');
      try {
        const verdict = verifyBundle(bytes, pin, Date.now(), { crypto: nodeCrypto });
        if (options.json) console.log(JSON.stringify({ ok: true, verdict }));
        else printVerdict(verdict);
      } catch (error) {
        if (!(error instanceof BundleError)) throw error;
        process.exitCode = BROKEN;
        const { step, code, message } = error;
        if (options.json) console.log(JSON.stringify({ ok: false, step, code, message }));
        else {
          console.log(
            `BROKEN at step ${VERIFY_STEPS.indexOf(step) + 1} of ${VERIFY_STEPS.length}: ${step}`,
          );
          console.log(`  ${message} (${code})`);
          console.log(
            '  Nothing that this bundle says is proven. Fetch it again, or ask whoever sold you the product.',
          );
        }
      }
    });
}

function printVerdict(verdict: Verdict): void {
  const { subject, product, chain, counts } = verdict;
  const unit = [
    subject.lot && `lot ${subject.lot}`,
    subject.serial && `serial ${subject.serial}`,
  ].filter(Boolean);
  console.log(
    `${product.name.zh} · ${product.name.en}  GTIN ${subject.gtin}${unit.map((part) => `, ${part}`).join('')}`,
  );
  console.log(
    `HOLDS    every link closes, from genesis ${chain.genesis.slice(0, 16)}… to block ${chain.height}`,
  );
  console.log(
    `checked  ${counts.signatures} signatures, ${counts.hashes} hashes, ${counts.packs} packs, ${counts.readings} readings`,
  );
  console.log('');
  for (const claim of verdict.claims) console.log(claimLine(claim));
}
