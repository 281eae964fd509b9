// documents: papers by their hash, issued by whoever may issue them, with a time of validity; revoked or shielded, never gone
// (docs/formats.md §5).

import Type from 'typebox';
import { bytesToHex } from '../../encoding/bytes.ts';
import { AppError } from '../../errors.ts';
import type { Role } from '../../ledger/account.ts';
import { AMOUNT_MAX, DOCUMENT_SIZE_BYTES_MAX, DOCUMENT_SUBJECTS_MAX } from '../../limits.ts';
import { toLot } from '../lots/lot.ts';
import { ADMITTING_ROLES, hasRole, requireRole } from '../permissions.ts';
import { Amount, Bytes, Closed, Reason, Time_ms } from '../schema.ts';
import { defineAction, type RuleContext, type RuleModule, type StateReader } from '../types.ts';
import { requireConcerned, withDocument } from './concerned.ts';
import {
  CONFORMITY_BASES,
  DOCUMENT_KINDS,
  type Document,
  type DocumentKind,
  documentListKey,
  documentWrite,
  getDocument,
} from './document.ts';

/** Who may issue what; kinds that are not named, whom the subject concerns and who vouches for others. */
const ISSUERS: Partial<Record<DocumentKind, readonly Role[]>> = {
  'laboratory-report': ['laboratory'],
  conformity: ['grower', 'processor'],
  // A bureau can be the steward of a mark; whose word counts for which mark is asked where it is used.
  'gi-authorisation': ADMITTING_ROLES,
  licence: ['regulator', 'bureau'],
  calibration: ['laboratory', 'bureau'],
  audit: ['auditor', 'regulator'],
};

/** What a document may be about; a lot may be named before it exists, for an audit comes before its opening balance. */
const SUBJECTS = /^(lots\/[0-9]{14}\/[!-~]{1,60}|(places|devices|products|accounts)\/[!-~]{1,63})$/;

const Text100 = Type.String({ minLength: 1, maxLength: 100 });

const register = defineAction(
  Closed({
    hash: Bytes(32),
    kind: Type.Union(DOCUMENT_KINDS.map((kind) => Type.Literal(kind))),
    mime: Type.Union([
      Type.Literal('application/pdf'),
      Type.Literal('image/jpeg'),
      Type.Literal('image/png'),
      Type.Literal('text/plain'),
      Type.Literal('text/csv'),
      Type.Literal('application/json'),
    ]),
    size_bytes: Type.Integer({ minimum: 1, maximum: DOCUMENT_SIZE_BYTES_MAX }),
    title: Text100,
    number: Type.Optional(Text100),
    issuedAt: Time_ms,
    validFrom: Time_ms,
    validUntil: Type.Optional(Time_ms),
    subjects: Type.Array(Type.String({ pattern: SUBJECTS.source, maxLength: 100 }), {
      minItems: 1,
      maxItems: DOCUMENT_SUBJECTS_MAX,
      uniqueItems: true,
    }),
    amount: Type.Optional(Amount),
    born: Type.Optional(Time_ms),
    conformity: Type.Optional(
      Closed({
        amount: Amount,
        origin: Text100,
        basis: Type.Array(Type.Union(CONFORMITY_BASES.map((basis) => Type.Literal(basis))), {
          minItems: 1,
          maxItems: CONFORMITY_BASES.length,
          uniqueItems: true,
        }),
      }),
    ),
    results: Type.Optional(
      Type.Array(
        Closed({
          name: Text100,
          value: Type.Integer({ minimum: -AMOUNT_MAX, maximum: AMOUNT_MAX }),
          decimals: Type.Integer({ minimum: 0, maximum: 9 }),
          uom: Type.String({ minLength: 1, maxLength: 20 }),
        }),
        { minItems: 1, maxItems: 64 },
      ),
    ),
  }),
  (state, p, ctx) => {
    const roles = ISSUERS[p.kind];
    if (roles !== undefined) requireRole(ctx, roles);
    if (getDocument(state, p.hash) !== undefined) {
      throw new AppError('documents/exists', 'This file is registered already.', {
        document: bytesToHex(p.hash),
      });
    }
    if (p.validUntil !== undefined && p.validUntil <= p.validFrom) {
      throw new AppError('documents/bad-period', 'The document must end after it begins to hold.');
    }
    if (p.issuedAt > ctx.time_ms) {
      throw new AppError('documents/bad-period', 'The document is issued in the future.');
    }
    requireFields(p);
    if (roles === undefined) {
      for (const subject of p.subjects) requireConcerned(state, ctx, subject);
    }
    if (p.kind === 'conformity') requireOwnLots(state, p.subjects, ctx);
    const document: Document = { ...p, issuer: ctx.signer.id, status: 'valid', tx: ctx.txId };
    return {
      writes: [
        documentWrite(document),
        ...p.subjects.map((subject) => ({
          key: documentListKey(subject),
          value: withDocument(state, ctx, subject, p.hash),
        })),
      ],
      events: [
        {
          type: 'documents.registered',
          data: { hash: p.hash, kind: p.kind, by: ctx.signer.id },
        },
      ],
    };
  },
);

type Given = Pick<Document, 'kind' | 'amount' | 'born' | 'conformity' | 'results'>;

/** Each kind has its own fields, and no other has them. */
function requireFields(p: Given): void {
  const wanted: Partial<Record<DocumentKind, readonly (keyof Given)[]>> = {
    audit: ['amount', 'born'],
    conformity: ['conformity'],
    'laboratory-report': ['results'],
  };
  const fields = wanted[p.kind] ?? [];
  for (const field of ['amount', 'born', 'conformity', 'results'] as const) {
    if (fields.includes(field) !== (p[field] !== undefined)) {
      throw new AppError(
        'documents/wrong-fields',
        `A document of the kind ${p.kind} ${fields.includes(field) ? 'needs' : 'has no'} ${field}.`,
        { field },
      );
    }
  }
}

/** A certificate of conformity is the producer's own word for his own lots. */
function requireOwnLots(state: StateReader, subjects: readonly string[], ctx: RuleContext): void {
  for (const subject of subjects) {
    const value = subject.startsWith('lots/') ? state.get(subject) : undefined;
    if (value === undefined || toLot(value).maker !== ctx.signer.id) {
      throw new AppError('documents/not-the-maker', 'Only who made the lots may certify them.', {
        subject,
      });
    }
  }
}

function requireOwn(state: StateReader, hash: Uint8Array): Document {
  const document = getDocument(state, hash);
  if (document === undefined) {
    throw new AppError('documents/unknown', 'There is no such document; register it first.', {
      document: bytesToHex(hash),
    });
  }
  return document;
}

const revoke = defineAction(Closed({ hash: Bytes(32), reason: Reason }), (state, p, ctx) => {
  const document = requireOwn(state, p.hash);
  if (ctx.signer.id !== document.issuer && !hasRole(ctx.signer, ['regulator'])) {
    throw new AppError('documents/not-the-issuer', 'Only its issuer or a regulator revokes it.');
  }
  if (document.status === 'revoked') {
    throw new AppError('documents/revoked', 'The document was revoked before.');
  }
  const after: Document = {
    ...document,
    status: 'revoked',
    revokedAt: ctx.time_ms,
    reason: p.reason,
  };
  return {
    writes: [documentWrite(after)],
    events: [{ type: 'documents.revoked', data: { hash: p.hash, by: ctx.signer.id } }],
  };
});

/** The file may not be shown any more, or may again; the hash stays either way. */
const shield = defineAction(
  Closed({ hash: Bytes(32), shielded: Type.Boolean() }),
  (state, p, ctx) => {
    requireRole(ctx, ['regulator']);
    const { shielded: _, ...document } = requireOwn(state, p.hash);
    return {
      writes: [documentWrite(p.shielded ? { ...document, shielded: true } : document)],
      events: [
        {
          type: 'documents.shielded',
          data: { hash: p.hash, shielded: p.shielded, by: ctx.signer.id },
        },
      ],
    };
  },
);

export const documents: RuleModule = {
  name: 'documents',
  version: 1,
  actions: { register, revoke, shield },
};
