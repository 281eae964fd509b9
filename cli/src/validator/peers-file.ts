// peers.json: where the validators are to be found. Not a part of the ledger: whoever moves to another address tells the others.

import { isAccountId, VALIDATORS_MAX } from '@suyuan/contracts';
import type { ListenAddress, PeerAddress } from '@suyuan/server';
import { CliError } from '../errors.ts';
import { isAddress } from '../genesis/card.ts';
import { readJson } from '../io.ts';

/** Throws CliError, which names the file and the entry. */
export async function readPeers(path: string): Promise<PeerAddress[]> {
  const value = await readJson(path, 'list of peers');
  const bad = (why: string): CliError =>
    new CliError(
      `${path}: ${why}; it is a list of {"id": "bureau", "address": "host:7400"}, as 'suyuan genesis make' writes it`,
    );
  if (!Array.isArray(value)) throw bad('it holds no list');
  if (value.length > VALIDATORS_MAX) throw bad(`it has more than ${VALIDATORS_MAX} entries`);
  const peers = value.map((entry: unknown, index) => {
    const { id, address } = (entry ?? {}) as Record<string, unknown>;
    if (!isAccountId(id)) throw bad(`entry ${index + 1} has no id`);
    if (typeof address !== 'string' || !isAddress(address)) {
      throw bad(`the address of ${id} is not host:port`);
    }
    return { id, ...splitAddress(address) };
  });
  const twice = peers.find(({ id }, index) => peers.findIndex((p) => p.id === id) !== index);
  if (twice !== undefined) throw bad(`${twice.id} stands in it twice`);
  return peers;
}

/** `host:port`, or a port alone on this machine. Throws CliError that names the option. */
export function listenOption(text: string, option: string, host = '127.0.0.1'): ListenAddress {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return { host, port: Number(text) };
  const zero = text.replace(/:0$/, ':1');
  if (!isAddress(zero)) throw new CliError(`${option} ${text}: give host:port, or a port alone`);
  return splitAddress(text);
}

function splitAddress(address: string): ListenAddress {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(address.slice(colon + 1)),
  };
}
