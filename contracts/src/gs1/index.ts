export * from './check-digit.ts';
