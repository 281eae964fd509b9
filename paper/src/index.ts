// @suyuan/paper: tables and records into files, files into tables (README.md).

export * from './labels/index.ts';
export * from './sheets/index.ts';
export * from './zip/index.ts';
