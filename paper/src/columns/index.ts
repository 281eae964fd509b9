export {
  applyMapping,
  assertMapped,
  type ColumnMap,
  type Field,
  type Mapping,
  mapColumns,
  type SavedMapping,
  saveMapping,
} from './map-columns.ts';
