export { type JournalOptions, openJournal } from './journal.ts';
export type * from './port.ts';
