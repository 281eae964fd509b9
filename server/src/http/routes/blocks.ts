// GET /blocks/{height|latest}.

import {
  blockHash,
  bytesToHex,
  decodeCertificate,
  decodeHeader,
  decodeTx,
  txId,
} from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import { BlockRef, HashHex, params, toUint } from '../params.ts';
import { notFound, Problem } from '../problems.ts';
import { etagOf, IMMUTABLE, sendTagged } from '../record.ts';

const Hex = Type.String({ description: 'hex' });

const BlockJson = Type.Object({
  hash: HashHex,
  height: Type.Integer(),
  time_ms: Type.Integer(),
  previous: HashHex,
  proposer: Type.String(),
  txRoot: HashHex,
  receiptRoot: HashHex,
  stateRoot: HashHex,
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
      txId: HashHex,
      signer: Type.String(),
      module: Type.String(),
      action: Type.String(),
    }),
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
