export { createCore } from './core.ts';
export { UNCOMMITTED_MAX } from './state.ts';
export type {
  BlockId,
  Core,
  CoreEffect,
  CoreEvent,
  CoreOptions,
  CoreView,
  Ref,
  Statement,
} from './types.ts';
