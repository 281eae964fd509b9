// What a phone would see of a printed page: pages rasterised by poppler, codes read by zxing.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';

const wasm = readFileSync(
  createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'),
);
prepareZXingModule({
  overrides: {
    wasmBinary: wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.byteLength),
  },
});

export interface Gray {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** One page of a PDF file, 8 bits a pixel. */
export function rasterise(path: string, page: number, dpi: number): Gray {
  const pgm = execFileSync(
    'pdftoppm',
    ['-gray', '-r', `${dpi}`, '-f', `${page}`, '-l', `${page}`, path],
    { maxBuffer: 256 * 1024 * 1024 },
  );
  const head = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(pgm.subarray(0, 64).toString('latin1'));
  if (head === null) throw new Error('pdftoppm wrote no PGM');
  return {
    width: Number(head[1]),
    height: Number(head[2]),
    pixels: pgm.subarray(head[0].length),
  };
}

/** A rectangle of a picture, all numbers in pixels, cut to the picture. */
export function crop(gray: Gray, x: number, y: number, width: number, height: number): Gray {
  const left = Math.max(0, Math.round(x));
  const top = Math.max(0, Math.round(y));
  const right = Math.min(gray.width, Math.round(x + width));
  const bottom = Math.min(gray.height, Math.round(y + height));
  const pixels = new Uint8Array((right - left) * (bottom - top));
  for (let row = top; row < bottom; row++) {
    const from = row * gray.width;
    pixels.set(gray.pixels.subarray(from + left, from + right), (row - top) * (right - left));
  }
  return { width: right - left, height: bottom - top, pixels };
}

/** The texts of all QR codes in a picture. */
export async function readCodes(gray: Gray): Promise<string[]> {
  const data = new Uint8ClampedArray(gray.width * gray.height * 4);
  for (let i = 0; i < gray.width * gray.height; i++) {
    data.fill(gray.pixels[i]!, i * 4, i * 4 + 3);
    data[i * 4 + 3] = 255;
  }
  const image = { data, width: gray.width, height: gray.height, colorSpace: 'srgb' };
  const found = await readBarcodes(image as Parameters<typeof readBarcodes>[0], {
    formats: ['QRCode'],
    maxNumberOfSymbols: 255,
  });
  return found.map(({ text }) => text);
}

export interface Word {
  readonly text: string;
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

/** The words of a page, or of all, with their boxes in points, from the top left corner of theirs. */
export function wordsOf(path: string, page?: number): Word[] {
  const range = page === undefined ? [] : ['-f', `${page}`, '-l', `${page}`];
  const html = execFileSync('pdftotext', ['-bbox', ...range, path, '-'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  const pattern =
    /<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</g;
  return [...html.matchAll(pattern)].map(([, xMin, yMin, xMax, yMax, text]) => ({
    text: text!.replaceAll('&amp;', '&').replaceAll('&lt;', '<').replaceAll('&gt;', '>'),
    xMin: Number(xMin),
    yMin: Number(yMin),
    xMax: Number(xMax),
    yMax: Number(yMax),
  }));
}
