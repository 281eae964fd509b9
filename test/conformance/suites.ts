// The registry: a new suite is one file that exports a `Suite`, and one line here.

import { digitalLink } from './digital-link.ts';
import { epcis } from './epcis/epcis.ts';
import { eventHashes } from './event-hash.ts';
import { merkle } from './merkle.ts';
import { resolver } from './resolver/resolver.ts';
import type { Suite } from './suite.ts';

export const SUITES: readonly Suite[] = [merkle, digitalLink, eventHashes, epcis, resolver];
