import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { SUITES } from './suites.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const OWN = resolve(HERE, '../vectors');
const scratch = mkdtempSync(join(tmpdir(), 'conformance-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', join(HERE, 'main.ts'), ...args],
    { encoding: 'utf8', cwd: resolve(HERE, '../..') },
  );
  return { status, stdout, stderr, lastLine: stdout.trim().split('\n').at(-1) ?? '' };
}

/** A folder of vectors with one file. */
function folderWith(path: string, text: string): string {
  const dir = mkdtempSync(join(scratch, 'vectors-'));
  mkdirSync(dirname(join(dir, path)), { recursive: true });
  writeFileSync(join(dir, path), text);
  return dir;
}

describe('conformance runner', () => {
  it.each(SUITES.map(({ name }) => name))('passes our own vectors of %s', (name) => {
    const { status, stdout, lastLine } = run(name, '--vectors', OWN, '--json');
    expect(lastLine).toMatch(
      new RegExp(`^\\{"suite":"${name}","passed":[1-9]\\d*,"failed":0,"skipped":0\\}$`),
    );
    expect(stdout.trim().split('\n').length).toBe(1);
    expect(status).toBe(0);
  });

  it('fails a wrong root, with the file and the reason', () => {
    const text = readFileSync(join(OWN, 'ledger/merkle/log-sm3.json'), 'utf8');
    const log = JSON.parse(text) as { roots: string[] };
    log.roots[9] = log.roots[8]!;
    const dir = folderWith('ledger/merkle/wrong.json', JSON.stringify(log));
    const { status, stdout, lastLine } = run('merkle', '--vectors', dir);
    expect(stdout).toMatch(/^FAILED {3}ledger\/merkle\/wrong\.json: root of 9: the root is /m);
    expect(lastLine).toMatch(/^merkle: \d+ passed, 1 failed, 0 skipped$/);
    expect(status).toBe(1);
  });

  it('fails an accepted case that should be refused, and counts what it cannot read', () => {
    const cases = [{ valid: false, uri: 'https://a/01/06901234567892' }, { odd: true }];
    const dir = folderWith('gs1/digital-link/x.json', JSON.stringify(cases));
    const { status, lastLine, stderr } = run('digital-link', '--vectors', dir, '--json');
    expect(lastLine).toBe('{"suite":"digital-link","passed":0,"failed":1,"skipped":1}');
    expect(stderr).toContain('FAILED   gs1/digital-link/x.json: #1');
    expect(status).toBe(1);
  });

  it('reports files that are no JSON or of a broken shape as failed', () => {
    const broken = folderWith('ledger/broken.json', '{');
    expect(run('merkle', '--vectors', broken, '--json').lastLine).toBe(
      '{"suite":"merkle","passed":0,"failed":1,"skipped":0}',
    );
    const odd = folderWith('ledger/odd.json', '{"leaves": 7, "roots": "x"}');
    const { lastLine, status } = run('merkle', '--vectors', odd, '--json');
    expect(lastLine).toBe('{"suite":"merkle","passed":0,"failed":1,"skipped":0}');
    expect(status).toBe(1);
  });

  it('fails when nothing ran: an empty folder, or none', () => {
    const empty = mkdtempSync(join(scratch, 'empty-'));
    expect(run('merkle', '--vectors', empty).status).toBe(1);
    const { status, stderr, lastLine } = run('merkle', '--vectors', join(empty, 'no'), '--json');
    expect(stderr).toContain('does not exist');
    expect(lastLine).toBe('{"suite":"merkle","passed":0,"failed":0,"skipped":0}');
    expect(status).toBe(1);
  });

  it('explains itself', () => {
    const help = run('--help');
    expect(help.status).toBe(0);
    for (const { name } of SUITES) expect(help.stdout).toContain(name);
    expect(run().status).toBe(2);
    expect(run('no-such-suite').status).toBe(2);
    expect(run('merkle', '--frob').status).toBe(2);
  });
});
