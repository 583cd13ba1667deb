// Acts: what people do with cases. Taking one, leaving it, and the verdict, which needs four eyes.
import {
  closed,
  type Command,
  type EventDraft,
  externalId,
  Fault,
  instantFromText,
  instantToText,
  plainText,
  type Principal,
  principalOf,
  principalText,
  refuseField,
} from '#core';
import { detect } from '#privacy';
import { accountsOf, giveVerdict, holdersOf, type PolicyOperations, standingOf } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import {
  type CaseRow,
  caseSchemas as s,
  proposalOf,
  type ReasonCode,
  reasonCodes,
  statusSql,
  type Verdict,
} from './case.ts';
import { prioritySql } from './ranking.ts';
import {
  actsMax,
  caseColumns,
  lockActive,
  lockCase,
  record,
  refuseFull,
  refuseState,
} from './records.ts';

const words = plainText({
  description: 'For colleagues. A personal value in it is refused.',
  ...{ minLength: 1, maxLength: 2_000 },
});
const snoozeMaxMs = 7 * 86_400_000;

/** The bodies of the acts, without the case. */
export const actBodies = {
  claim: Type.Object({}, closed),
  assign: Type.Object({ assignee: s.user }, closed),
  release: Type.Object({}, closed),
  snooze: Type.Object({ until: s.instant, reason: words }, closed),
  escalate: Type.Object({ queue: s.queueName, reason: words }, closed),
  note: Type.Object({ text: words }, closed),
  decide: Type.Object(
    {
      verdict: Type.Enum(['approve', 'reject']),
      reason_code: Type.Enum(Object.keys(reasonCodes)),
      reason: plainText({ description: 'In words.', minLength: 1, maxLength: 500 }),
    },
    closed,
  ),
} as const;
export type ActName = keyof typeof actBodies;
export const actNames = Object.keys(actBodies) as readonly ActName[];
export const nextBody = Type.Object(
  {
    queue: Type.Optional(s.queueName),
    opened_before: Type.Optional(
      Type.String({ ...s.instant, description: 'For who takes what others have left waiting.' }),
    ),
  },
  closed,
);

type Acting<Name extends ActName> = Type.Static<(typeof actBodies)[Name]> & { case_id: string };

export const actOperations: PolicyOperations = {
  'case.claim': { changesRights: false, perform: claim },
  'case.claim_next': { changesRights: false, perform: claimNext },
  'case.assign': { changesRights: false, perform: assign },
  'case.release': { changesRights: false, perform: release },
  'case.snooze': { changesRights: false, perform: snooze },
  'case.escalate': { changesRights: false, perform: escalate },
  'case.note': { changesRights: false, perform: note },
  // A payment that is resumed on it must not be decided on rights from before.
  'case.decide': { changesRights: true, perform: decide },
};

async function claim(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id } = command.body as Acting<'claim'>;
  const row = await lockActive(tx, case_id, command.receivedAt);
  if (row.assignee !== null) refuseState(row, 'assigned');
  refuseFull(row);
  return [await assignTo(tx, command, row, command.principal)];
}

/** The highest of those that the caller may judge; the tenant's gate makes it one caller's. */
async function claimNext(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { queue, opened_before } = command.body as Type.Static<typeof nextBody>;
  const caller = principalText(command.principal);
  const customer = await customerOf(tx, command.principal);
  const { rows } = await tx.query<CaseRow>(
    `select ${caseColumns} from reviews.case_file c
      where ended_at is null and assignee is null and ${statusSql('$1')} in ('open', 'escalated')
        and acts < ${actsMax}
        and ($2::text is null or queue = $2) and maker <> $3
        and ($6::timestamptz is null or opened_at < $6)
        and not coalesce($4 = any (parties), false)
        and not coalesce(payment ->> 'debtor_account_id' = any ($5), false)
        and not coalesce(payment ->> 'creditor_account_id' = any ($5), false)
        and not exists (select from policy.approval_verdict v
                         where v.approval_id = c.approval_id and v.checker = $3)
      order by ${prioritySql('$1')} desc, id limit 1 for update`,
    [
      ...[instantToText(command.receivedAt), queue ?? null, caller, customer],
      customer === null ? [] : await accountsOf(tx, customer),
      opened_before ?? null,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Fault('not_found', 'no case waits for you');
  return [await assignTo(tx, command, row, command.principal)];
}

/**
 * To somebody of the tenant. Nobody takes a case from the colleague who has it but who administers
 * the tenant, and he always can: whoever keeps a case must not keep it from being decided.
 */
async function assign(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id, assignee } = command.body as Acting<'assign'>;
  const row = await lockActive(tx, case_id, command.receivedAt);
  const caller = await standingOf(tx, command.principal, command.receivedAt);
  if (!caller.isAdministrator) {
    refuseOthers(row, command);
    refuseFull(row);
  }
  const to = principalOf(assignee, command.tenant);
  const { isKnown } = await standingOf(tx, to, command.receivedAt);
  if (!isKnown) refuseField('/assignee', 'is nobody of the tenant: has neither a key nor a role');
  return [await assignTo(tx, command, row, to)];
}

async function assignTo(
  tx: pg.ClientBase,
  command: Command,
  row: CaseRow,
  to: Principal,
): Promise<EventDraft> {
  await checkReviewer(tx, row, to);
  const assignee = principalText(to);
  const change = { status: 'assigned', assignee, snoozed_until: null } as const;
  return record(tx, command, row, { name: 'assigned', change, told: { assignee } });
}

async function release(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id } = command.body as Acting<'release'>;
  const row = await lockActive(tx, case_id, command.receivedAt);
  if (row.assignee === null) refuseState(row, row.status);
  refuseOthers(row, command);
  const change = { status: 'open', assignee: null, snoozed_until: null } as const;
  return [await record(tx, command, row, { name: 'released', change })];
}

async function snooze(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id, until, reason } = command.body as Acting<'snooze'>;
  checkWords('/reason', reason);
  const row = await lockActive(tx, case_id, command.receivedAt);
  refuseOthers(row, command);
  refuseFull(row);
  const wakesAt = instantFromText(until);
  const latest = Math.min(
    command.receivedAt + snoozeMaxMs,
    row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
  );
  if (wakesAt === undefined || wakesAt <= command.receivedAt || wakesAt > latest) {
    refuseField('/until', 'must lie within the next 7 days, and before the funds are let go');
  }
  const snoozed_until = instantToText(wakesAt);
  const change = { status: 'snoozed', snoozed_until } as const;
  const act = { name: 'snoozed', change, told: { until: snoozed_until }, detail: { reason } };
  return [await record(tx, command, row, act)];
}

/** To people who know more; the promise that was made stays as it is. */
async function escalate(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id, queue, reason } = command.body as Acting<'escalate'>;
  checkWords('/reason', reason);
  const row = await lockActive(tx, case_id, command.receivedAt);
  refuseOthers(row, command);
  refuseFull(row);
  if (queue === row.queue) refuseField('/queue', 'is the queue in which it is');
  const change = { status: 'escalated', queue, assignee: null, snoozed_until: null } as const;
  const told = { from_queue: row.queue };
  return [await record(tx, command, row, { name: 'escalated', change, told, detail: { reason } })];
}

/** Also on a case that has ended: what is learnt later belongs to it. */
async function note(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id, text } = command.body as Acting<'note'>;
  checkWords('/text', text);
  const row = await lockCase(tx, case_id);
  refuseFull(row);
  return [await record(tx, command, row, { name: 'noted', detail: { text } })];
}

/**
 * A verdict. Of a payment that waits it is one on the approval of its case, and the case is decided
 * when that is; of one that was denied or came back nothing is left to release, and one is enough.
 */
async function decide(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { case_id, verdict, reason_code, reason } = command.body as Acting<'decide'> & {
    verdict: Verdict;
    reason_code: ReasonCode;
  };
  checkWords('/reason', reason);
  if (reasonCodes[reason_code].verdict !== verdict) {
    refuseField('/reason_code', `is no reason to ${verdict}`);
  }
  const row = await lockActive(tx, case_id, command.receivedAt);
  await checkReviewer(tx, row, command.principal);
  refuseOthers(row, command);
  const given =
    row.approval_id === null
      ? undefined
      : await giveVerdict(tx, command, {
          approval_id: externalId('approval', row.approval_id),
          ...{ verdict, reason },
        });
  const told = { verdict, reason: reason_code };
  if (given?.isFinal === false) {
    // For somebody else: who has agreed has no more to say.
    const change = { status: 'open', assignee: null, snoozed_until: null } as const;
    const act = { name: 'reviewed', change, told, detail: { words: reason } };
    return [given.event, await record(tx, command, row, act)];
  }
  const { command_id, decision_id, fraud_score } = row.payment;
  const event = await record(tx, command, row, {
    name: 'decided',
    change: {
      ...{ status: 'decided', verdict, reason_code, snoozed_until: null },
      assignee: principalText(command.principal),
      ended_at: instantToText(command.receivedAt),
    },
    told: {
      ...{ ...told, command_id, decision_id, fraud_score, ...proposalOf(row) },
      label: fraud_score === null ? null : reasonCodes[reason_code].label,
    },
    detail: { words: reason },
  });
  return given ? [given.event, event] : [event];
}

// Who, and with which words -----------------------------------------------------------------------

/** Nobody judges a payment that he has asked for, pays or gets, and nobody judges one twice. */
async function checkReviewer(tx: pg.ClientBase, row: CaseRow, who: Principal): Promise<void> {
  const reviewer = principalText(who);
  if (who.kind !== 'user') refuseReviewer('not_a_user', 'only a person reviews');
  if (reviewer === row.maker) refuseReviewer('maker', 'nobody reviews a payment of his own');
  const customer = await customerOf(tx, who);
  if (customer !== null && (await isParty(tx, row, customer))) {
    refuseReviewer('party', 'nobody reviews a payment that he pays or gets');
  }
  if (row.approval_id === null) return;
  const { rowCount } = await tx.query(
    'select from policy.approval_verdict where approval_id = $1 and checker = $2',
    [row.approval_id, reviewer],
  );
  if (rowCount !== 0) refuseReviewer('decided_before', 'nobody reviews a payment twice');
}

/** When the case was opened, or now: an account may have got another holder since. */
async function isParty(tx: pg.ClientBase, row: CaseRow, customer: string): Promise<boolean> {
  if (row.parties.includes(customer)) return true;
  const { debtor_account_id, creditor_account_id } = row.payment;
  const holders = await holdersOf(tx, [debtor_account_id, creditor_account_id]);
  return holders?.includes(customer) ?? false;
}

async function customerOf(tx: pg.ClientBase, who: Principal): Promise<string | null> {
  const { rows } = await tx.query<{ customer: string | null }>(
    'select customer from policy.principal where principal = $1',
    [principalText(who)],
  );
  return rows[0]?.customer ?? null;
}

function refuseReviewer(reason: string, why: string): never {
  throw new Fault('not_a_checker', why, { detail: { reason } });
}

/** What somebody else works on is his. */
function refuseOthers(row: CaseRow, { principal }: Command): void {
  const isOthers = row.assignee !== null && row.assignee !== principalText(principal);
  if (isOthers) refuseState(row, 'assigned_to_another');
}

/** What stands in a history stands there for ever: nobody could be erased from it. */
function checkWords(pointer: string, text: string): void {
  const [found] = detect(text);
  if (found) refuseField(pointer, `holds a personal value (${found.class}): name a token or an id`);
}
