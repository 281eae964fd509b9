import { randomBytes } from 'node:crypto';
import {
  bytesToBase64url,
  decodePack,
  decodeSenml,
  encodePack,
  encodeToken,
  isDeviceId,
  senmlFromJson,
} from '@suyuan/contracts';
import { nodeCrypto } from '@suyuan/contracts/node';
import type { Command } from 'commander';
import { CliError, hexOption, readJson, uintOption } from '../io.ts';
import { type KeyFile, readKeyFile } from '../key-file.ts';

interface SignOptions {
  readonly key: string;
  readonly senml: string;
  readonly device?: string;
  readonly boot?: string;
  readonly seq?: string;
  readonly prev?: string;
}

interface TokenOptions {
  readonly key: string;
  readonly device?: string;
  readonly lifetime: string;
}

function deviceIdOf(key: KeyFile, given: string | undefined, baseName?: unknown): string {
  const fromName = typeof baseName === 'string' ? baseName.replace(/:$/, '') : undefined;
  const id = given ?? key.id ?? fromName;
  if (id === undefined || !isDeviceId(id)) {
    throw new CliError('say which device this is: --device ID (4 to 30 of A-Z a-z 0-9 . _ -)');
  }
  return id;
}

export function addDeviceCommands(program: Command): void {
  const device = program
    .command('device')
    .description('do what a device does: sign readings, sign in');
  device
    .command('sign')
    .description('sign a SenML document; the bytes of the pack go to standard output')
    .requiredOption('--key <file>', 'key file of the device')
    .requiredOption(
      '--senml <file>',
      'SenML JSON (RFC 8428): bn "ID:", bt, and records with n, u, v',
    )
    .option('--device <id>', 'device id (default: that of the key file, else of bn)')
    .option('--boot <n>', 'boot epoch, larger at every start (default: the time now in seconds)')
    .option('--seq <n>', 'number of the pack within the boot epoch (default: 0)')
    .option('--prev <hex>', 'id of the previous pack, 32 bytes (default: zeros)')
    .action(async (options: SignOptions) => {
      const key = await readKeyFile(options.key);
      const document = await readJson(options.senml, 'SenML file');
      const baseName = Array.isArray(document) ? (document[0] as { bn?: unknown })?.bn : undefined;
      const deviceId = deviceIdOf(key, options.device, baseName);
      const payload = senmlFromJson(document);
      decodeSenml(payload, deviceId); // A pack that the gateway would quarantine is refused here, with the same words.
      const bytes = encodePack(nodeCrypto, {
        secret: key.secret,
        deviceId,
        bootEpoch:
          options.boot === undefined
            ? Math.floor(Date.now() / 1000)
            : uintOption(options.boot, '--boot'),
        seq: options.seq === undefined ? 0 : uintOption(options.seq, '--seq'),
        prev:
          options.prev === undefined ? new Uint8Array(32) : hexOption(options.prev, '--prev', 32),
        payload,
      });
      decodePack(bytes);
      process.stdout.write(bytes);
    });
  device
    .command('token')
    .description('print a short-lived password for the MQTT connection of the device')
    .requiredOption('--key <file>', 'key file of the device')
    .option('--device <id>', 'device id (default: that of the key file)')
    .option('--lifetime <seconds>', 'at most 600', '300')
    .action(async (options: TokenOptions) => {
      const key = await readKeyFile(options.key);
      const lifetime_s = uintOption(options.lifetime, '--lifetime');
      if (lifetime_s < 1 || lifetime_s > 600)
        throw new CliError('--lifetime must be 1 to 600 seconds');
      const token = encodeToken(nodeCrypto, {
        secret: key.secret,
        deviceId: deviceIdOf(key, options.device),
        now_ms: Date.now(),
        lifetime_s,
        nonce: new Uint8Array(randomBytes(16)),
      });
      console.log(bytesToBase64url(token));
    });
}
