// Who founds a consortium on one machine, and where each of them stands.

import { join } from 'node:path';
import type { Role } from '@suyuan/contracts';

export interface Member {
  readonly id: string;
  /** Of its connections to the others. */
  readonly port: number;
  /** Of its API. */
  readonly http: number;
}

export interface Founder {
  readonly id: string;
  readonly role: Role;
  readonly nameZh: string;
  readonly nameEn: string;
}

/** In this order, as many as are asked for; names say that this is a trial. */
export const CONSORTIUM_FOUNDERS: readonly Founder[] = [
  { id: 'association', role: 'association', nameZh: '协会（演示）', nameEn: 'Association (demo)' },
  { id: 'regulator', role: 'regulator', nameZh: '监管局（演示）', nameEn: 'Regulator (demo)' },
  { id: 'bureau', role: 'bureau', nameZh: '农业农村局（演示）', nameEn: 'Bureau (demo)' },
  { id: 'carrier', role: 'carrier', nameZh: '承运公司（演示）', nameEn: 'Carrier (demo)' },
  { id: 'laboratory', role: 'laboratory', nameZh: '检测机构（演示）', nameEn: 'Laboratory (demo)' },
  { id: 'auditor', role: 'auditor', nameZh: '审计机构（演示）', nameEn: 'Auditor (demo)' },
  { id: 'processor', role: 'processor', nameZh: '加工企业（演示）', nameEn: 'Processor (demo)' },
];

export const LEAST_VALIDATORS = 4;

/** Where everything of a consortium stands below its folder. */
export function places(directory: string) {
  return {
    plan: join(directory, 'consortium.json'),
    genesis: join(directory, 'genesis.cbor'),
    peers: join(directory, 'peers.json'),
    house: join(directory, 'house'),
    /** Keys and card. */
    signer: (id: string) => join(directory, id, 'signer'),
    /** Ledger and log. */
    node: (id: string) => join(directory, id, 'node'),
    /** What the process printed. */
    terminal: (name: string) => join(directory, `${name}.out`),
  };
}
