// POST /transactions and GET /transactions/{id}.

import {
  AppError,
  bytesToHex,
  decodeReceipt,
  decodeTx,
  hexToBytes,
  isAppError,
  type ReceiptView,
  TX_SIZE_BYTES_MAX,
  txId,
} from '@suyuan/contracts';
import type { FastifyReply } from 'fastify';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import { toJson } from '../json.ts';
import { HashHex, oneOf, params } from '../params.ts';
import { notFound, Problem, problemOf, sendProblem } from '../problems.ts';
import { etagOf, IMMUTABLE, sendTagged } from '../record.ts';
import { writeRate } from '../security.ts';
import { refusalStatusOfCode } from '../status-codes.ts';
import { within } from '../within.ts';

const ReceiptJson = Type.Object({
  txId: HashHex,
  ok: Type.Boolean(),
  code: Type.String(),
  height: Type.Integer(),
  time_ms: Type.Integer(),
});

const Accepted = Type.Object({ txId: HashHex });

const HexList = Type.Array(Type.String({ description: 'hex' }));

// The numbers are data identifiers of the Beijing platform specification (Blue Book 2020, Appendix 2).
const TransactionJson = Type.Object({
  txId: { ...HashHex, description: '03_001 transaction id, hex' },
  time_ms: Type.Integer({ description: '03_004 time of the block that holds it' }),
  height: Type.Integer({ description: '02_001 block height' }),
  index: Type.Integer(),
  count: Type.Integer({ description: 'Transactions in the block: the size of both trees.' }),
  signer: Type.String({ description: '03_003 and 04_001: the account that signed and sent it' }),
  suite: Type.String(),
  module: Type.String({ description: '03_002 type: module' }),
  action: Type.String({ description: '03_002 type: action' }),
  payload: Type.Unknown({ description: '04_003 data; bytes as hex' }),
  idempotencyKey: Type.String(),
  validUntilHeight: Type.Integer(),
  receipt: Type.Object({
    ok: Type.Boolean(),
    code: Type.String(),
    events: Type.Array(Type.Object({ type: Type.String(), data: Type.Unknown() })),
  }),
  txBytes: Type.String({ description: 'hex: leaf `index` of txRoot' }),
  receiptBytes: Type.String({ description: 'hex: leaf `index` of receiptRoot' }),
  txProof: HexList,
  receiptProof: HexList,
});

export function transactionRoutes(app: App, context: RouteContext): void {
  const { node, options } = context;
  // This scope takes raw bytes and nothing else.
  app.removeAllContentTypeParsers();
  for (const type of ['application/cose', 'application/octet-stream']) {
    app.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    );
  }

  app.post(
    '/transactions',
    {
      bodyLimit: TX_SIZE_BYTES_MAX,
      config: { rateLimit: writeRate(options) },
      schema: {
        summary: 'Submit a signed transaction',
        description:
          'The body is the COSE_Sign1 of docs/formats.md §4 (application/cose or application/octet-stream). ' +
          'Submitting the same bytes again gives the same receipt.',
        tags: ['ledger'],
        consumes: ['application/cose', 'application/octet-stream'],
        querystring: params({ wait: Type.Optional(oneOf('commit', 'none')) }),
        response: { 200: ReceiptJson, 202: Accepted, '4xx': Problem, '5xx': Problem },
      },
    },
    async (request, reply) => {
      const bytes = bodyBytes(request.body);
      const id = txId(context.hash, decodeTx(bytes));
      const pending = node.submit(bytes);
      try {
        if (request.query.wait === 'none') {
          // A refusal at the door comes at once; what happens later is read at /transactions/{id}.
          pending.catch(() => undefined);
          await Promise.race([pending, nextTurn()]);
          return reply.code(202).send({ txId: bytesToHex(id) });
        }
        const receipt = await within(
          pending,
          options.commitTimeout_ms,
          'No block took the transaction yet; submit the same bytes again to learn what became of it.',
        );
        if (receipt.ok) return reply.send(receiptJson(receipt));
        return refuse(
          reply,
          request.id,
          receipt.code,
          'The ledger refused this transaction.',
          receipt,
        );
      } catch (error) {
        if (!isAppError(error)) throw error;
        const status = refusalStatusOfCode(error.code);
        if (status >= 500) throw error;
        return sendProblem(reply, problemOf(error, request.id, status));
      }
    },
  );

  app.get(
    '/transactions/:id',
    {
      schema: {
        summary: 'A committed transaction with its receipt and inclusion proofs',
        tags: ['ledger'],
        params: params({ id: HashHex }),
        response: { 200: TransactionJson, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const found = node.transaction(hexToBytes(request.params.id));
      if (found === undefined) throw notFound('No committed transaction has this id.');
      return sendTagged(request, reply, {
        etag: etagOf('tx', request.params.id),
        type: 'application/json; charset=utf-8',
        cache: IMMUTABLE,
        make: () => {
          const tx = decodeTx(found.tx);
          const receipt = decodeReceipt(found.receipt);
          return {
            txId: request.params.id,
            time_ms: node.receipt(hexToBytes(request.params.id))?.time_ms ?? 0,
            height: found.height,
            index: found.index,
            count: found.count,
            signer: tx.signer,
            suite: tx.suite,
            module: tx.module,
            action: tx.action,
            payload: toJson(tx.payload),
            idempotencyKey: bytesToHex(tx.idempotencyKey),
            validUntilHeight: tx.validUntilHeight,
            receipt: {
              ok: receipt.ok,
              code: receipt.code,
              events: receipt.events.map((e) => ({ type: e.type, data: toJson(e.data) })),
            },
            txBytes: bytesToHex(found.tx),
            receiptBytes: bytesToHex(found.receipt),
            txProof: found.txProof.map(bytesToHex),
            receiptProof: found.receiptProof.map(bytesToHex),
          };
        },
      });
    },
  );
}

function bodyBytes(body: unknown): Uint8Array {
  if (body instanceof Uint8Array && body.length > 0) return new Uint8Array(body);
  throw new AppError('http/malformed', 'The body must be the bytes of a signed transaction.', {
    field: 'body',
  });
}

function receiptJson(receipt: ReceiptView) {
  return { ...receipt, txId: bytesToHex(receipt.txId) };
}

function refuse(
  reply: FastifyReply,
  requestId: string,
  code: string,
  detail: string,
  receipt: ReceiptView,
) {
  const status = refusalStatusOfCode(code);
  const problem = problemOf(new AppError(code, detail), requestId, status);
  reply.header('location', `/api/v1/transactions/${bytesToHex(receipt.txId)}`);
  return sendProblem(reply, problem);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
