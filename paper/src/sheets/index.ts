export { cellInteger, cellText, cellTime, timeZone } from './cell-values.ts';
export { type ReadTableOptions, readTable } from './read-table.ts';
export {
  type Cell,
  columnName,
  type Row,
  TABLE_LIMITS,
  type Table,
  type TableLimits,
} from './table.ts';
export { type OutCell, type OutColumn, type WriteTableOptions, writeTable } from './write-table.ts';
export { instantOf, type ZoneOffset } from './zone.ts';
