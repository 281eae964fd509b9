// The count of starts. It is durable before the first pack of a start is signed, so that no (bootEpoch, seq) comes twice,
// whatever was lost when the power went.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '@suyuan/contracts';
import { writeFileAtomically } from '@suyuan/durable';

const FILE = 'boot.json';

export interface BootOptions {
  readonly directory: string;
  readonly deviceId: string;
  /** Epoch of the last pack in the journal, or -1: an old copy of the file must not take the device back. */
  readonly journaled: number;
  /** What the first start of an empty directory is called. */
  readonly first: number;
}

/** The epoch of this start, durable when it resolves. Throws `device/foreign-directory` or `device/boot-damaged`. */
export async function nextBootEpoch(options: BootOptions): Promise<number> {
  const path = join(options.directory, FILE);
  const stored = await readBoot(path, options.deviceId);
  const before = Math.max(stored, options.journaled);
  const bootEpoch = before < 0 ? options.first : before + 1;
  const text = JSON.stringify({ device: options.deviceId, bootEpoch });
  await writeFileAtomically(path, new TextEncoder().encode(`${text}\n`));
  return bootEpoch;
}

async function readBoot(path: string, deviceId: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return -1;
    throw error;
  }
  const value = parse(text);
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

function parse(text: string): { device: string; bootEpoch: number } | undefined {
  try {
    const { device, bootEpoch } = JSON.parse(text) as { device?: unknown; bootEpoch?: unknown };
    if (typeof device !== 'string' || !Number.isSafeInteger(bootEpoch)) return undefined;
    return { device, bootEpoch: bootEpoch as number };
  } catch {
    return undefined;
  }
}
