// One validator's disk is full: it stops and says so, the others go on, and with room again it comes back.

import { spawnSync } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ChaosFailure, type Fleet, type Member } from './fleet.ts';
import { goesOn } from './kills.ts';

const DISK_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const DISK_WORDS = /ENOSPC|no space|disk/i;

export interface SmallDisk {
  readonly path: string;
  /** Until nothing more goes in. */
  fill(): Promise<void>;
  empty(): Promise<void>;
  remove(): void;
}

/** Why this machine has none, or a small file system in memory. */
export async function mountSmallDisk(path: string): Promise<SmallDisk | string> {
  if (process.getuid?.() !== 0) return 'a small file system needs root';
  await mkdir(path, { recursive: true });
  const options = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'suyuan-chaos', path];
  const { status, stderr, error } = spawnSync('mount', options, { encoding: 'utf8' });
  if (status !== 0) return error?.message ?? stderr.trim();
  const filler = join(path, 'filler');
  // Lazily: what still has files open there ends later. A mount outlives its maker.
  const remove = (): void => {
    process.off('exit', remove);
    spawnSync('umount', ['-l', path]);
  };
  process.once('exit', remove);
  return {
    path,
    async fill() {
      const file = await open(filler, 'a');
      try {
        for (let size = CHUNK_BYTES; size >= 1; ) {
          try {
            await file.write(new Uint8Array(size));
          } catch (cause) {
            if (!(cause instanceof Error) || !('code' in cause) || cause.code !== 'ENOSPC')
              throw cause;
            size = Math.floor(size / 16);
          }
        }
      } finally {
        await file.close();
      }
    },
    empty: () => rm(filler, { force: true }),
    remove,
  };
}

/** What the validator said about it. */
export async function diskFullRound(
  fleet: Fleet,
  victim: Member,
  disk: SmallDisk,
): Promise<string> {
  const others = fleet.members.filter((member) => member !== victim);
  await disk.fill();
  await fleet.until(`${victim.id} says that its disk is full`, () => {
    return victim.status !== undefined && (victim.status.failure ?? victim.status.reason) !== null;
  });
  const why = victim.status?.failure ?? victim.status?.reason ?? '';
  if (!DISK_WORDS.test(why))
    throw new ChaosFailure(`${victim.id} says nothing of its disk: ${why}`);
  await goesOn(fleet, others, `while the disk of ${victim.id} is full`);
  await disk.empty();
  await victim.stop();
  victim.start();
  await goesOn(fleet, fleet.members, `when ${victim.id} has room again`);
  return why;
}
