import { describe, expect, it } from 'vitest';
import { deviceLink, goodsLink, namedKey, placeLink } from './ids.ts';

const GTIN = '06901234500004';

describe('identifiers of events', () => {
  it('are links on id.gs1.org that lead back to the keys', () => {
    expect(goodsLink(GTIN)).toBe(`https://id.gs1.org/01/${GTIN}`);
    const unit = goodsLink(GTIN, 'CP-2025/01', '7');
    expect(unit).toBe(`https://id.gs1.org/01/${GTIN}/10/CP-2025%2F01/21/7`);
    expect(namedKey(unit)).toEqual({
      gtin: GTIN,
      lot: 'CP-2025/01',
      serial: '7',
      link: `https://id.gs1.org/01/${GTIN}/21/7`,
    });
    expect(namedKey(placeLink('6901234500011'))?.gln).toBe('6901234500011');
    expect(namedKey(deviceLink('6901234-room-2'))?.device).toBe('6901234-room-2');
  });

  it('are read from other hosts, short names and EPC URNs', () => {
    const lot = { gtin: GTIN, lot: 'M-7', link: `https://id.gs1.org/01/${GTIN}/10/M-7` };
    expect(namedKey('urn:epc:class:lgtin:6901234.050000.M-7')).toEqual(lot);
    expect(namedKey('https://shop.example/x/gtin/6901234500004/lot/M-7?17=270101')).toEqual(lot);
    expect(namedKey('urn:epc:id:pgln:6901234.50001')?.gln).toBe('6901234500011');
  });

  it.each([
    '',
    'geo:1,2',
    'https://a.example/',
    'https://id.gs1.org/01/06901234500005',
    'urn:epc:id:sgtin:x',
  ])('knows no key of %j', (id) => {
    expect(namedKey(id)).toBeUndefined();
  });

  it('refuses keys that are none', () => {
    expect(() => goodsLink('123')).toThrowError(expect.objectContaining({ code: 'gs1/bad-value' }));
    expect(() => placeLink('6901234500012')).toThrowError(
      expect.objectContaining({ code: 'gs1/bad-value' }),
    );
  });
});
