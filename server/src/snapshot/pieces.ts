// A snapshot as a row of pieces (docs/formats.md §9): the certified header, the ends of the epochs that lead to it, the state in key
// order, the scopes of recalls, the anchors of gateways, and an end.

import {
  AppError,
  asArray,
  asBytes,
  asText,
  asUint,
  type CborValue,
  type CertifiedHeader,
  decodeCbor,
  type EpochEnd,
  encodeCbor,
  isAppError,
  toValidators,
  validatorToValue,
} from '@suyuan/contracts';

export type Piece =
  | { readonly type: 'head'; readonly head: CertifiedHeader }
  /** Oldest first. */
  | { readonly type: 'epochs'; readonly ends: readonly EpochEnd[] }
  /** Ascending by key. */
  | { readonly type: 'state'; readonly entries: readonly (readonly [string, Uint8Array])[] }
  /** `lots/…` keys in the scope of a recall, ascending. */
  | { readonly type: 'scope'; readonly recall: string; readonly lots: readonly string[] }
  /** Encoded anchors of a gateway, the first with this index. */
  | {
      readonly type: 'anchors';
      readonly gateway: string;
      readonly from: number;
      readonly leaves: readonly Uint8Array[];
    }
  | { readonly type: 'end' };

/** What a piece holds at least before it is closed, in bytes; its last entry may go beyond. */
export const PIECE_BYTES = 1024 * 1024;
/** The longest value of the state is far below this. */
export const PIECE_BYTES_MAX = 4 * 1024 * 1024;
const ITEMS_MAX = 65_536;
const KEY_CHARS_MAX = 1_024;

export function encodePiece(piece: Piece): Uint8Array {
  switch (piece.type) {
    case 'head':
      return encodeCbor(['head', piece.head.header, piece.head.certificate]);
    case 'epochs':
      return encodeCbor([
        'epochs',
        piece.ends.map(({ header, certificate, next }) => [
          header,
          certificate,
          next.map(validatorToValue),
        ]),
      ]);
    case 'state':
      return encodeCbor(['state', piece.entries]);
    case 'scope':
      return encodeCbor(['scope', piece.recall, piece.lots]);
    case 'anchors':
      return encodeCbor(['anchors', piece.gateway, piece.from, piece.leaves]);
    case 'end':
      return encodeCbor(['end']);
  }
}

/** Throws `snapshot/malformed`. */
export function decodePiece(bytes: Uint8Array): Piece {
  try {
    if (bytes.length > PIECE_BYTES_MAX) throw new AppError('format/invalid', 'It is too large.');
    return readPiece(asArray(decodeCbor(bytes), 'piece', 4, 1));
  } catch (error) {
    if (!isAppError(error)) throw error;
    throw new AppError(
      'snapshot/malformed',
      `A piece of the snapshot cannot be read (${error.message}) Get it from another node.`,
      {},
      error,
    );
  }
}

function readPiece(items: readonly CborValue[]): Piece {
  switch (items[0]) {
    case 'head': {
      const [, header, certificate] = exactly(items, 3);
      return {
        type: 'head',
        head: {
          header: asBytes(header, 'header'),
          certificate: asBytes(certificate, 'certificate'),
        },
      };
    }
    case 'epochs':
      return {
        type: 'epochs',
        ends: asArray(exactly(items, 2)[1], 'epochs', ITEMS_MAX, 1).map(readEnd),
      };
    case 'state':
      return {
        type: 'state',
        entries: asArray(exactly(items, 2)[1], 'entries', ITEMS_MAX, 1).map((entry) => {
          const [key, value] = asArray(entry, 'entry', 2, 2);
          return [asText(key, 'key', KEY_CHARS_MAX), asBytes(value, 'value')] as const;
        }),
      };
    case 'scope': {
      const [, recall, lots] = exactly(items, 3);
      return {
        type: 'scope',
        recall: asText(recall, 'recall', 20),
        lots: asArray(lots, 'lots', ITEMS_MAX, 1).map((lot) => asText(lot, 'lot', KEY_CHARS_MAX)),
      };
    }
    case 'anchors': {
      const [, gateway, from, leaves] = exactly(items, 4);
      return {
        type: 'anchors',
        gateway: asText(gateway, 'gateway', 63),
        from: asUint(from, 'from'),
        leaves: asArray(leaves, 'leaves', ITEMS_MAX, 1).map((leaf) => asBytes(leaf, 'leaf')),
      };
    }
    case 'end':
      exactly(items, 1);
      return { type: 'end' };
    default:
      throw new AppError('format/invalid', 'Its kind is unknown.');
  }
}

function readEnd(value: CborValue): EpochEnd {
  const [header, certificate, next] = asArray(value, 'epoch', 3, 3);
  return {
    header: asBytes(header, 'header'),
    certificate: asBytes(certificate, 'certificate'),
    next: toValidators(next),
  };
}

function exactly(items: readonly CborValue[], count: number): readonly CborValue[] {
  if (items.length !== count) throw new AppError('format/invalid', `It has not ${count} fields.`);
  return items;
}
