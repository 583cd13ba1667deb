// Persons: the command that makes a person's values unreadable. What was decided about them stays,
// because it holds tokens alone.
import type { Command } from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { policyEvent, type PolicyOperations } from './operation.ts';

const person = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,120}$',
  description: 'The id that the bank has for the person: it means nothing elsewhere.',
  examples: ['cus_01j9zk3v8w2q'],
});

export const personSchemas = { person };
export const personPayloads = { 'person.erased': Type.Object({ person }) };

/** The vault deletes the person's keys once this is on record; a retry makes sure of it. */
export const personOperations: PolicyOperations = {
  'person.erase': {
    changesRights: false,
    perform: async (_tx: pg.ClientBase, command: Command) => {
      const { person: erased } = command.body as { person: string };
      return [policyEvent(command, 'person.erased', { person: erased })];
    },
  },
};
