// What belongs to the customer for whom an agent acts: what is another's does not exist for it.
import { Fault } from '#core';
import type { Account, CoreOperations } from '#cores';
import Type from 'typebox';
import type { ToolRun } from '../tool.ts';

/** An operation of the core, where it has it. */
export function operationOf<Name extends keyof CoreOperations>(
  { core }: Pick<ToolRun, 'core'>,
  name: Name,
): CoreOperations[Name] {
  const operation = core.operations[name];
  if (operation) return operation as CoreOperations[Name];
  throw new Fault('core_operation_missing', `the core ${core.name} cannot ${name}`);
}

/** The account that the arguments name, or another one, held by the customer. */
export async function ownAccount(
  run: ToolRun,
  id = run.arguments['account_id'] as string,
): Promise<Account> {
  const account = await operationOf(run, 'readAccount')({ tenant: run.tenant, id });
  const isOwn = account?.parties.some(
    ({ party_id, role }) => party_id === run.customer && role !== 'former',
  );
  if (account && isOwn) return account;
  throw new Fault('not_found', 'the customer has no such account');
}

const pageMax = 50;

/** Of every tool that lists. */
export const pageArguments = {
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: pageMax })),
  after: Type.Optional(
    Type.String({
      maxLength: 200,
      pattern: '^[\\x21-\\x7e]+$',
      description: 'The `next` of before.',
    }),
  ),
};

/** The page that the arguments ask for, where the schema of the tool lets them. */
export function askedPage({ arguments: given }: Pick<ToolRun, 'arguments'>) {
  const { limit = pageMax, after } = given as { limit?: number; after?: string };
  return { limit, ...(after === undefined ? {} : { after }) };
}
