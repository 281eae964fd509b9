// What one export may take, and how many run at once.

/** Exports over a held moment of the database: LMDB keeps the pages that it sees. */
export const AT_ONCE_MAX = 4;
export const HELD_MS_MAX = 300_000;
/** Lots of one export; a row or more of each. */
export const LOTS_MAX = 100_000;
/** Lots that the column store is asked about together. */
export const LOTS_AT_ONCE = 64;
/** Events on one page of the column store, and of one export: their numbers are remembered, so that none comes twice. */
export const EVENTS_AT_ONCE = 500;
export const EVENTS_MAX = 1_000_000;
/** Shipments that an evidence bundle proves beside what it shows of every lot. */
export const SHIPMENTS_MAX = 512;
/** Times that a bundle is put together anew because a block came in between. */
export const TRIES_MAX = 8;
