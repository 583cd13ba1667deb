// Protected groups, where the bank tells them: to see whom offers reach, and for nothing else.
import { closed, type Command, Fault, instantToText, type Json, principalText } from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

const word = Type.String({ pattern: '^[a-z][a-z0-9_ -]{0,59}$' });

export const groupsBody = Type.Object(
  {
    groups: Type.Array(
      Type.Object(
        { customer: Type.String({ maxLength: 100 }), attribute: word, group: word },
        closed,
      ),
      { minItems: 1, maxItems: 1_000 },
    ),
  },
  closed,
);
type GroupsBody = Type.Static<typeof groupsBody>;

export const groupPayloads = {
  // Who is of which group is personal: the event tells how many were told.
  'offers.groups_told': Type.Object({ attributes: Type.Array(Type.String()), n: Type.Integer() }),
};

export const groupOperations: PolicyOperations = {
  'offers.groups.tell': { changesRights: false, perform: tellGroups },
};

async function tellGroups(tx: pg.ClientBase, command: Command) {
  const { groups } = command.body as GroupsBody;
  if (command.principal.kind === 'agent') throw new Fault('denied', 'an agent tells no groups');
  const last = new Map(groups.map((each) => [`${each.customer} ${each.attribute}`, each]));
  await tx.query(
    `insert into offers.monitored_group
       (tenant_id, customer, attribute, group_name, told_by, told_at)
     select $1, *, $5, $6 from unnest($2::text[], $3::text[], $4::text[])
     on conflict (tenant_id, customer, attribute) do update set
       group_name = excluded.group_name, told_by = excluded.told_by, told_at = excluded.told_at`,
    [
      ...[command.tenant, [...last.values()].map(({ customer }) => customer)],
      ...[[...last.values()].map(({ attribute }) => attribute)],
      ...[[...last.values()].map(({ group }) => group)],
      ...[principalText(command.principal), instantToText(command.receivedAt)],
    ],
  );
  const attributes = [...new Set(groups.map(({ attribute }) => attribute))].sort();
  return [policyEvent(command, 'offers.groups_told', { attributes, n: last.size } as Json)];
}
