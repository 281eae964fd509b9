// The guard files of a house's validators: what each of their keys has voted.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { PublicKey } from '@suyuan/contracts';
import { nodeDisk } from '@suyuan/durable';
import { foundGuard } from '@suyuan/server';

/** Makes the guard file that belongs to a key which has never voted, unless a start that was cut short made it already. */
export async function foundGuardOnce(path: string, publicKey: PublicKey): Promise<void> {
  if (!existsSync(path)) await foundGuard({ disk: nodeDisk, path, publicKey });
}

/** Beside its key. */
export function guardPath(directory: string, id: string): string {
  return join(directory, 'keys', `validator-${id}.guard`);
}
