// @suyuan/paper: tables and records into files, files into tables (README.md).

export * from './labels/index.ts';
