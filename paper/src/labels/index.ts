export { LABEL_WORDS, type Label, type LabelWords } from './label.ts';
export { LABEL_PRESETS, type LabelLayout } from './layout.ts';
export { qrPng, qrSvg } from './qr.ts';
export { type LabelSheetOptions, type LabelSheets, writeLabelSheets } from './write-sheets.ts';
