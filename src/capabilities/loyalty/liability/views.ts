// Runs as people read them: the newest with all that it is made of, those before it, and those that
// somebody waits for.
import { externalId, type Page, pageOf, type Tx, type Uuid } from '#core';
import type { Report } from './report.ts';

type RunRow = {
  readonly program: string;
  readonly ordinal: number;
  readonly as_of: Date;
  readonly version: string;
  readonly policy: string;
  readonly currency: string;
  readonly input_digest: string;
  readonly figures: Report['figures'];
  readonly follows: number | null;
  readonly recorded_by: string;
  readonly recorded_at: Date;
  readonly status: string | null;
  readonly command_id: Uuid | null;
  readonly code: string | null;
};

const columns = `r.program, r.ordinal, r.as_of, r.version, r.policy, r.currency, r.input_digest,
  r.figures, r.follows, r.recorded_by, r.recorded_at, p.status, p.command_id, p.code`;
const joined = `loyalty.liability_run r left join loyalty.liability_posting p
  on p.tenant_id = r.tenant_id and p.program = r.program and p.ordinal = r.ordinal`;

function viewOf({ as_of, recorded_at, status, command_id, code, ...row }: RunRow) {
  return {
    ...row,
    as_of: as_of.toISOString(),
    recorded_at: recorded_at.toISOString(),
    posting: {
      status: status ?? 'open',
      command_id: command_id && externalId('command', command_id),
      code,
    },
  };
}

export async function readLiability(tx: Pick<Tx, 'query'>, program: string) {
  const { rows } = await tx.query<RunRow & { detail: Report['detail'] }>(
    `select ${columns}, r.detail from ${joined}
      where r.tenant_id = core.current_tenant() and r.program = $1
      order by r.ordinal desc limit 1`,
    [program],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { detail, ...rest } = row;
  return { ...viewOf(rest), ...detail };
}

/** Newest first. `after` is the `next` of the page before. */
export async function listLiabilityRuns(
  tx: Pick<Tx, 'query'>,
  program: string,
  { limit, after }: { readonly limit: number; readonly after?: number | undefined },
): Promise<Page<ReturnType<typeof viewOf>> & { readonly requested: readonly Requested[] }> {
  const { rows } = await tx.query<RunRow>(
    `select ${columns} from ${joined}
      where r.tenant_id = core.current_tenant() and r.program = $1
        and ($2::integer is null or r.ordinal < $2)
      order by r.ordinal desc limit $3`,
    [program, after ?? null, limit + 1],
  );
  const page = pageOf(rows.map(viewOf), limit, ({ ordinal }) => String(ordinal));
  return { ...page, requested: await openRequests(tx, program) };
}

export type Requested = {
  readonly program: string;
  readonly as_of: string;
  readonly requested_by: string;
  readonly requested_at: string;
};

/** What a command has asked for. */
export async function readRequest(tx: Pick<Tx, 'query'>, commandId: Uuid) {
  const { rows } = await tx.query<{ program: string; as_of: Date }>(
    `select program, as_of from loyalty.liability_request
      where tenant_id = core.current_tenant() and command_id = $1`,
    [commandId],
  );
  return rows.map(({ program, as_of }) => ({ program, as_of: as_of.toISOString() }))[0];
}

const requestsMax = 100;

/** Those that no run has come of yet, the earliest first; a later run overtakes them. */
export async function openRequests(
  tx: Pick<Tx, 'query'>,
  program: string | null = null,
): Promise<readonly Requested[]> {
  const { rows } = await tx.query<
    Omit<Requested, 'as_of' | 'requested_at'> & {
      as_of: Date;
      requested_at: Date;
    }
  >(
    `select q.program, q.as_of, q.requested_by, q.requested_at from loyalty.liability_request q
      where q.tenant_id = core.current_tenant() and ($1::text is null or q.program = $1)
        and not exists (select from loyalty.liability_run r where r.tenant_id = q.tenant_id
          and r.program = q.program and r.as_of >= q.as_of)
      order by q.as_of, q.program limit ${requestsMax}`,
    [program],
  );
  return rows.map(({ as_of, requested_at, ...row }) => ({
    ...row,
    as_of: as_of.toISOString(),
    requested_at: requested_at.toISOString(),
  }));
}
