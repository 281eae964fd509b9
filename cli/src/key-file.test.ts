import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeCrypto } from '@suyuan/contracts/node';
import { afterAll, describe, expect, test } from 'vitest';
import { freshSecret } from './fresh-secret.ts';
import { openKeyRing } from './house/keys.ts';
import { readKeyFile, SUITES, writeKeyFile } from './key-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'suyuan-keys-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const at = (name: string): string => join(directory, name);

describe('key files', () => {
  test.each(SUITES)('a key of suite %s comes back as it was, for its owner only', async (suite) => {
    const secret = freshSecret(suite);
    await writeKeyFile(at(suite), secret, 'some-id');
    expect(await readKeyFile(at(suite))).toEqual({ secret, id: 'some-id' });
    expect(statSync(at(suite)).mode & 0o777).toBe(0o600);
  });

  test('an SM2 user id is kept', async () => {
    const secret = freshSecret('sm2', 'ALICE123@YAHOO.COM');
    await writeKeyFile(at('user'), secret);
    expect(await readKeyFile(at('user'))).toEqual({ secret });
  });

  test('never writes over a file, and leaves no draft', async () => {
    writeFileSync(at('there'), 'mine');
    await expect(writeKeyFile(at('there'), freshSecret('es256'))).rejects.toThrow(
      'keys are never overwritten',
    );
    expect(readFileSync(at('there'), 'utf8')).toBe('mine');
    await expect(writeKeyFile(at('no/such'), freshSecret('es256'))).rejects.toThrow(
      'there is no such folder',
    );
    expect(readdirSync(directory).filter((name) => name.includes('-') && name !== 'no')).toEqual(
      [],
    );
  });

  test.each([
    '',
    '[]',
    'null',
    '{"suite":"sm2"}',
    '{"suite":"rsa","secret":"00"}',
    `{"suite":"sm2","secret":"${'0'.repeat(64)}"}`,
    `{"suite":"es256","secret":"${'f'.repeat(64)}"}`,
    `{"suite":"sm2","secret":"${'1'.repeat(63)}g"}`,
    `{"suite":"sm2","secret":"${'1'.repeat(64)}","userId":7}`,
  ])('refuses %s without repeating it', async (text) => {
    writeFileSync(at('bad'), text);
    await expect(readKeyFile(at('bad'))).rejects.toThrow(
      new RegExp(`^(${at('bad')} is not a key file|the key file ${at('bad')} is not JSON)`),
    );
  });
});

describe('the key ring of a house', () => {
  test('makes a key once, and holds to what the ledger knows', async () => {
    const ring = await openKeyRing(at('ring'));
    const made = await ring.get('bureau', 'sm2');
    expect(await ring.get('bureau', 'sm2')).toEqual(made);
    expect(await ring.held('bureau', nodeCrypto.publicKeyOf(made))).toEqual(made);
    const other = nodeCrypto.publicKeyOf(freshSecret('sm2'));
    await expect(ring.held('bureau', other)).rejects.toThrow('not the key that the ledger knows');
    await expect(ring.held('carrier', other)).rejects.toThrow('carrier.json is missing or damaged');
    expect(readdirSync(at('ring'))).toEqual(['bureau.json']);
  });
});
