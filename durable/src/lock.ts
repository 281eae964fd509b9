// One process a data directory. The lock is a file that names its holder; it is stale when that process is gone: its id is
// free, or belongs to a later process, or the machine has started anew.

import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readlink, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './disk.ts';
import { DurableError } from './errors.ts';

const LOCK_NAME = 'lock';
/** Crashes in the middle of taking over a stale lock leave a lock on the takeover itself; this many of them are undone. */
const TAKEOVERS_MAX = 4;

export interface DirectoryLock {
  /** Gives the directory free. Safe to call twice. */
  release(): Promise<void>;
}

interface Holder {
  readonly token: string;
  readonly pid: number;
  /** Start of the process in clock ticks since boot, the boot's id and the process id namespace; '' where the system has none. */
  readonly started: string;
  readonly boot: string;
  readonly namespace: string;
}

/** Takes the directory (made if missing) for this process. Throws `durable/locked` naming the process that holds it. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, LOCK_NAME);
  const me: Holder = {
    token: randomUUID(),
    pid: process.pid,
    started: await startOf(process.pid),
    boot: await bootId(),
    namespace: await namespaceId(),
  };
  await acquire(directory, path, me, TAKEOVERS_MAX);
  return {
    async release() {
      if ((await readHolder(path))?.token === me.token) await rm(path, { force: true });
    },
  };
}

async function acquire(
  directory: string,
  path: string,
  me: Holder,
  takeovers: number,
): Promise<void> {
  const draft = `${path}.${me.token}`;
  try {
    await writeFile(draft, `${JSON.stringify(me)}\n`, {
      flag: 'wx',
      mode: 0o600,
      flush: true,
    });
    if (await linked(draft, path)) return;
    const holder = await readHolder(path);
    if (holder === undefined || takeovers === 0 || !(await isGone(holder, me))) {
      throw locked(directory, path, holder);
    }
    // Of all that see this stale holder, one gets to replace it: the one that locks the replacement, and only while
    // the stale holder is still there.
    const takeover = `${path}.${holder.token}`;
    await acquire(directory, takeover, me, takeovers - 1);
    try {
      const now = await readHolder(path);
      if (now?.token !== holder.token) throw locked(directory, path, now);
      await rename(draft, path);
    } finally {
      await rm(takeover, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function linked(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isHolder(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  const { token, pid, started, boot, namespace } = value as Record<string, unknown>;
  return (
    typeof token === 'string' &&
    /^[0-9a-f-]{36}$/.test(token) &&
    Number.isSafeInteger(pid) &&
    [started, boot, namespace].every((text) => typeof text === 'string')
  );
}

async function isGone(holder: Holder, me: Holder): Promise<boolean> {
  if (holder.boot !== me.boot) return true;
  // Process ids of another container say nothing here.
  if (holder.namespace !== me.namespace) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (systemCode(error) === 'ESRCH') return true;
  }
  return (await startOf(holder.pid)) !== holder.started;
}

function locked(directory: string, path: string, holder: Holder | undefined): DurableError {
  const who = holder === undefined ? 'Another process' : `Process ${holder.pid}`;
  return new DurableError(
    'durable/locked',
    `${who} works on ${directory}. Stop it, or use another directory. If it is certain that nothing runs there, remove ${path}.`,
    { directory, pid: holder?.pid ?? null },
  );
}

async function startOf(pid: number): Promise<string> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name, field 2, may hold spaces and parentheses; field 22 is counted from its end.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie holds nothing any more.
    return fields[0] === 'Z' ? '' : (fields[19] ?? '');
  } catch {
    return '';
  }
}

async function bootId(): Promise<string> {
  return readFile('/proc/sys/kernel/random/boot_id', 'utf8').then(
    (text) => text.trim(),
    () => '',
  );
}

async function namespaceId(): Promise<string> {
  return readlink('/proc/self/ns/pid').catch(() => '');
}
