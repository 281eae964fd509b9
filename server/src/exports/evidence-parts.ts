// The parts of an evidence file that a server can give: bundle, documents' files, and how to verify them. Not the readable PDF:
// that repeats a verdict, and only who verified the bundle can vouch for one.

import { bytesToHex, type Document, decodeCbor, isAppError, toDocument } from '@suyuan/contracts';
import type { ZipPart } from '@suyuan/paper';
import type { DocumentStore } from '../documents/store.ts';

/** The documents that a bundle shows, in the order of their hashes. */
export function documentsIn(
  state: readonly { readonly key: string; readonly value: Uint8Array | null }[],
): Document[] {
  return state.flatMap(({ key, value }) =>
    value !== null && key.startsWith('documents/') ? [toDocument(decodeCbor(value))] : [],
  );
}

const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'text/plain': 'txt',
  'text/csv': 'csv',
  'application/json': 'json',
};

/** Where the file of a document lies within an evidence file. */
export function documentFileName({ hash, mime }: Pick<Document, 'hash' | 'mime'>): string {
  return `documents/${bytesToHex(hash)}.${EXTENSIONS[mime] ?? 'bin'}`;
}

export async function* evidenceParts(
  bundle: Uint8Array,
  documents: readonly Document[],
  store: DocumentStore | undefined,
  genesis: Uint8Array,
): AsyncGenerator<ZipPart> {
  yield { name: 'bundle.cbor', data: bundle, stored: true };
  const missing: string[] = [];
  for (const document of documents) {
    const file = await store?.open(bytesToHex(document.hash)).catch((error: unknown) => {
      if (isAppError(error)) return undefined;
      throw error;
    });
    if (file === undefined) missing.push(bytesToHex(document.hash));
    else yield { name: documentFileName(document), data: file.chunks(), stored: true };
  }
  yield {
    name: 'README.txt',
    data: new TextEncoder().encode(evidenceReadme(bytesToHex(genesis), missing, false)),
  };
}

/** How to verify, in both languages. `missing`: documents, in hex, whose files are not in it. */
export function evidenceReadme(
  genesis: string,
  missing: readonly string[],
  withPdf: boolean,
): string {
  const pdf = withPdf
    ? [
        'evidence.pdf  供阅读；由核验过证据包的程序生成，结论以再次核验为准。',
        '              For reading; made by a program that had verified the bundle. Verify again: that result counts.',
      ]
    : [
        '本文件不含 PDF：未经核验的结论没有意义。请运行 suyuan export evidence，它先核验再生成。',
        'There is no PDF in here: a verdict that nobody verified says nothing. suyuan export evidence verifies first and makes one.',
      ];
  return [
    '溯源证据 Evidence of origin',
    '',
    'bundle.cbor   证据包，可离线核验 The evidence, verifiable offline',
    'documents/    登记文件，文件名即 SHA-256，证据包中有其登记 Files of registered documents, named by their SHA-256, which the bundle shows',
    'manifest.json 各文件的 SHA-256 SHA-256 of each file',
    ...pdf,
    '',
    '如何核验 How to verify',
    '1. 计算各文件 SHA-256 并与 manifest.json 比对。 Compute the SHA-256 of each file and compare with manifest.json.',
    '2. 从账本成员处（而非本文件）取得链标识。本文件所称： Obtain the chain id from a member of the ledger, not from this file. It says:',
    `   ${genesis}`,
    '3. 运行 Run: suyuan verify bundle.cbor --genesis <链标识 chain id>',
    '   或任何按 docs/formats.md 第 8 节编写的程序。 Or any program written from docs/formats.md §8.',
    ...(missing.length === 0
      ? []
      : [
          '',
          '缺少原件的文件 Documents whose files are not here:',
          ...missing.map((hash) => `   ${hash}`),
        ]),
    '',
  ].join('\n');
}
