// What an organisation makes before it founds or joins a ledger: the keys of its validator and account, the guard file, its card.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Profile, type Role, type SecretKey, validatorSuite } from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError, systemCodeOf } from '../errors.ts';
import { freshSecret } from '../fresh-secret.ts';
import { cannotWrite, writeFileOr } from '../io.ts';
import { writeKeyFile } from '../key-file.ts';
import { type Card, cardToFile, readCard } from './card.ts';
import { SIGNER_FILES, writeSigner } from './signer-directory.ts';

export interface MemberFacts {
  readonly id: string;
  readonly role: Role;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly uscc?: string;
  /** `host:port` */
  readonly address: string;
  readonly profile: Profile;
  /** A folder that is not there yet. */
  readonly out: string;
}

/** Throws CliError when the folder is there, or when no genesis would take the card. */
export async function foundMember(facts: MemberFacts): Promise<Card> {
  const { id, role, nameZh, nameEn, uscc, address, profile, out } = facts;
  const suite = validatorSuite(profile);
  const voting = freshSecret(suite);
  const signing = freshSecret(suite);
  const card: Card = {
    account: {
      id,
      roles: [role],
      name: { zh: nameZh, en: nameEn },
      key: nodeCrypto.publicKeyOf(signing),
      ...(uscc === undefined ? {} : { uscc }),
      status: 'active',
    },
    validator: { id, key: nodeCrypto.publicKeyOf(voting) },
    address,
  };
  await foundSigner(out, voting, id);
  await writeKeyFile(join(out, SIGNER_FILES.account), signing, id);
  const path = join(out, `${id}.card.json`);
  await writeFileOr(path, `${JSON.stringify(cardToFile(card), null, 2)}\n`);
  // Whatever no genesis would take is said now, not when all founders sit together.
  return readCard(path);
}

/** A folder with that voting key and its guard file. Throws CliError when it is there. */
export async function foundSigner(out: string, secret: SecretKey, id: string): Promise<void> {
  await mkdir(out, { mode: 0o700 }).catch((error: unknown) => {
    if (systemCodeOf(error) === 'EEXIST') {
      throw new CliError(`${out} exists; name a new folder: keys are never overwritten`);
    }
    throw cannotWrite(out, error);
  });
  await writeSigner(out, secret, id);
}
