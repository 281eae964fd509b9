// GET /blocks/{height|latest}.

import {
  AppError,
  blockHash,
  bytesToHex,
  decodeCertificate,
  decodeHeader,
  decodeTx,
  HEADER_VERSION,
  txId,
} from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import { BlockRef, HashHex, params, toUint } from '../params.ts';
import { notFound, Problem } from '../problems.ts';
import { etagOf, IMMUTABLE, sendTagged } from '../record.ts';

const Hex = Type.String({ description: 'hex' });

/** A 32-byte hash under its data identifier of the Beijing platform specification (Blue Book 2020, Appendix 2). */
const hashField = (description: string) => ({ ...HashHex, description });

const BlockJson = Type.Object({
  hash: hashField('02_002 block id: the hash of the header'),
  height: Type.Integer({ description: '02_001 block height' }),
  version: Type.Integer({ description: '02_003 block version' }),
  time_ms: Type.Integer({ description: '02_006 block time, ms since 1970 UTC' }),
  previous: hashField('02_004 hash of the block before'),
  proposer: Type.String({ description: '06_003 node that proposed the block' }),
  txRoot: hashField('02_005 Merkle root of the transactions'),
  receiptRoot: hashField('Merkle root of the receipts'),
  stateRoot: hashField('Root of the state after the block'),
  validators: HashHex,
  nextValidators: HashHex,
  rules: Type.Integer(),
  certificate: Type.Object({
    epoch: Type.Integer(),
    slot: Type.Integer(),
    signatures: Type.Array(Type.Object({ validator: Type.Integer(), signature: Hex })),
  }),
  transactions: Type.Array(
    Type.Object({
      txId: hashField('03_001 transaction id'),
      signer: Type.String({ description: '03_003 account that signed' }),
      module: Type.String({ description: '03_002 transaction type: module' }),
      action: Type.String({ description: '03_002 transaction type: action' }),
    }),
    { description: '02_007 transactions of the block' },
  ),
  headerBytes: Hex,
  certificateBytes: Hex,
});

export function blockRoutes(app: App, { node, hash }: RouteContext): void {
  app.get(
    '/blocks/:height',
    {
      schema: {
        summary: 'A block: its header, its certificate and what it decided',
        tags: ['ledger'],
        params: params({ height: BlockRef }),
        response: { 200: BlockJson, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const ref = request.params.height;
      const height = ref === 'latest' ? node.height() : toUint(ref, 'height');
      const block = node.block(height);
      if (block === undefined && height > 0 && height <= node.base()) {
        throw new AppError(
          'ledger/below-base',
          `This node was founded from a snapshot at block ${node.base()} and has no block up to that: ask another node.`,
          { base: node.base() },
        );
      }
      if (block === undefined) throw notFound('The ledger has no block at this height.');
      return sendTagged(request, reply, {
        etag: etagOf(block.header, block.certificate),
        type: 'application/json; charset=utf-8',
        cache: ref === 'latest' ? 'no-cache' : IMMUTABLE,
        make: () => {
          const header = decodeHeader(block.header);
          const certificate = decodeCertificate(block.certificate);
          return {
            hash: bytesToHex(blockHash(hash, block.header)),
            height: header.height,
            version: HEADER_VERSION,
            time_ms: header.time_ms,
            previous: bytesToHex(header.previous),
            proposer: header.proposer,
            txRoot: bytesToHex(header.txRoot),
            receiptRoot: bytesToHex(header.receiptRoot),
            stateRoot: bytesToHex(header.stateRoot),
            validators: bytesToHex(header.validators),
            nextValidators: bytesToHex(header.nextValidators),
            rules: header.rules,
            certificate: {
              epoch: certificate.epoch,
              slot: certificate.slot,
              signatures: certificate.signatures.map((s) => ({
                validator: s.validator,
                signature: bytesToHex(s.signature),
              })),
            },
            transactions: block.txs.map((bytes) => {
              const tx = decodeTx(bytes);
              return {
                txId: bytesToHex(txId(hash, tx)),
                signer: tx.signer,
                module: tx.module,
                action: tx.action,
              };
            }),
            headerBytes: bytesToHex(block.header),
            certificateBytes: bytesToHex(block.certificate),
          };
        },
      });
    },
  );
}
