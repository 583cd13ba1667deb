// What people accept of what a core warns of: exactly the overrides that it has shown, by one
// person with the approval of another. The command itself is then sent again, under its own key.
import {
  closed,
  type Command,
  type EventDraft,
  instantToText,
  type Pool,
  principalText,
  withTx,
} from '#core';
import { policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

const idempotency_key = Type.String({ minLength: 1, maxLength: 200 });
const overrides = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 20,
  uniqueItems: true,
  description: "The core's ids of all that it has shown for the command, and of nothing else.",
});

export const acceptanceBody = Type.Object(
  {
    idempotency_key,
    overrides,
    approval_id: Type.Optional(
      Type.String({ description: 'Of another person, for just this: core.accept_overrides.' }),
    ),
  },
  closed,
);
type AcceptanceBody = Type.Static<typeof acceptanceBody>;

export const acceptancePayloads = {
  'core.overrides_accepted': Type.Object({
    idempotency_key,
    overrides,
    accepted_by: Type.String(),
  }),
};

export const acceptanceOperations: PolicyOperations = {
  'core.accept_overrides': { changesRights: false, perform: accept },
};

async function accept(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const body = command.body as AcceptanceBody;
  const { idempotency_key: key, approval_id: id } = body;
  const accepted = { idempotency_key: key, overrides: sorted(body.overrides) };
  const used = await useApproval(tx, {
    ...{ id, subjectKind: 'core.accept_overrides', subject: accepted, command },
  });
  const accepted_by = principalText(command.principal);
  await tx.query(
    `insert into register.core_acceptance
       (tenant_id, idempotency_key, overrides, accepted_by, accepted_at)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [command.tenant, key, accepted.overrides, accepted_by, instantToText(command.receivedAt)],
  );
  const told = policyEvent(command, 'core.overrides_accepted', { ...accepted, accepted_by });
  return [used, told];
}

type Shown = {
  readonly tenant: string;
  readonly idempotencyKey: string;
  /** By id: as the core has shown them. */
  readonly overrides: readonly string[];
};

/** The same ids where people have accepted all of them. */
export type ReadAccepted = (shown: Shown) => Promise<readonly string[] | undefined>;

/** `pool` is of the role read. */
export function acceptanceOf(pool: Pool): ReadAccepted {
  return async ({ tenant, idempotencyKey, overrides: shown }) => {
    const { rowCount } = await withTx(
      pool,
      (tx) =>
        tx.query(
          `select from register.core_acceptance
            where tenant_id = core.current_tenant() and idempotency_key = $1 and overrides = $2`,
          [idempotencyKey, sorted(shown)],
        ),
      { tenant, readOnly: true },
    );
    return rowCount === 1 ? shown : undefined;
  };
}

function sorted(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}
