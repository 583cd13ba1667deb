// Claims of points that are missing for a transaction: one for each, answered by the rules; what is
// small is given at once, all else is for people, and a refusal may be appealed.
import {
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Page,
  pageOf,
  plainText,
  principalText,
  type Uuid,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { onlySystem } from './accounts.ts';
import { type Finding, type FindingWhy, findingWords } from './claims-finding.ts';
import { programName } from './program/program.ts';

export const claimStatuses = [
  'crediting',
  'waiting',
  'credited',
  'refused',
  'appealed',
  'upheld',
] as const;
export type ClaimStatus = (typeof claimStatuses)[number];

/** What the rules say is due and is no more than this is given without anybody. */
const smallMax = 1_000;
/** Of one customer at a time: whoever makes more has not been answered yet. */
const openMax = 20;

const id = Type.String({ pattern: '^clm_[0-9a-hjkmnp-tv-z]{26}$' });
const customer = Type.String({ pattern: '^[A-Za-z0-9:_.-]{1,80}$' });
const transferId = Type.String({
  pattern: '^trf_[0-9a-hjkmnp-tv-z]{26}$',
  description: 'The transaction for which points are missing.',
});

export const claimBody = Type.Object(
  { program: programName, customer, transfer_id: transferId },
  closed,
);
export const claimDecideBody = Type.Object(
  {
    verdict: Type.Enum(['credit', 'refuse']),
    points: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1_000_000_000,
        description: 'To be given; what the rules say is due unless it is said.',
      }),
    ),
    reason: plainText({ minLength: 1, maxLength: 500, description: 'No personal data.' }),
  },
  closed,
);
export const claimSchemas = { id, transferId, customer };

export const claimView = Type.Object({
  claim_id: id,
  program: Type.String(),
  customer: Type.String(),
  transfer_id: Type.String(),
  status: Type.Enum([...claimStatuses], {
    description:
      'crediting: points are on their way; waiting and appealed: for people; credited; refused, ' +
      'which may be appealed; upheld: refused for good.',
  }),
  why: Type.Enum(Object.keys(findingWords)),
  explanation: Type.String({ description: 'In words for the customer.' }),
  points_due: Type.Integer(),
  points_given: Type.Integer(),
  approval_id: nullable(Type.String()),
  made_by: Type.String(),
  made_at: Type.String(),
  decided_by: nullable(Type.String()),
  changed_at: Type.String(),
});
export type Claim = Type.Static<typeof claimView>;

const { explanation: _words, made_at: _made, changed_at: _changed, ...told } = claimView.properties;
const payload = Type.Object(told);
export const claimPayloads = {
  'loyalty.claim_made': payload,
  'loyalty.claim_decided': Type.Object({ ...told, reason: nullable(Type.String()) }),
  'loyalty.claim_appealed': payload,
};

export const claimOperations: PolicyOperations = {
  'loyalty.claim.make': { changesRights: false, perform: make },
  'loyalty.claim.decide': { changesRights: false, perform: decide },
  'loyalty.claim.appeal': { changesRights: false, perform: appeal },
  'loyalty.claim.end': { changesRights: false, perform: end },
};

/** With what the rules have said: whoever sends it has looked, and no caller does. */
export type MakeBody = Type.Static<typeof claimBody> & { readonly finding: Finding };
export type ClaimEnd = {
  readonly claim_id: string;
  readonly status: 'credited' | 'refused' | 'crediting';
  readonly points: number;
  readonly reason: string | null;
  readonly approval_id: string | null;
};

/** The claim that a command has made. */
export function claimOf(command: Uuid): string {
  return externalId('claim', derivedUuid(command, 'claim', 0));
}

async function make(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { finding, program, customer: of, transfer_id } = command.body as MakeBody;
  const found = await tx.query<{ id: Uuid }>(
    `select id from loyalty.claim
      where tenant_id = $1 and program = $2 and transfer_id = $3`,
    [command.tenant, program, transfer_id],
  );
  if (found.rows[0]) {
    const before = externalId('claim', found.rows[0].id);
    throw new Fault('conflict', `points for it were claimed before: ${before}`);
  }
  await refuseTooMany(tx, of);
  const at = instantToText(command.receivedAt);
  const { rows } = await tx.query<ClaimRow>(
    `insert into loyalty.claim (tenant_id, id, program, customer, transfer_id, status, finding,
       points_due, made_by, made_at, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) returning ${columns}`,
    [
      ...[command.tenant, derivedUuid(command.id, 'claim', 0), program, of, transfer_id],
      ...[firstStatus(finding), JSON.stringify(finding), finding.due],
      ...[principalText(command.principal), at],
    ],
  );
  return [tell(command, 'loyalty.claim_made', rows[0] as ClaimRow)];
}

function firstStatus({ due, for_people }: Finding): ClaimStatus {
  if (due === 0) return 'refused';
  return !for_people && due <= smallMax ? 'crediting' : 'waiting';
}

async function refuseTooMany(tx: pg.ClientBase, of: string): Promise<void> {
  const { rows } = await tx.query<{ open: number }>(
    `select count(*)::int as open from loyalty.claim
      where tenant_id = core.current_tenant() and customer = $1
        and status in ('crediting', 'waiting', 'appealed')`,
    [of],
  );
  if ((rows[0]?.open ?? 0) < openMax) return;
  throw new Fault('conflict', `${openMax} claims of this customer are open already`);
}

type DecideBody = Type.Static<typeof claimDecideBody> & { readonly claim_id: string };

async function decide(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { claim_id, verdict, points, reason } = command.body as DecideBody;
  const row = await lock(tx, claim_id);
  const decider = principalText(command.principal);
  if (command.principal.kind !== 'user') throw new Fault('denied', 'people decide on claims');
  if (row.status !== 'waiting' && row.status !== 'appealed') {
    throw new Fault('conflict', `the claim is ${row.status}`);
  }
  if (row.made_by === decider) throw new Fault('not_a_checker', 'nobody decides on his own claim');
  // An appeal is against the word that was given: somebody else gives the next one.
  if (row.decided_by === decider) {
    throw new Fault('not_a_checker', 'an appeal goes to somebody who has not decided before');
  }
  const due = points ?? Number(row.points_due);
  if (verdict === 'credit' && due === 0) {
    throw new Fault('conflict', 'the rules say that nothing is due: say how many points');
  }
  const refused = row.status === 'appealed' ? 'upheld' : 'refused';
  const changed = await change(tx, command, row, {
    status: verdict === 'credit' ? 'crediting' : refused,
    due: verdict === 'credit' ? due : Number(row.points_due),
    decidedBy: decider,
    // What people said of another verdict is of no use for this one.
    approval: null,
    verdicts: row.verdicts + 1,
  });
  return verdict === 'credit' ? [] : [tell(command, 'loyalty.claim_decided', changed, { reason })];
}

async function appeal(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { claim_id, customer: of } = command.body as { claim_id: string; customer: string };
  const row = await lock(tx, claim_id);
  // Another's claim does not exist for this customer.
  if (row.customer !== of) throw new Fault('not_found', `there is no claim ${claim_id}`);
  if (row.status !== 'refused') throw new Fault('conflict', `the claim is ${row.status}`);
  const changed = await change(tx, command, row, { status: 'appealed' });
  return [tell(command, 'loyalty.claim_appealed', changed)];
}

async function end(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { claim_id, status, points, reason, approval_id } = command.body as ClaimEnd;
  const row = await lock(tx, claim_id);
  if (row.status !== 'crediting') throw new Fault('conflict', `the claim is ${row.status}`);
  const changed = await change(tx, command, row, { status, given: points, approval: approval_id });
  return status === 'crediting'
    ? []
    : [tell(command, 'loyalty.claim_decided', changed, { reason })];
}

type Change = {
  readonly status: ClaimStatus;
  readonly due?: number;
  readonly given?: number;
  readonly decidedBy?: string;
  readonly approval?: string | null;
  readonly verdicts?: number;
};

async function change(
  tx: pg.ClientBase,
  command: Command,
  row: ClaimRow,
  to: Change,
): Promise<ClaimRow> {
  const { rows } = await tx.query<ClaimRow>(
    `update loyalty.claim set status = $3, points_due = $4, points_given = $5, decided_by = $6,
        approval_id = $7, verdicts = $8, changed_at = $9
      where tenant_id = $1 and id = $2 returning ${columns}`,
    [
      ...[command.tenant, row.id, to.status, to.due ?? row.points_due],
      ...[to.given ?? row.points_given, to.decidedBy ?? row.decided_by],
      to.approval === undefined ? row.approval_id : to.approval,
      to.verdicts ?? row.verdicts,
      instantToText(command.receivedAt),
    ],
  );
  return rows[0] as ClaimRow;
}

function tell(command: Command, type: string, row: ClaimRow, more: Record<string, Json> = {}) {
  const { explanation: _e, made_at: _m, changed_at: _c, ...said } = claimIn(row);
  return policyEvent(command, type, { ...said, ...more });
}

async function lock(tx: pg.ClientBase, claim: string): Promise<ClaimRow> {
  const row = await findClaim(tx, claim, 'for update');
  if (row) return row;
  throw new Fault('not_found', `there is no claim ${claim}`);
}

// Reading -----------------------------------------------------------------------------------------

export type ClaimRow = {
  readonly id: Uuid;
  readonly program: string;
  readonly customer: string;
  readonly transfer_id: string;
  readonly status: ClaimStatus;
  readonly finding: Finding;
  readonly points_due: bigint;
  readonly points_given: bigint;
  readonly approval_id: string | null;
  readonly made_by: string;
  readonly made_at: Date;
  readonly decided_by: string | null;
  readonly changed_at: Date;
  readonly verdicts: number;
};

const columns =
  'id, program, customer, transfer_id, status, finding, points_due, points_given, approval_id, ' +
  'made_by, made_at, decided_by, changed_at, verdicts';

export async function findClaim(
  tx: pg.ClientBase,
  claim: string,
  locking: '' | 'for update' = '',
): Promise<ClaimRow | undefined> {
  const { rows } = await tx.query<ClaimRow>(
    `select ${columns} from loyalty.claim
      where tenant_id = core.current_tenant() and id = $1 ${locking}`,
    [internalId('claim', claim) ?? null],
  );
  return rows[0];
}

export async function readClaim(tx: pg.ClientBase, claim: string): Promise<Claim | undefined> {
  const row = await findClaim(tx, claim);
  return row && claimIn(row);
}

/** Newest first. */
export async function listClaims(
  tx: pg.ClientBase,
  query: {
    readonly customer?: string | undefined;
    readonly status?: string | undefined;
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<Page<Claim>> {
  const { customer: of, status, limit, after } = query;
  const { rows } = await tx.query<ClaimRow>(
    `select ${columns} from loyalty.claim
      where tenant_id = core.current_tenant() and ($1::text is null or customer = $1)
        and ($2::text is null or status = $2) and ($3::uuid is null or id < $3)
      order by id desc limit $4`,
    [of ?? null, status ?? null, (after && internalId('claim', after)) ?? null, limit + 1],
  );
  const page = pageOf(rows, limit, (row) => externalId('claim', row.id));
  return { ...page, items: page.items.map(claimIn) };
}

function claimIn({ id: uuid, finding, verdicts: _times, ...row }: ClaimRow): Claim {
  const { why, because } = finding;
  const words = findingWords[why as FindingWhy];
  return {
    ...{ claim_id: externalId('claim', uuid), ...row, why },
    explanation: because === null ? words : `${words} ${because}`,
    ...{ points_due: Number(row.points_due), points_given: Number(row.points_given) },
    ...{ made_at: row.made_at.toISOString(), changed_at: row.changed_at.toISOString() },
  };
}
