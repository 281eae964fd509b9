// @suyuan/paper: tables and records into files, files into tables (README.md).

export * from './columns/index.ts';
export * from './evidence/index.ts';
export * from './labels/index.ts';
export * from './records/index.ts';
export * from './sheets/index.ts';
export * from './zip/index.ts';
