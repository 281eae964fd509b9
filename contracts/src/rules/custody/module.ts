// custody: who holds goods and where they lie. Two sign a handover: who sends and who receives (docs/formats.md §5, *shipment*).

import type { RuleModule } from '../types.ts';
import { cancel, receive, refuse } from './arrive.ts';
import { move } from './move.ts';
import { ship } from './ship.ts';

export const custody: RuleModule = {
  name: 'custody',
  version: 1,
  actions: { ship, receive, refuse, cancel, move },
};
