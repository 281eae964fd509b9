// Who votes, under which rules, and what the organisations are about to decide.

import {
  getProposal,
  getRules,
  getValidators,
  OPEN_PROPOSALS_KEY,
  openProposals,
  PROPOSALS_OPEN_MAX,
  proposalKey,
  proposalToValue,
  quorum,
  RULES_KEY,
  rulesToValue,
  VALIDATORS_KEY,
  validatorSetToValue,
} from '@suyuan/contracts';
import { Type } from 'typebox';
import type { App, RouteContext } from '../context.ts';
import { toJson } from '../json.ts';
import { params } from '../params.ts';
import { notFound, Problem } from '../problems.ts';

const Slug = Type.String({ pattern: '^[a-z0-9][a-z0-9.-]{1,62}$', maxLength: 63 });
const Told = Type.Unknown({ description: 'The records of docs/formats.md §5, bytes as hex.' });

export function governanceRoutes(app: App, { node }: RouteContext): void {
  const state = { get: (key: string) => node.read(key) };

  app.get(
    '/governance',
    {
      schema: {
        summary: 'The validators, the rules in force and to come, and the open proposals',
        description: `State keys: ${VALIDATORS_KEY}, ${RULES_KEY}, ${OPEN_PROPOSALS_KEY}.`,
        tags: ['ledger'],
        response: { 200: Told, '4xx': Problem },
      },
    },
    async (_request, reply) => {
      const validators = getValidators(state);
      const open = openProposals(state).slice(0, PROPOSALS_OPEN_MAX);
      reply.header('cache-control', 'no-cache');
      return {
        height: node.height(),
        quorum: quorum(validators.members.length),
        validators: toJson(validatorSetToValue(validators)),
        rules: toJson(rulesToValue(getRules(state))),
        proposals: open.flatMap((id) => {
          const proposal = getProposal(state, id);
          return proposal === undefined ? [] : [toJson(proposalToValue(proposal))];
        }),
      };
    },
  );

  app.get(
    '/governance/proposals/:id',
    {
      schema: {
        summary: 'A proposal, open or decided',
        description: `State key: ${proposalKey('{id}')}.`,
        tags: ['ledger'],
        params: params({ id: Slug }),
        response: { 200: Told, '4xx': Problem },
      },
    },
    async (request, reply) => {
      const proposal = getProposal(state, request.params.id);
      if (proposal === undefined) throw notFound('There is no such proposal.');
      reply.header('cache-control', 'no-cache');
      return { height: node.height(), proposal: toJson(proposalToValue(proposal)) };
    },
  );
}
