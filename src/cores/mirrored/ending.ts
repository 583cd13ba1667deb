// How people end a move that a core was asked for and knows nothing of: by one person with the
// approval of another. Our ledger records it as refused, unless the core tells of it after all.
import {
  closed,
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  internalId,
  plainText,
  type Pool,
  principalText,
  type Uuid,
  withTx,
} from '#core';
import { policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

const command_id = Type.String({ description: 'Of the command that was asked for.' });
const reason = Type.Unsafe<string>(
  plainText({ minLength: 1, maxLength: 200, description: 'How people know, without any person.' }),
);

export const endingBody = Type.Object(
  {
    command_id,
    reason,
    approval_id: Type.Optional(
      Type.String({ description: 'Of another person, for just this: core.end_move.' }),
    ),
  },
  closed,
);
type EndingBody = Type.Static<typeof endingBody>;

export const endingPayloads = {
  'core.move_ended': Type.Object({ command_id, reason, ended_by: Type.String() }),
};

export const endingOperations: PolicyOperations = {
  'core.end_move': { changesRights: false, perform: end },
};

async function end(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { approval_id: id, ...subject } = command.body as EndingBody;
  const of = internalId('command', subject.command_id);
  if (!of) throw new Fault('not_found', `there is no command ${subject.command_id}`);
  const used = await useApproval(tx, { id, subjectKind: 'core.end_move', subject, command });
  const ended_by = principalText(command.principal);
  await tx.query(
    `insert into register.core_ending (tenant_id, command_id, reason, ended_by, ended_at)
     values ($1, $2, $3, $4, $5) on conflict do nothing`,
    [command.tenant, of, subject.reason, ended_by, instantToText(command.receivedAt)],
  );
  return [used, policyEvent(command, 'core.move_ended', { ...subject, ended_by })];
}

type Moved = { readonly tenant: string; readonly commandId: Uuid };

/** Whether people have ended it. */
export type ReadEnded = (of: Moved) => Promise<boolean>;

/** `pool` is of the role read. */
export function endedOf(pool: Pool): ReadEnded {
  return async ({ tenant, commandId }) => {
    const sql = `select from register.core_ending
      where tenant_id = core.current_tenant() and command_id = $1`;
    const { rowCount } = await withTx(pool, (tx) => tx.query(sql, [commandId]), {
      tenant,
      readOnly: true,
    });
    return rowCount === 1;
  };
}
