// Why something came out as it did, for the customer whom it was about.
import { closed, Fault } from '#core';
import Type from 'typebox';
import type { Tool } from '../tool.ts';

const suffix = '[0-9a-hjkmnp-tv-z]{26}';

export const explainDecision: Tool = {
  name: 'decisions.explain',
  title: 'Why a payment or a call came out so',
  description:
    'Tells in plain words why one of the customer’s own payments, or a call made for the ' +
    'customer, was allowed, refused or waits. Which rules and figures stand behind it, the bank ' +
    'does not tell: do not guess them.',
  ...{ version: 1, owner: 'policy', effect: 'read', cost: 2 },
  purposes: ['servicing'],
  input: Type.Object(
    {
      id: Type.String({
        pattern: `^(?:dec|pay|cmd)_${suffix}$`,
        description: 'Of the payment, of the call (call_id), or of the decision.',
      }),
    },
    closed,
  ),
  output: Type.Object(
    {
      decision_id: Type.String({ pattern: `^dec_${suffix}$` }),
      about: Type.Enum(['payment', 'tool_call']),
      result: Type.Enum(['allowed', 'refused', 'waits']),
      explanation: Type.Array(Type.String()),
      decided_at: Type.String(),
    },
    closed,
  ),
  async run(call) {
    const found = await call.explain(call.arguments['id'] as string);
    if (found) return found;
    throw new Fault('not_found', 'the customer has no such payment, call or decision');
  },
};
