// Publishing actions: another person agrees to each version; where much is given, a manager.
import {
  type Command,
  Fault,
  instantFromText,
  instantToText,
  internalId,
  invalidRequest,
  type Json,
  principalText,
} from '#core';
import { approvalId, policyEvent, type PolicyOperations, useApproval } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import {
  type Action,
  actionParts,
  actionSchema,
  classOf,
  discountBps,
  slots,
  slotsIn,
} from './action.ts';
import { type Flaw, flawsOf } from './action-facts.ts';
import { homeCurrencyAt } from './home-currency.ts';

export const managerRole = 'marketing_manager';

/** From here on a manager has to be among those who agree. */
const [managerAmount, managerDiscountBps] = [5_000_000, 50];

export const publishBody = Type.Object(
  {
    action: actionSchema,
    approval_id: Type.Optional({
      ...approvalId,
      description: 'Subject kind `offers.action`; the subject is the action.',
    }),
  },
  { additionalProperties: false },
);

const standing = Type.Object({
  action: actionParts.actionCode,
  version: Type.Integer(),
  by: Type.String(),
});
export const actionPayloads = {
  'offer_action.published': Type.Object({
    action: actionSchema,
    version: Type.Integer(),
    approval_id: Type.String(),
    by: Type.String(),
  }),
  'offer_action.stopped': standing,
  'offer_action.resumed': standing,
};

export const actionOperations: PolicyOperations = {
  'offer.action.publish': { changesRights: true, perform: publish },
  'offer.action.stop': {
    changesRights: true,
    perform: (tx, command) => change(tx, command, 'stopped'),
  },
  'offer.action.resume': {
    changesRights: true,
    perform: (tx, command) => change(tx, command, 'live'),
  },
};

async function publish(tx: pg.ClientBase, command: Command) {
  const { action, approval_id } = command.body as Type.Static<typeof publishBody>;
  const { receivedAt } = command;
  const flaws = actionFlaws(action, await homeCurrencyAt(tx, receivedAt));
  if (flaws.length > 0) throw invalidRequest([...flaws]);
  const used = await useApproval(tx, {
    ...{ id: approval_id, subjectKind: 'offers.action', command },
    subject: action as Json,
  });
  await expectManager(tx, action, approval_id);
  const { rows } = await tx.query<{ version: number }>(
    `select coalesce(max(version), 0) + 1 as version from offers.action
      where tenant_id = $1 and code = $2`,
    [command.tenant, action.code],
  );
  const version = rows[0]?.version ?? 1;
  const by = principalText(command.principal);
  const at = instantToText(receivedAt);
  await tx.query(
    `insert into offers.action (tenant_id, code, version, body, published_by, published_at,
       approval_id) values ($1, $2, $3, $4, $5, $6, $7)`,
    [command.tenant, action.code, version, JSON.stringify(action), by, at, approval_id],
  );
  await tx.query(
    `insert into offers.action_standing (tenant_id, code, version, changed_by, changed_at)
     values ($1, $2, $3, $4, $5)
     on conflict (tenant_id, code) do update set version = excluded.version, status = 'live',
       changed_by = excluded.changed_by, changed_at = excluded.changed_at`,
    [command.tenant, action.code, version, by, at],
  );
  const told = { action, version, approval_id, by } as Json;
  return [used, policyEvent(command, 'offer_action.published', told)];
}

/** Whatever keeps an action from being published, each where it stands. */
export function actionFlaws(action: Action, homeCurrency: string | undefined): readonly Flaw[] {
  return [...flawsOf(action), ...contradictions(action), ...foreign(action, homeCurrency)];
}

/** What an action is worth is ranked beside others, and its amount has limits: in one currency. */
function foreign({ terms }: Action, homeCurrency: string | undefined): readonly Flaw[] {
  if (homeCurrency === undefined || terms.currency === homeCurrency) return [];
  const detail = `must be ${homeCurrency}, the home currency of the bank`;
  return [{ pointer: '/terms/currency', detail }];
}

/** What one field says must go with the others. */
function contradictions(action: Action): readonly Flaw[] {
  const { treatments, why, from, until, product } = action;
  const flaws: Flaw[] = [];
  const texts = [...treatments.map(({ message }) => message), why];
  for (const [index, text] of texts.entries()) {
    const unknown = slotsIn(text).filter((name) => !slots.some((slot) => slot === name));
    const pointer = index < treatments.length ? `/treatments/${index}/message` : '/why';
    if (unknown.length === 0) continue;
    flaws.push({ pointer, detail: `has no slot ${unknown.join(', ')}: there are ${slots.join()}` });
  }
  const channels = treatments.map(({ channel }) => channel);
  if (new Set(channels).size < channels.length) {
    flaws.push({ pointer: '/treatments', detail: 'has two treatments of one channel' });
  }
  const isExempt = classOf(action) !== 'default';
  if (isExempt && product.kind !== 'service') {
    const detail =
      'what sells is of the class default: the others are for products of kind service';
    flaws.push({ pointer: '/class', detail });
  }
  for (const [name, text] of Object.entries({ from, until })) {
    if (text === undefined || instantFromText(text) !== undefined) continue;
    flaws.push({ pointer: `/${name}`, detail: 'must be an RFC 3339 instant that exists' });
  }
  if (from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until)) {
    flaws.push({ pointer: '/until', detail: 'must be later than from' });
  }
  return flaws;
}

/** Prices, bundles, much money, and what goes round the caps: a manager answers for these. */
export function needsManager(action: Action): boolean {
  return (
    action.terms.amount >= managerAmount ||
    discountBps(action) > managerDiscountBps ||
    (action.bundle ?? []).length > 0 ||
    classOf(action) !== 'default'
  );
}

async function expectManager(tx: pg.ClientBase, action: Action, approval: string | undefined) {
  if (!needsManager(action) || (await isByManager(tx, approval))) return;
  throw new Fault('approval_invalid', `this action needs the approval of a ${managerRole}`, {
    detail: { reason: 'manager_needed' },
  });
}

/** Whether one of those who have approved manages marketing today. */
export async function isByManager(
  tx: pg.ClientBase,
  approval: string | undefined,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `select from policy.approval_verdict v
       join policy.principal_role r on r.tenant_id = v.tenant_id and r.principal = v.checker
      where v.approval_id = $1 and v.verdict = 'approve' and r.role = $2
        and r.revoked_at = 'infinity' limit 1`,
    [internalId('approval', approval ?? '') ?? null, managerRole],
  );
  return rowCount === 1;
}

async function change(tx: pg.ClientBase, command: Command, status: 'live' | 'stopped') {
  const { action } = command.body as { readonly action: string };
  const by = principalText(command.principal);
  const { rows } = await tx.query<{ version: number }>(
    `update offers.action_standing set status = $3, changed_by = $4, changed_at = $5
      where tenant_id = $1 and code = $2 and status <> $3 returning version`,
    [command.tenant, action, status, by, instantToText(command.receivedAt)],
  );
  const [row] = rows;
  if (row) {
    const type = status === 'live' ? 'offer_action.resumed' : 'offer_action.stopped';
    return [policyEvent(command, type, { action, version: row.version, by })];
  }
  const known = await tx.query('select from offers.action_standing where code = $1', [action]);
  if (known.rowCount === 0) throw new Fault('not_found', `there is no action ${action}`);
  throw new Fault('conflict', `the action ${action} is ${status} already`);
}
