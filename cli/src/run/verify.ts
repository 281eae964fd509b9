import { nodeCrypto } from '@suyuan/contracts/node';
import { BundleError, VERIFY_STEPS, type Verdict, verifyBundle } from '@suyuan/contracts/verify';
import { claimLine } from '../claim-text.ts';
import { readFileOr } from '../io.ts';
import { readPin } from '../pin.ts';

export interface VerifyFileOptions {
  readonly genesis: string;
  readonly json?: true;
}

/** Exit code of a bundle whose chain does not close; 1 is for what could not be tried. */
const BROKEN = 2;

/** Prints the verdict; gives the exit code. */
export async function verifyFile(file: string, options: VerifyFileOptions): Promise<number> {
  const pin = await readPin(options.genesis);
  const bytes = await readFileOr(file, 'bundle');
  try {
    const verdict = verifyBundle(bytes, pin, Date.now(), { crypto: nodeCrypto });
    if (options.json) console.log(JSON.stringify({ ok: true, verdict }));
    else printVerdict(verdict);
    return 0;
  } catch (error) {
    if (!(error instanceof BundleError)) throw error;
    printBroken(error, options.json === true);
    return BROKEN;
  }
}

function printBroken({ step, code, message }: BundleError, json: boolean): void {
  if (json) {
    console.log(JSON.stringify({ ok: false, step, code, message }));
    return;
  }
  console.log(
    `BROKEN   at step ${VERIFY_STEPS.indexOf(step) + 1} of ${VERIFY_STEPS.length}: ${step}`,
  );
  console.log(`         ${message} (${code})`);
  console.log(
    '         Nothing that this bundle says is proven. Fetch it again, or ask whoever sold you the product.',
  );
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
