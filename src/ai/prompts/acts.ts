// What a bank has said of a prompt: the last act counts, and names the exact text and its model.
import { type Command, type Instant, instantToText, principalText } from '#core';
import type pg from 'pg';
import type { Prompt, Prompts } from './file.ts';

export type PromptAct = {
  readonly name: string;
  readonly ordinal: number;
  readonly act: 'approved' | 'withdrawn';
  readonly version: number | null;
  readonly digest: string | null;
  readonly model: string | null;
  readonly reason: string | null;
  readonly approvalId: string | null;
  readonly actedBy: string;
  readonly recordedAt: Instant;
};

/** Why no model is asked, as far as approval goes. */
export type ApprovalTrouble = 'not_approved' | 'other_model' | 'changed';

/** The prompt that may be sent to this model, as the files are now. */
export function approvedPrompt(
  prompts: Prompts,
  act: PromptAct | undefined,
  model: string,
): Prompt | ApprovalTrouble {
  if (act?.act !== 'approved') return 'not_approved';
  if (act.model !== model) return 'other_model';
  const file = prompts.get(act.name)?.find(({ version }) => version === act.version);
  return file?.digest === act.digest ? file : 'changed';
}

type Row = Omit<PromptAct, 'approvalId' | 'actedBy' | 'recordedAt'> & {
  readonly approval_id: string | null;
  readonly acted_by: string;
  readonly recorded_at: Date;
};

const columns =
  'name, ordinal, act, version, digest, model, reason, approval_id, acted_by, recorded_at';

export async function lastAct(tx: pg.ClientBase, name: string): Promise<PromptAct | undefined> {
  const [last] = await readActs(tx, { name, limit: 1 });
  return last;
}

/** The newest first. */
export async function readActs(
  tx: pg.ClientBase,
  { name, limit, before }: { name: string; limit: number; before?: number | undefined },
): Promise<PromptAct[]> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from ai.prompt_act
      where tenant_id = core.current_tenant() and name = $1
        and ($2::integer is null or ordinal < $2) order by ordinal desc limit $3`,
    [name, before ?? null, limit],
  );
  return rows.map(({ approval_id, acted_by, recorded_at, ...row }) => ({
    ...row,
    approvalId: approval_id,
    actedBy: acted_by,
    recordedAt: recorded_at.getTime(),
  }));
}

type NewAct = Pick<PromptAct, 'name' | 'act'> &
  Partial<Pick<PromptAct, 'version' | 'digest' | 'model' | 'reason' | 'approvalId'>>;

/** The caller holds the tenant's gate, so ordinals are drawn one after the other. */
export async function addAct(
  tx: pg.ClientBase,
  { tenant, principal, receivedAt }: Command,
  { name, act, version = null, digest = null, model = null, reason = null, approvalId }: NewAct,
): Promise<number> {
  const { rows } = await tx.query<{ ordinal: number }>(
    `insert into ai.prompt_act (tenant_id, name, ordinal, act, version, digest, model, reason,
       approval_id, acted_by, recorded_at)
     select $1, $2, coalesce(max(ordinal), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10
       from ai.prompt_act where tenant_id = $1 and name = $2
     returning ordinal`,
    [
      ...[tenant, name, act, version, digest, model, reason, approvalId ?? null],
      ...[principalText(principal), instantToText(receivedAt)],
    ],
  );
  return rows[0]?.ordinal ?? 0;
}
