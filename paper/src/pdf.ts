import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import PDFDocument from 'pdfkit';
import { FONT_FILES, type FontName } from './fonts.ts';

export type Pdf = InstanceType<typeof PDFDocument>;

export const PT_PER_MM = 72 / 25.4;

export interface PdfInfo {
  readonly title: string;
  /** When the file is said to be made; nothing here reads a clock. */
  readonly created_ms: number;
}

/** A document without pages, with both fonts registered under their names. */
export function createPdf(info: PdfInfo): Pdf {
  const created = new Date(info.created_ms);
  const pdf = new PDFDocument({
    autoFirstPage: false,
    bufferPages: false,
    info: { Title: info.title, Producer: 'Suyuan', Creator: 'Suyuan', CreationDate: created },
  });
  for (const name of Object.keys(FONT_FILES) as FontName[]) {
    pdf.registerFont(name, FONT_FILES[name]);
  }
  return pdf;
}

/**
 * Writes a document to `out` page by page, at the pace of `out`: `pages` draws on `pdf` and yields wherever what was drawn
 * may leave memory. Ends `out`; rejects with its error.
 */
export async function streamPdf(
  pdf: Pdf,
  pages: AsyncIterable<unknown> | Iterable<unknown>,
  out: Writable,
): Promise<void> {
  async function* chunks(): AsyncGenerator<Buffer> {
    for await (const _ of pages) {
      const chunk: Buffer | null = pdf.read();
      if (chunk !== null) yield chunk;
    }
    pdf.end();
    yield* pdf as AsyncIterable<Buffer>;
  }
  await pipeline(chunks(), out);
}
