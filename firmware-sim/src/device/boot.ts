// The count of starts. It is durable before the first pack of a start is signed, so that no (bootEpoch, seq) comes twice,
// whatever was lost when the power went.

import { join } from 'node:path';
import { AppError, bytesToUtf8, utf8ToBytes } from '@suyuan/contracts';
import { type DiskPort, systemCode, writeFileAtomically } from '@suyuan/durable';

const FILE = 'boot.json';
const FILE_BYTES_MAX = 256;

export interface BootOptions {
  readonly directory: string;
  readonly deviceId: string;
  /** Epoch of the last pack in the journal, or -1: an old copy of the file must not take the device back. */
  readonly journaled: number;
  /** What the first start of an empty directory is called. */
  readonly first: number;
  readonly disk: DiskPort;
}

/** The epoch of this start, durable when it resolves. Throws `device/foreign-directory` or `device/boot-damaged`. */
export async function nextBootEpoch(options: BootOptions): Promise<number> {
  const path = join(options.directory, FILE);
  const stored = await readBoot(path, options);
  const before = Math.max(stored, options.journaled);
  const bootEpoch = before < 0 ? options.first : before + 1;
  const text = JSON.stringify({ device: options.deviceId, bootEpoch });
  await writeFileAtomically(path, utf8ToBytes(`${text}\n`), options.disk);
  return bootEpoch;
}

async function readBoot(path: string, { deviceId, disk }: BootOptions): Promise<number> {
  let bytes: Uint8Array;
  try {
    const file = await disk.open(path, 'existing');
    bytes = await file.read(0, FILE_BYTES_MAX).finally(() => file.close());
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return -1;
    throw error;
  }
  const value = parse(bytes);
  if (value === undefined) {
    throw new AppError(
      'device/boot-damaged',
      `${path} cannot be read; write {"device":"${deviceId}","bootEpoch":N} with N above every epoch the gateway has seen`,
    );
  }
  if (value.device !== deviceId) {
    throw new AppError(
      'device/foreign-directory',
      `${path} belongs to another device; give each device a directory of its own`,
    );
  }
  return value.bootEpoch;
}

function parse(bytes: Uint8Array): { device: string; bootEpoch: number } | undefined {
  try {
    const { device, bootEpoch } = JSON.parse(bytesToUtf8(bytes)) as {
      device?: unknown;
      bootEpoch?: unknown;
    };
    if (typeof device !== 'string' || typeof bootEpoch !== 'number') return undefined;
    return Number.isSafeInteger(bootEpoch) && bootEpoch >= 0 ? { device, bootEpoch } : undefined;
  } catch {
    return undefined;
  }
}
