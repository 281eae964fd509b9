import { AppError } from '@suyuan/contracts';
import { MODULE_MIN_MM, QUIET_MODULES } from '../limits.ts';
import { LABEL_PRESETS, type LabelLayout } from './layout.ts';

export interface Box {
  readonly x_mm: number;
  readonly y_mm: number;
  readonly width_mm: number;
  readonly height_mm: number;
}

/** The parts of one label, from its own top left corner. `code` includes the quiet zone. */
export interface Arrangement {
  readonly module_mm: number;
  readonly code: Box;
  readonly text: Box;
  readonly panel: Box | null;
}

type LabelSize = Pick<LabelLayout, 'label_mm' | 'hiddenPanel'>;

/** Printers and cutters are this far off. */
const EDGE_MM = 1;
/** Larger modules only take room from the text. */
const MODULE_MAX_MM = 0.8;
const TEXT_MIN_MM = { width: 14, height: 9 };
const PANEL_MM = 6;
/** Of the label's longer side, for the code, as long as the text has room enough. */
const CODE_SHARE = 0.5;

function room({ label_mm, hiddenPanel }: LabelSize) {
  const width = label_mm.width - 2 * EDGE_MM;
  const height = label_mm.height - 2 * EDGE_MM;
  const isWide = width >= height;
  // The panel takes of the text's column in a wide label and of the height in a tall one.
  const panel = hiddenPanel ? PANEL_MM : 0;
  const codeMax = isWide
    ? Math.min(height, width - TEXT_MIN_MM.width)
    : Math.min(width, height - TEXT_MIN_MM.height - panel);
  const textHeight = isWide ? height - panel : TEXT_MIN_MM.height;
  return { width, height, isWide, panel, codeMax, fits: textHeight >= TEXT_MIN_MM.height };
}

const sideOf = (modules: number) => (modules + 2 * QUIET_MODULES) * MODULE_MIN_MM;

function fits(size: LabelSize, modules: number): boolean {
  const { codeMax, fits } = room(size);
  return fits && codeMax >= sideOf(modules);
}

/**
 * Places a code of `modules` modules a side, the text and the panel on a label, the code as small as it may be if
 * `isTight`. Throws `print/code-too-small` if a module would be smaller than 0.33 mm, saying which presets fit.
 */
export function arrange(size: LabelSize, modules: number, isTight = false): Arrangement {
  const { width, height, isWide, panel, codeMax } = room(size);
  const min_mm = sideOf(modules);
  if (!fits(size, modules)) {
    const fitting = Object.values(LABEL_PRESETS)
      .filter((preset) => fits({ ...preset, hiddenPanel: size.hiddenPanel === true }, modules))
      .map((preset) => `${preset.name} (${preset.label_mm.width} x ${preset.label_mm.height} mm)`);
    const { width: w, height: h } = size.label_mm;
    throw new AppError(
      'print/code-too-small',
      `A label of ${w} x ${h} mm has no room for this code: ${modules} modules of ${MODULE_MIN_MM} mm and its white edge take ${min_mm.toFixed(1)} mm beside the text. Shorten the link, or take ${fitting.length > 0 ? fitting.join(' or ') : 'a larger label than the presets'}.`,
      { modules, need_mm: min_mm, width_mm: w, height_mm: h },
    );
  }
  const wanted = isTight ? min_mm : Math.max(min_mm, Math.max(width, height) * CODE_SHARE);
  const max_mm = (modules + 2 * QUIET_MODULES) * MODULE_MAX_MM;
  const side = Math.min(codeMax, max_mm, wanted);
  const module_mm = side / (modules + 2 * QUIET_MODULES);
  const box = (x: number, y: number, w: number, h: number): Box => ({
    x_mm: EDGE_MM + x,
    y_mm: EDGE_MM + y,
    width_mm: w,
    height_mm: h,
  });
  if (isWide) {
    return {
      module_mm,
      code: box(0, (height - side) / 2, side, side),
      text: box(side, 0, width - side, height - panel),
      panel: panel === 0 ? null : box(side, height - panel + 1, width - side, panel - 1),
    };
  }
  return {
    module_mm,
    code: box((width - side) / 2, 0, side, side),
    text: box(0, side, width, height - side - panel),
    panel: panel === 0 ? null : box(0, height - panel + 1, width, panel - 1),
  };
}
