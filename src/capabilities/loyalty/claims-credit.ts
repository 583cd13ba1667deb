// What follows from a claim that is to be credited: points by hand of the system, once; what policy
// wants people to look at waits for their approval of exactly this command.
import {
  canonicalJson,
  type Clock,
  commandDigest,
  type CommandInput,
  type Consumer,
  dueRounds,
  externalId,
  Fault,
  instantToText,
  type Json,
  type SealedEvent,
  type Tx,
  type Uuid,
  dayMs,
} from '#core';
import { approvalOf, commandSubject, readApproval } from '#policy';
import { look, openProgramAccounts, type SystemParts, systemOf } from './accounts.ts';
import { readHeld } from './accrual-page.ts';
import { readRecorded, send, type Sent } from './accrual-send.ts';
import { type ClaimEnd, type ClaimRow, findClaim, type MakeBody } from './claims.ts';
import { findingOf } from './claims-finding.ts';
import { keepWithTransaction } from './claims-return.ts';
import { enrolled } from './members.ts';
import { adjustCommand } from './points.ts';
import { readProgramInForce } from './program/versions.ts';

export type ClaimParts = SystemParts & { readonly clock: Clock };

/** For how long people may look at what policy wants them to. */
const approvalLifeMs = 30 * dayMs;
const leftAloneMs = 10_000;
const duePage = 20;

/** The body of a claim, with what the rules say of the transaction now. */
export async function claimFor(
  parts: Pick<SystemParts, 'database'>,
  tenant: string,
  asked: Omit<MakeBody, 'finding'>,
  key: string,
): Promise<MakeBody> {
  const { program, customer, transfer_id: transfer } = asked;
  // A retry is told the first answer, whatever was found since.
  const before = (await look(parts, tenant, (tx) => readRecorded(tx, [key]))).get(key);
  const made = before?.operation === 'loyalty.claim.make' ? (before.body as MakeBody) : undefined;
  const isSame = made?.transfer_id === transfer && made.customer === customer;
  if (made && isSame && made.program === program) return made;
  const finding = await look(parts, tenant, (tx) => findingOf(tx, { program, customer, transfer }));
  if (finding) return { ...asked, finding };
  throw new Fault('not_found', `the customer has no transaction ${transfer}`);
}

/** Goes on with a claim as far as it goes now. */
export async function creditClaim(parts: ClaimParts, tenant: string, claim: string): Promise<void> {
  const row = await look(parts, tenant, (tx) => findClaim(tx, claim));
  if (row?.status !== 'crediting') return;
  const of = { ...parts, tenant, row, claim, key: `claim ${claim} ${row.verdicts}` };
  // Behind what has come between: what is on record by then was given before that.
  const meanwhile = await whatCameBetween(of);
  const recorded = await look(parts, tenant, (tx) => readRecorded(tx, [of.key]));
  const first = recorded.get(of.key);
  if (!first && meanwhile !== undefined) return end(of, { status: 'refused', reason: meanwhile });
  const sent = first ?? (await send(of, await adjustmentOf(of)));
  const { outcome } = sent;
  if (outcome.status === 'accepted') {
    await keepWithTransaction(of, tenant, { row, ...sent });
    return end(of, { status: 'credited' });
  }
  if (outcome.code !== 'policy_review') {
    return end(of, { status: 'refused', reason: outcome.reasons?.[0] ?? outcome.code });
  }
  await byApproval(of, sent);
}

type Crediting = ClaimParts & {
  readonly tenant: string;
  readonly row: ClaimRow;
  readonly claim: string;
  readonly key: string;
};

/** What accrual was late with is not given a second time, nor for what was sent back since. */
async function whatCameBetween(of: Crediting): Promise<string | undefined> {
  const { program, customer, transfer_id: transfer, finding } = of.row;
  const now = await look(of, of.tenant, (tx) => findingOf(tx, { program, customer, transfer }));
  if (now === undefined) return undefined;
  if (now.given > finding.given) return 'given_meanwhile';
  const isSentBack = now.why === 'sent_back' && finding.why !== 'sent_back';
  return isSentBack ? 'sent_back_meanwhile' : undefined;
}

async function adjustmentOf(of: Crediting): Promise<CommandInput<Json>> {
  const { tenant, row, clock, claim, key } = of;
  const { program, customer, finding } = row;
  const read = (tx: Tx) => readProgramInForce(tx, program, clock.now());
  const ruled = await look(of, tenant, read);
  if (!ruled) throw new Fault('conflict', `the programme ${program} is not in force`);
  const { unit, currency } = ruled;
  const accounts = await openProgramAccounts(of, tenant, { program, unit, currency });
  // Whoever gets points for the first time is a member from then on.
  const member = await enrolled(of, { tenant, program, customer });
  const found = await look(of, tenant, (tx) => readHeld(tx, { program, customers: [customer] }));
  const { active, pending, owed } = found.get(customer) ?? { active: 0, pending: 0, owed: 0 };
  const points = Number(row.points_due);
  const isByRules = points === finding.due;
  return adjustCommand({
    ...{ by: systemOf(tenant), key, program: accounts, member },
    ...{ reason: 'missing_points', source: claim, owed },
    gifts: [
      {
        ...{ points, to: 'active', expiresAt: finding.expires_at, qualifying: true },
        ...(isByRules && finding.spend > 0 ? { spend: finding.spend } : {}),
      },
    ],
    facts: {
      customerPoints: active + pending - owed,
      pointValueMicros: ruled.point_value_micros,
    },
  });
}

/** Asks for it once; carried out under the approval's own id, exactly as it was refused. */
async function byApproval(of: Crediting, { body }: Pick<Sent, 'body'>): Promise<void> {
  const { tenant, row, clock, execute } = of;
  const operation = 'points.adjust';
  const approval = row.approval_id ?? (await ask(of, { operation, body }));
  const found = await look(of, tenant, (tx) => readApproval(tx, approval, clock.now()));
  if (!found || found.status === 'pending') return;
  if (found.status !== 'approved' && found.status !== 'used') {
    return end(of, { status: 'refused', reason: `approval_${found.status}` });
  }
  const principal = systemOf(tenant);
  const done = await execute({ principal, operation, idempotencyKey: approval, body });
  if (done.outcome.status === 'rejected') {
    return end(of, { status: 'refused', reason: done.outcome.code, approval });
  }
  await keepWithTransaction(of, tenant, { row, id: done.commandId, body });
  await end(of, { status: 'credited', approval });
}

async function ask(of: Crediting, refused: { readonly operation: string; readonly body: Json }) {
  const { tenant, row, execute, claim } = of;
  const { operation, body } = refused;
  const principal = systemOf(tenant);
  const asked = await execute({
    ...{ principal, operation: 'approval.request', idempotencyKey: `ask ${of.key}` },
    body: {
      subject_kind: commandSubject,
      subject_digest: commandDigest({ tenant, operation, bodyText: canonicalJson(body) }),
      summary: `${row.points_due} missing points of ${row.program}, ${claim}`,
      expires_at: instantToText(row.changed_at.getTime() + approvalLifeMs),
    },
  });
  if (asked.outcome.status !== 'accepted') {
    throw new Fault('conflict', `nobody could be asked: ${asked.outcome.code}`);
  }
  const approval = approvalOf(asked.commandId);
  await tell(of, `note ${of.key}`, {
    ...{ claim_id: claim, status: 'crediting', points: 0, reason: null },
    approval_id: approval,
  });
  return approval;
}

async function end(
  of: Crediting,
  to: {
    readonly status: 'credited' | 'refused';
    readonly reason?: string;
    readonly approval?: string;
  },
): Promise<void> {
  const { status, reason = null, approval = of.row.approval_id } = to;
  const points = status === 'credited' ? Number(of.row.points_due) : 0;
  const body = { claim_id: of.claim, status, points, reason, approval_id: approval };
  await tell(of, `end ${of.key}`, body);
}

async function tell({ execute, tenant }: Crediting, key: string, body: ClaimEnd): Promise<void> {
  await execute({
    ...{ principal: systemOf(tenant), operation: 'loyalty.claim.end', idempotencyKey: key },
    body: body as unknown as Json,
  });
}

// What goes on by itself --------------------------------------------------------------------------

/** When people have agreed to a claim, or not, it goes on. */
export function claimConsumer(parts: ClaimParts): Consumer {
  return {
    name: 'loyalty-claims',
    types: ['approval.given', 'approval.rejected'],
    eventsMax: 100,
    async apply(tx, events) {
      for (const event of events) {
        const { rows } = await tx.query<{ id: Uuid }>(
          `select id from loyalty.claim
            where tenant_id = $1 and approval_id = $2 and status = 'crediting'`,
          [event.tenant, approvalIn(event)],
        );
        for (const { id } of rows) {
          await creditClaim(parts, event.tenant, externalId('claim', id));
        }
      }
    },
  };
}

function approvalIn({ body }: SealedEvent): string {
  const { data } = JSON.parse(body) as { data: { payload: { approval_id: string } } };
  return data.payload.approval_id;
}

type DueClaim = { readonly tenant: string; readonly id: Uuid; readonly changed_at: Date };

/** Goes on with what was broken off; answers what does one round of it. */
export function claimFinisher(
  parts: ClaimParts,
  { onError }: { readonly onError: (error: unknown) => void },
): () => Promise<number> {
  const now = () => parts.clock.now();
  return dueRounds<DueClaim>({
    ...{ now, onError, pageSize: duePage },
    async readPage(after) {
      const { rows } = await parts.database.pool('app').query<DueClaim>(
        `select tenant_id as tenant, id, changed_at from loyalty.claim
          where status = 'crediting' and changed_at <= $1
            and ($2::timestamptz is null or (changed_at, id) > ($2, $3))
          order by changed_at, id limit ${duePage}`,
        [instantToText(now() - leftAloneMs), after?.changed_at ?? null, after?.id ?? null],
      );
      return rows;
    },
    async perform({ tenant, id }) {
      const claim = externalId('claim', id);
      await creditClaim(parts, tenant, claim);
      const row = await look(parts, tenant, (tx) => findClaim(tx, claim));
      return row?.status !== 'crediting';
    },
  });
}
