/** Labels of one print job: 5 MB of hidden codes in memory at most. */
export const LABELS_MAX = 200_000;
/** Smallest module of a printed code that phones read reliably from a hand's distance. */
export const MODULE_MIN_MM = 0.33;
/** Modules of white around a QR code (ISO/IEC 18004 §9.1). */
export const QUIET_MODULES = 4;
/** Text that is smaller is not printed: below this a 600 dpi printer closes the strokes of Chinese characters. */
export const FONT_MIN_PT = 3.6;
/** Units of a product's name, as everywhere in the house. */
export const NAME_UNITS_MAX = 64;
/** Characters of a code under a scratch layer. */
export const HIDDEN_CODE_MAX = 24;
