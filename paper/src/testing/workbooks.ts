// Workbooks written by hand, for what exceljs would not write.

import { writeZip, type ZipPart } from '../zip/write-zip.ts';
import { Collect } from './collect.ts';

export interface RawWorkbook {
  /** XML of the sheet's content, `<sheetData>…`. */
  readonly sheet: string | Iterable<Uint8Array>;
  readonly strings?: string | Iterable<Uint8Array>;
  readonly styles?: string;
  readonly workbook?: string;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const xml = (text: string | Iterable<Uint8Array>) =>
  typeof text === 'string' ? Buffer.from(HEAD + text) : text;

export async function zipOf(parts: readonly ZipPart[]): Promise<Buffer> {
  const out = new Collect();
  await writeZip(out, parts, { created_ms: 0 });
  return out.bytes;
}

export function rawWorkbook(raw: RawWorkbook): Promise<Buffer> {
  const workbook =
    raw.workbook ??
    '<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>';
  const sheet = typeof raw.sheet === 'string' ? `<worksheet>${raw.sheet}</worksheet>` : raw.sheet;
  return zipOf([
    { name: 'xl/workbook.xml', data: xml(workbook) as Uint8Array },
    {
      name: 'xl/_rels/workbook.xml.rels',
      data: Buffer.from(
        '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
      ),
    },
    { name: 'xl/worksheets/sheet1.xml', data: xml(sheet) },
    ...(raw.strings === undefined
      ? []
      : [{ name: 'xl/sharedStrings.xml', data: xml(raw.strings) }]),
    ...(raw.styles === undefined ? [] : [{ name: 'xl/styles.xml', data: xml(raw.styles) }]),
  ]);
}
