// A network namespace for each validator, joined by two bridges in one more: a cable moved from one bridge to the other is a partition.
// Needs root and iproute2.

import { spawnSync } from 'node:child_process';

const SUBNET = '10.97.0';
const PORT = 7100;
const BRIDGES = ['near', 'far'] as const;

export interface Namespaces {
  addressOf(index: number): { readonly host: string; readonly port: number };
  prefixOf(id: string): readonly string[];
  /** Validators by index: these on one side, all others on the other. */
  part(far: readonly number[]): void;
  /** What one sends to the other is dropped, not what it hears. */
  mute(from: number, to: number): void;
  heal(): void;
  remove(): void;
}

/** Why this machine has none, or the namespaces. */
export function createNamespaces(size: number): Namespaces | string {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const hub = `suyuan-${process.pid}-hub`;
  const names = Array.from({ length: size }, (_, i) => `suyuan-${process.pid}-${i + 1}`);
  const muted: string[][] = [];

  function ip(...args: string[]): void {
    const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(error?.message ?? `ip ${args.join(' ')}: ${stderr.trim()}`);
  }
  function remove(): void {
    process.off('exit', remove);
    for (const name of [...names, hub]) spawnSync('ip', ['netns', 'del', name]);
  }
  const address = (index: number): string => `${SUBNET}.${index + 1}`;
  const plug = (index: number, bridge: string): void =>
    ip('-n', hub, 'link', 'set', `cable${index}`, 'master', bridge);

  // Namespaces outlive their maker.
  process.once('exit', remove);
  try {
    ip('netns', 'add', hub);
    for (const bridge of BRIDGES) {
      ip('-n', hub, 'link', 'add', bridge, 'type', 'bridge');
      ip('-n', hub, 'link', 'set', bridge, 'up');
    }
    for (const [index, name] of names.entries()) {
      ip('netns', 'add', name);
      ip('-n', hub, 'link', 'add', `cable${index}`, 'type', 'veth', 'peer', 'eth0', 'netns', name);
      plug(index, BRIDGES[0]);
      ip('-n', hub, 'link', 'set', `cable${index}`, 'up');
      ip('-n', name, 'address', 'add', `${address(index)}/24`, 'dev', 'eth0');
      ip('-n', name, 'link', 'set', 'eth0', 'up');
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
  } catch (error) {
    remove();
    return error instanceof Error ? error.message : String(error);
  }

  return {
    addressOf: (index) => ({ host: address(index), port: PORT }),
    prefixOf: (id) => ['ip', 'netns', 'exec', names[Number(id.split('-')[1]) - 1]!],
    part(far) {
      for (const index of names.keys()) plug(index, BRIDGES[far.includes(index) ? 1 : 0]);
    },
    mute(from, to) {
      const route = ['blackhole', `${address(to)}/32`];
      ip('-n', names[from]!, 'route', 'add', ...route);
      muted.push([names[from]!, ...route]);
    },
    heal() {
      for (const index of names.keys()) plug(index, BRIDGES[0]);
      for (const [name = '', ...route] of muted.splice(0)) ip('-n', name, 'route', 'del', ...route);
    },
    remove,
  };
}
