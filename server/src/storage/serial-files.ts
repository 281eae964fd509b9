// Serial lists as files, named by the root that they hash to. They are not in any block, only their root is, so they are kept
// apart from what can be rebuilt.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  asArray,
  asBytes,
  asText,
  bytesToHex,
  decodeCbor,
  encodeCbor,
  LABEL_BATCH_UNITS_MAX,
} from '@suyuan/contracts';
import { nodeDisk, systemCode, writeFileAtomically } from '@suyuan/durable';

export interface SerialList {
  readonly gtin: string;
  readonly lot: string;
  readonly batch: string;
  /** In the issuer's order: the position is the leaf index. */
  readonly serials: readonly string[];
  /** Of a batch with hidden codes: 32 bytes for each serial, the commitment to its code. The codes stay with the issuer. */
  readonly commitments?: readonly Uint8Array[];
}

const NAME = /^([0-9a-f]{64})\.cbor$/;
const TEXT_MAX = 20;

export async function writeSerialFile(
  directory: string,
  root: Uint8Array,
  list: SerialList,
): Promise<void> {
  await nodeDisk.makeDirectory(directory);
  const { gtin, lot, batch, serials, commitments } = list;
  const hidden = commitments === undefined ? [] : [commitments];
  const bytes = encodeCbor([gtin, lot, batch, serials, ...hidden]);
  await writeFileAtomically(join(directory, `${bytesToHex(root)}.cbor`), bytes);
}

/** Roots, in hex, of the lists in the directory. */
export async function listSerialFiles(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).flatMap((name) => NAME.exec(name)?.[1] ?? []);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Throws `cbor/*` or `format/*` when the file is damaged. */
export async function readSerialFile(directory: string, rootHex: string): Promise<SerialList> {
  const items = asArray(
    decodeCbor(new Uint8Array(await readFile(join(directory, `${rootHex}.cbor`)))),
    'serial list',
    5,
  );
  const commitments = items[4];
  return {
    gtin: asText(items[0], 'gtin', 14),
    lot: asText(items[1], 'lot', TEXT_MAX),
    batch: asText(items[2], 'batch', TEXT_MAX),
    serials: asArray(items[3], 'serials', LABEL_BATCH_UNITS_MAX).map((serial) =>
      asText(serial, 'serial', TEXT_MAX),
    ),
    ...(commitments === undefined
      ? {}
      : {
          commitments: asArray(commitments, 'commitments', LABEL_BATCH_UNITS_MAX).map((bytes) =>
            asBytes(bytes, 'commitment', 32),
          ),
        }),
  };
}
