import { AppError, type DigitalLink, type Names, parseDigitalLink } from '@suyuan/contracts';
import { HIDDEN_CODE_MAX, NAME_UNITS_MAX } from '../limits.ts';

/** One label. Lot and serial are printed as they stand in the link, so that paper and code cannot differ. */
export interface Label {
  /** GS1 Digital Link with lot (10) and serial (21); the QR code holds exactly this text. */
  readonly link: string;
  readonly name: Names;
  /** Net content: grams, or a count. */
  readonly net: { readonly amount: number; readonly unit: 'g' | 'count' };
  /** What the scratch layer hides; printed on the code sheets only. */
  readonly hiddenCode?: string;
}

/** Words beside the values, in both languages. */
export interface LabelWords {
  readonly net: string;
  readonly lot: string;
  readonly serial: string;
  readonly scratch: string;
}

export const LABEL_WORDS: LabelWords = {
  net: '净含量 Net',
  lot: '批次 Lot',
  serial: '序列号 S/N',
  scratch: '刮开验证 Scratch to verify',
};

/** A label whose parts were checked, ready to set. */
export interface CheckedLabel {
  readonly label: Label;
  readonly lot: string;
  readonly serial: string;
}

function bad(message: string): AppError {
  return new AppError('print/bad-label', message);
}

/** `250 g`, `1.5 kg` (never rounded), `12 件 pcs`. */
export function netText({ amount, unit }: Label['net']): string {
  if (!Number.isSafeInteger(amount) || amount <= 0) {
    throw bad('The net content of a label is a whole number of grams or pieces above 0.');
  }
  if (unit === 'count') return `${amount} 件 pcs`;
  return amount < 1000 ? `${amount} g` : `${amount / 1000} kg`;
}

function aiOf(link: DigitalLink, ai: string): string {
  const value = link.qualifiers.find((element) => element.ai === ai)?.value;
  if (value === undefined) {
    throw bad(
      `The link of a label names product (01), lot (10) and serial (21); (${ai}) is missing.`,
    );
  }
  return value;
}

/** Throws `gs1/…` for a bad link and `print/bad-label` for anything else that cannot be printed. */
export function checkLabel(label: Label): CheckedLabel {
  const link = parseDigitalLink(label.link);
  if (link.key.ai !== '01') throw bad('The link of a label names a product (01).');
  for (const name of [label.name.zh, label.name.en]) {
    if (name.trim() === '' || name.length > NAME_UNITS_MAX || /\p{Cc}/u.test(name)) {
      throw bad(`A product's name has 1 to ${NAME_UNITS_MAX} units without line breaks.`);
    }
  }
  if (label.hiddenCode !== undefined && !/^[!-~]+$/.test(label.hiddenCode)) {
    throw bad('A hidden code has visible ASCII characters only.');
  }
  if ((label.hiddenCode ?? '').length > HIDDEN_CODE_MAX) {
    throw bad(`A hidden code has at most ${HIDDEN_CODE_MAX} characters.`);
  }
  netText(label.net);
  return { label, lot: aiOf(link, '10'), serial: aiOf(link, '21') };
}
