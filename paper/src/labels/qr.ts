import { crc32, deflateSync } from 'node:zlib';
import { AppError } from '@suyuan/contracts';
import bwip from 'bwip-js/node';
import { QUIET_MODULES } from '../limits.ts';

export interface QrMatrix {
  /** Modules along one side, without the quiet zone. */
  readonly size: number;
  /** size × size bytes, row by row, 1 is dark. */
  readonly dark: Uint8Array;
}

/** More bytes than this make a code too dense for a label. */
const TEXT_BYTES_MAX = 300;
// Trying all eight masks costs more than twice the time of the rest; every reader takes every mask.
const MASK = 3;

function optionsFor(text: string) {
  if (text.length === 0 || !/^[!-~]+$/.test(text) || text.length > TEXT_BYTES_MAX) {
    throw new AppError(
      'print/bad-code-text',
      `A printed code holds a link of 1 to ${TEXT_BYTES_MAX} visible ASCII characters; percent-encode or shorten it.`,
      { length: text.length },
    );
  }
  return { bcid: 'qrcode', text, eclevel: 'M', mask: MASK };
}

/** The QR code of `text` with error correction M, or `print/bad-code-text`. */
export function qrMatrix(text: string): QrMatrix {
  const [symbol] = bwip.raw(optionsFor(text));
  if (symbol === undefined || !('pixs' in symbol)) {
    throw new AppError('print/bad-code-text', 'This text cannot be written as a QR code.');
  }
  return { size: symbol.pixx, dark: Uint8Array.from(symbol.pixs) };
}

/** Dark stretches of each row as `[x, y, length]` in modules. */
export function* darkRuns(qr: QrMatrix): Generator<[x: number, y: number, length: number]> {
  for (let y = 0; y < qr.size; y++) {
    for (let x = 0; x < qr.size; x++) {
      let end = x;
      while (end < qr.size && qr.dark[y * qr.size + end] === 1) end++;
      if (end > x) yield [x, y, end - x];
      x = end;
    }
  }
}

/** One QR code as SVG, its quiet zone included, `module_mm` a module. */
export function qrSvg(text: string, module_mm = 0.5): string {
  const qr = qrMatrix(text);
  const side = qr.size + 2 * QUIET_MODULES;
  const path = [...darkRuns(qr)]
    .map(([x, y, length]) => `M${x + QUIET_MODULES} ${y + QUIET_MODULES}h${length}v1h-${length}z`)
    .join('');
  const side_mm = Number((side * module_mm).toFixed(3));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${side_mm}mm" height="${side_mm}mm" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h${side}v${side}H0z"/><path d="${path}"/></svg>\n`;
}

function pngChunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  chunk.set(body, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** One QR code as PNG in two colours, its quiet zone included, `module_px` pixels a module (1 to 40). */
export function qrPng(text: string, module_px = 8): Uint8Array {
  if (!Number.isInteger(module_px) || module_px < 1 || module_px > 40) {
    throw new AppError('print/bad-layout', 'A module of a picture has 1 to 40 pixels.');
  }
  const qr = qrMatrix(text);
  const side = (qr.size + 2 * QUIET_MODULES) * module_px;
  // Each row is led by its filter, 0; a set bit is white.
  const stride = 1 + Math.ceil(side / 8);
  const rows = Buffer.alloc(stride * side, 0xff);
  for (let y = 0; y < side; y++) rows[y * stride] = 0;
  for (const [x, y, length] of darkRuns(qr)) {
    const left = (x + QUIET_MODULES) * module_px;
    const top = (y + QUIET_MODULES) * module_px;
    for (let py = top; py < top + module_px; py++) {
      for (let px = left; px < left + length * module_px; px++) {
        const at = py * stride + 1 + (px >> 3);
        rows[at] = rows[at]! & ~(0x80 >> (px & 7));
      }
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // bits a pixel; the other fields, 0, say grey, deflate, no interlace
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', header),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}
