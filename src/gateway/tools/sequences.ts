// Sequences that come with Countersign: what takes several calls, in an order that is declared.
import { closed } from '#core';
import Type from 'typebox';
import { sequence } from '../sequence.ts';
import type { Tool } from '../tool.ts';
import { pageArguments } from './own.ts';
import { prepareTransfer } from './transfers.ts';

const again =
  'Where it waits, call again with the same arguments and the same idempotency key: it goes on ' +
  'from there. What cannot be ended is taken back.';

export const paySomebody: Tool = sequence({
  name: 'sequences.pay',
  title: 'Pay somebody, from the balance to the payment',
  description:
    'Looks at what is on the account, prepares the transfer, waits until the customer has agreed ' +
    `to it at the bank, and carries it out. ${again}`,
  ...{ version: 1, owner: 'payments', purposes: ['servicing'] },
  input: prepareTransfer.input,
  steps: [
    {
      ...{ id: 'balances', tool: 'accounts.balances', needs: ['identity'] },
      arguments: { account_id: '$input/from_account_id' },
    },
    {
      ...{ id: 'prepare', tool: 'transfers.prepare' },
      arguments: {
        from_account_id: '$input/from_account_id',
        to_account_id: '$input/to_account_id',
        amount: '$input/amount',
        currency: '$input/currency',
        text: '$input/text',
      },
      undo: { tool: 'transfers.withdraw', arguments: { proposal_id: '$prepare/proposal_id' } },
    },
    {
      ...{ id: 'confirm', tool: 'transfers.confirm' },
      arguments: { proposal_id: '$prepare/proposal_id' },
    },
  ],
});

export const findOffer: Tool = sequence({
  name: 'sequences.offer',
  title: 'What the customer has, and what the bank offers',
  description:
    'Reads what the customer holds and, if the customer wants to hear of offers, which products ' +
    `the bank has. Nothing is offered without that consent. ${again}`,
  ...{ version: 1, owner: 'offers', purposes: ['advice'] },
  input: Type.Object({ limit: pageArguments.limit }, closed),
  steps: [
    { id: 'holdings', tool: 'holdings.list', needs: ['identity'], arguments: {} },
    {
      ...{ id: 'products', tool: 'products.list', needs: ['marketing'] },
      arguments: { limit: '$input/limit' },
    },
  ],
});
