import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crop, type Gray, rasterise, readCodes, wordsOf } from '../testing/raster.ts';
import type { Label } from './label.ts';
import { LABEL_PRESETS, type LabelLayout, slotAt } from './layout.ts';
import { qrMatrix, qrPng, qrSvg } from './qr.ts';
import { writeLabelSheets } from './write-sheets.ts';

const DPI = 250;
const PX_PER_MM = DPI / 25.4;
const PT_PER_MM = 72 / 25.4;

function linkOf(i: number): string {
  const serial = `${String(i * 7919 + 13).padStart(9, '0')}-aZ%2F${i}`;
  return `https://id.example.cn/01/06901234500004/10/CP-2025%2F01/21/${serial}`;
}

function labelOf(i: number, rest: Partial<Label> = {}): Label {
  return {
    link: linkOf(i),
    name: { zh: '新会陈皮（五年）', en: 'Xinhui chenpi, five years' },
    net: { amount: 250, unit: 'g' },
    ...rest,
  };
}

function* someLabels(count: number, rest: Partial<Label> = {}): Generator<Label> {
  for (let i = 0; i < count; i++) yield labelOf(i, rest);
}

const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'suyuan-labels-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function print(
  name: string,
  labels: Iterable<Label>,
  layout: LabelLayout,
  codes = false,
): Promise<{ path: string; codesPath: string; pages: number; labels: number }> {
  const path = join(folder, `${name}.pdf`);
  const codesPath = join(folder, `${name}-codes.pdf`);
  const written = await writeLabelSheets(createWriteStream(path), labels, {
    layout,
    created_ms: 0,
    ...(codes ? { codes: createWriteStream(codesPath) } : {}),
  });
  return { path, codesPath, ...written };
}

const slotOf = (page: Gray, layout: LabelLayout, slot: number): Gray => {
  const { x_mm, y_mm } = slotAt(layout, slot);
  const { width, height } = layout.label_mm;
  return crop(page, x_mm * PX_PER_MM, y_mm * PX_PER_MM, width * PX_PER_MM, height * PX_PER_MM);
};

describe('printed labels', () => {
  it.each([
    ['a4-3x8', 120],
    ['a4-5x13', 130],
    ['roll-50x30', 40],
  ] as const)('are read again, each at its place: %s, %i labels', async (preset, count) => {
    const layout: LabelLayout = LABEL_PRESETS[preset];
    const { path, pages, labels } = await print(preset, someLabels(count), layout);
    const perPage = layout.columns * layout.rows;
    expect({ pages, labels }).toEqual({ pages: Math.ceil(count / perPage), labels: count });
    for (let page = 0; page < pages; page++) {
      const picture = rasterise(path, page + 1, DPI);
      for (let slot = 0; slot < Math.min(perPage, count - page * perPage); slot++) {
        expect(await readCodes(slotOf(picture, layout, slot))).toEqual([
          linkOf(page * perPage + slot),
        ]);
      }
    }
  });

  it.each(Object.keys(LABEL_PRESETS) as (keyof typeof LABEL_PRESETS)[])(
    'hold names of 64 units whole and within the label: %s',
    async (preset) => {
      const layout: LabelLayout = LABEL_PRESETS[preset];
      const zh = '侨宝牌新会陈皮二〇二〇年天马村核心产区大红皮自然陈化五年'.padEnd(
        64,
        '足干窖藏精选',
      );
      const en = 'Qiaobao Xinhui aged tangerine peel, Tianma core area, 2020, Big.'.padEnd(64, '.');
      expect([zh.length, en.length]).toEqual([64, 64]);
      const { path } = await print(`long-${preset}`, [labelOf(1, { name: { zh, en } })], layout);
      const words = wordsOf(path, 1);
      const printed = words.map(({ text }) => text).join('');
      expect(printed).toContain(zh);
      expect(printed).toContain(en.replaceAll(' ', ''));
      expect(printed).toContain('CP-2025/01');
      expect(printed).toContain('000007932-aZ/1');
      expect(printed).toContain('250g');
      const { x_mm, y_mm } = slotAt(layout, 0);
      for (const { xMin, yMin, xMax, yMax } of words) {
        expect(xMin).toBeGreaterThanOrEqual(x_mm * PT_PER_MM);
        expect(yMin).toBeGreaterThanOrEqual(y_mm * PT_PER_MM);
        expect(xMax).toBeLessThanOrEqual((x_mm + layout.label_mm.width) * PT_PER_MM);
        expect(yMax).toBeLessThanOrEqual((y_mm + layout.label_mm.height) * PT_PER_MM);
      }
      expect(await readCodes(slotOf(rasterise(path, 1, DPI), layout, 0))).toEqual([linkOf(1)]);
    },
  );

  it('keep the white edge of four modules free of ink', async () => {
    const layout = LABEL_PRESETS['roll-50x30'];
    const { path } = await print('quiet', [labelOf(3)], layout);
    const page = rasterise(path, 1, 600);
    const { size } = qrMatrix(linkOf(3));
    const ink = (x: number, y: number) => page.pixels[y * page.width + x]! < 128;
    let left = page.width;
    for (let y = 0; y < page.height; y++) for (let x = 0; x < left; x++) if (ink(x, y)) left = x;
    let top = 0;
    while (!ink(left + 2, top)) top++;
    // The finder pattern's left edge is seven modules long and dark.
    let side = 0;
    while (ink(left + 2, top + 2 + side)) side++;
    const module_px = (side + 2) / 7;
    expect(module_px).toBeGreaterThanOrEqual((0.33 / 25.4) * 600 * 0.97);
    const right = Math.round(left + size * module_px);
    const quiet = Math.floor(4 * module_px) - 2;
    expect(left).toBeGreaterThanOrEqual(quiet);
    for (let y = Math.max(0, top - quiet); y < top + size * module_px + quiet; y++) {
      for (let x = right + 2; x < right + quiet; x++) expect(ink(x, y)).toBe(false);
    }
  });

  it('have their hidden codes on pages that lie over the first', async () => {
    const layout = { ...LABEL_PRESETS['a4-3x8'], hiddenPanel: true, cropMarks: true };
    const labels = [...someLabels(26)].map((label, i) => ({ ...label, hiddenCode: `KX7-${i}-Q9` }));
    const { path, codesPath, pages } = await print('hidden', labels, layout, true);
    expect(pages).toBe(2);
    expect(wordsOf(path, 1).some(({ text }) => text.includes('KX7-'))).toBe(false);
    const second = wordsOf(codesPath, 2);
    expect(second.map(({ text }) => text)).toEqual(['KX7-24-Q9', 'KX7-25-Q9']);
    const { x_mm, y_mm } = slotAt(layout, 1);
    const [, word] = second;
    expect(word!.xMin).toBeGreaterThan(x_mm * PT_PER_MM);
    expect(word!.yMax).toBeLessThan((y_mm + layout.label_mm.height) * PT_PER_MM);
    expect(await readCodes(slotOf(rasterise(path, 2, DPI), layout, 1))).toEqual([linkOf(25)]);
  });

  it('come at the pace of their reader, a page in memory', async () => {
    let made = 0;
    let seen = -1;
    const slow = new Writable({
      highWaterMark: 1,
      write: (_chunk, _encoding, done) => {
        if (seen < 0) {
          seen = made;
          // The first chunk is held back until nothing else can happen.
          setImmediate(() => setImmediate(() => setImmediate(done)));
        } else done();
      },
    });
    const layout = LABEL_PRESETS['roll-50x30'];
    function* counted() {
      for (const label of someLabels(40)) {
        made++;
        yield label;
      }
    }
    await writeLabelSheets(slow, counted(), { layout, created_ms: 0 });
    expect(made).toBe(40);
    expect(seen).toBeLessThan(6);
  });
});

describe('what cannot be printed', () => {
  const layout = LABEL_PRESETS['a4-3x8'];
  const attempt = (label: Label, of: LabelLayout = layout) =>
    writeLabelSheets(nowhere(), [label], { layout: of, created_ms: 0 });

  it.each([
    ['a link without serial', labelOf(1, { link: linkOf(1).split('/21/')[0]! }), 'print/bad-label'],
    ['no link', labelOf(1, { link: 'hello' }), 'gs1/not-a-digital-link'],
    ['a GTIN mistyped', labelOf(1, { link: linkOf(1).replace('00004', '00005') }), 'gs1/bad-value'],
    ['a fraction', labelOf(1, { net: { amount: 0.5, unit: 'g' } }), 'print/bad-label'],
    ['2^63 g', labelOf(1, { net: { amount: 2 ** 63, unit: 'g' } }), 'print/bad-label'],
    ['a long name', labelOf(1, { name: { zh: '皮'.repeat(65), en: 'x' } }), 'print/bad-label'],
    ['a line break', labelOf(1, { name: { zh: '陈\n皮', en: 'x' } }), 'print/bad-label'],
    ['an emoji', labelOf(1, { name: { zh: '陈皮🍊', en: 'x' } }), 'print/no-glyph'],
    ['a code without panel', labelOf(1, { hiddenCode: 'ABC' }), 'print/bad-label'],
  ])('%s', async (_what, label, code) => {
    await expect(attempt(label)).rejects.toMatchObject({ code });
  });

  it('a code with modules too small, naming the sizes that fit', async () => {
    const tiny = { ...LABEL_PRESETS['roll-50x30'], label_mm: { width: 30, height: 14 } };
    await expect(attempt(labelOf(1), tiny)).rejects.toMatchObject({
      code: 'print/code-too-small',
      message: expect.stringMatching(/30 x 14 mm.*a4-3x8.*a4-5x13.*roll-50x30 \(50 x 30 mm\)/),
    });
    const host = `https://${'resolver.'.repeat(12)}example.cn`;
    const dense = linkOf(1).replace('https://id.example.cn', host);
    await expect(
      attempt(labelOf(1, { link: dense }), LABEL_PRESETS['a4-5x13']),
    ).rejects.toMatchObject({
      code: 'print/code-too-small',
      message: expect.not.stringMatching(/take.*a4-5x13/),
    });
  });

  it('no labels at all, and layouts beyond the page', async () => {
    const none = writeLabelSheets(nowhere(), [], { layout, created_ms: 0 });
    await expect(none).rejects.toMatchObject({ code: 'print/no-labels' });
    for (const wrong of [
      { ...layout, columns: 4 },
      { ...layout, rows: 9 },
      { ...layout, rows: 0 },
      { ...layout, columns: 1.5 },
      { ...layout, page_mm: { width: Number.NaN, height: 297 } },
      { ...LABEL_PRESETS['roll-50x30'], cropMarks: true },
    ]) {
      await expect(attempt(labelOf(1), wrong)).rejects.toMatchObject({ code: 'print/bad-layout' });
    }
  });
});

describe('one code', () => {
  it('as PNG is read again, with a white edge of four modules', async () => {
    const png = PNG.sync.read(Buffer.from(qrPng(linkOf(5), 4)));
    expect(png.width).toBe((qrMatrix(linkOf(5)).size + 8) * 4);
    const pixels = new Uint8Array(png.width * png.height).map((_, i) => png.data[i * 4]!);
    const gray = { width: png.width, height: png.height, pixels };
    expect(await readCodes(gray)).toEqual([linkOf(5)]);
    for (let y = 0; y < png.height; y++) {
      for (let x = 0; x < 16; x++) expect(pixels[y * png.width + x]).toBe(255);
    }
  });

  it('as SVG draws the same modules', () => {
    const svg = qrSvg(linkOf(5));
    const { size, dark } = qrMatrix(linkOf(5));
    const drawn = new Uint8Array(size * size);
    for (const [, x, y, length] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1/g)) {
      const from = (Number(y) - 4) * size + Number(x) - 4;
      drawn.fill(1, from, from + Number(length));
    }
    expect(drawn).toEqual(dark);
    expect(svg).toContain(`viewBox="0 0 ${size + 8} ${size + 8}"`);
  });

  it('holds visible ASCII of some length only', () => {
    for (const text of ['', 'https://例.cn', `https://e.cn/${'x'.repeat(300)}`, 'a b']) {
      expect(() => qrMatrix(text)).toThrow(
        expect.objectContaining({ code: 'print/bad-code-text' }),
      );
    }
  });
});
