import { randomBytes } from 'node:crypto';
import {
  bytesToBase64url,
  decodePack,
  decodeSenml,
  encodePack,
  encodeToken,
  isDeviceId,
  senmlFromJson,
  TOKEN_LIFETIME_S_MAX,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import { CliError } from '../errors.ts';
import { hexOption, readJson, uintOption, writeFileOr } from '../io.ts';
import { type KeyFile, readKeyFile } from '../key-file.ts';

export interface SignOptions {
  readonly key: string;
  readonly senml: string;
  readonly device?: string;
  readonly boot?: string;
  readonly seq?: string;
  readonly prev?: string;
  readonly out?: string;
}

export interface TokenOptions {
  readonly key: string;
  readonly device?: string;
  readonly lifetime: string;
  readonly json?: true;
}

function deviceIdOf(key: KeyFile, given: string | undefined, baseName?: unknown): string {
  const fromName = typeof baseName === 'string' ? baseName.replace(/:$/, '') : undefined;
  const id = given ?? key.id ?? fromName;
  if (id === undefined || !isDeviceId(id)) {
    throw new CliError('say which device this is: --device ID (4 to 30 of A-Z a-z 0-9 . _ -)');
  }
  return id;
}

function baseNameOf(document: unknown): unknown {
  const first: unknown = Array.isArray(document) ? document[0] : undefined;
  return typeof first === 'object' && first !== null && 'bn' in first ? first.bn : undefined;
}

export async function signPack(options: SignOptions): Promise<void> {
  const { boot, seq, prev, out } = options;
  if (out === undefined && process.stdout.isTTY)
    throw new CliError('a pack is bytes, not text: give --out FILE, or send the output elsewhere');
  const key = await readKeyFile(options.key);
  const document = await readJson(options.senml, 'SenML file');
  const deviceId = deviceIdOf(key, options.device, baseNameOf(document));
  const payload = senmlFromJson(document);
  decodeSenml(payload, deviceId); // A pack that the gateway would quarantine is refused here, with the same words.
  const bytes = encodePack(nodeCrypto, {
    secret: key.secret,
    deviceId,
    bootEpoch: boot === undefined ? Math.floor(Date.now() / 1000) : uintOption(boot, '--boot'),
    seq: seq === undefined ? 0 : uintOption(seq, '--seq'),
    prev: prev === undefined ? new Uint8Array(32) : hexOption(prev, '--prev', 32),
    payload,
  });
  decodePack(bytes);
  if (out === undefined) process.stdout.write(bytes);
  else await writeFileOr(out, bytes);
}

export async function printToken(options: TokenOptions): Promise<void> {
  const key = await readKeyFile(options.key);
  const lifetime_s = uintOption(options.lifetime, '--lifetime');
  if (lifetime_s < 1 || lifetime_s > TOKEN_LIFETIME_S_MAX)
    throw new CliError(`--lifetime must be 1 to ${TOKEN_LIFETIME_S_MAX} seconds`);
  const deviceId = deviceIdOf(key, options.device);
  const token = encodeToken(nodeCrypto, {
    secret: key.secret,
    deviceId,
    now_ms: Date.now(),
    lifetime_s,
    nonce: new Uint8Array(randomBytes(16)),
  });
  const password = bytesToBase64url(token);
  if (options.json) {
    const topic = `suyuan/v1/packs/${deviceId}`;
    console.log(JSON.stringify({ clientId: deviceId, username: deviceId, password, topic }));
  } else {
    console.log(password);
  }
}
