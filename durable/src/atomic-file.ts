import { dirname } from 'node:path';
import { type DiskFile, type DiskPort, systemCode } from './disk.ts';
import { nodeDisk } from './node-disk.ts';

/**
 * Puts `bytes` at `path` so that a crash leaves the old file or the new one, whole; durable on return. One writer a path at
 * a time. Throws the disk's error and leaves the old file.
 */
export async function writeFileAtomically(
  path: string,
  bytes: Uint8Array,
  disk: DiskPort = nodeDisk,
): Promise<void> {
  const draft = `${path}.new`;
  const file = await openDraft(draft, disk);
  try {
    await file.truncate(0);
    await file.write(0, bytes);
    await file.dataSync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncDirectory(dirname(path));
}

async function openDraft(draft: string, disk: DiskPort): Promise<DiskFile> {
  try {
    return await disk.open(draft, 'create');
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    return disk.open(draft, 'existing');
  }
}
