// Device packs and what gateways say of them (docs/formats.md §3 and §6).

export * from './pack.ts';
export * from './quantities.ts';
export { decodeSenml, encodeSenml, senmlFromJson } from './senml.ts';
export * from './statement.ts';
export * from './token.ts';
