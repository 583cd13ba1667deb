// A tenant's own entitlement rules: published with an approval, in force at once, never changed.
import {
  assert,
  type Command,
  Fault,
  instantToText,
  type Pool,
  principalText,
  sha256Hex,
  type Tx,
  withTx,
  plainText,
} from '#core';
import type pg from 'pg';
import Type from 'typebox';
import { approvalId, subjectDigest, useApproval } from '../approvals.ts';
import { policyEvent, type PolicyOperations } from '../operation.ts';
import type { EntitlementRules, Entitlements } from './entitlements.ts';
import { readSubject } from './roles.ts';
import { shippedEntitlements } from './shipped.ts';

const digest = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the text.' });

const publishBody = Type.Object(
  {
    text: plainText({
      maxLength: 32_768,
      description: 'Cedar rules that stand beside the shipped ones. Empty: none of your own.',
    }),
    approval_id: Type.Optional(approvalId),
  },
  {
    additionalProperties: false,
    description: 'Needs an approval: subject kind `entitlements.publish`, subject `{"text": …}`.',
  },
);

/** What an approval of going back to the shipped rules is bound to. */
export const retreatSubject = {
  kind: 'entitlements.publish',
  digest: subjectDigest({ text: '' }),
} as const;

/** Tenants' own rules that are remembered. */
const ruleSetsMax = 500;

export const entitlementSetSchemas = { digest, publishBody };

export const entitlementSetPayloads = {
  'entitlements.published': Type.Object({
    number: Type.Integer({ description: 'Of this publication, from 1.' }),
    digest,
    rules: Type.Array(Type.String(), { description: 'The ids of the tenant’s own rules.' }),
    approval_id: approvalId,
  }),
};

export const entitlementSetOperations: PolicyOperations = {
  'entitlements.publish': { changesRights: true, perform: publish },
};

async function publish(tx: pg.ClientBase, command: Command) {
  const { text, approval_id } = command.body as { text: string; approval_id?: string };
  const { shipped, withRules } = shippedEntitlements();
  const rules = withRules(text);
  await refuseLockOut(tx, command, rules);
  const publisher = principalText(command.principal);
  const used = await useApproval(tx, {
    id: approval_id,
    subjectKind: 'entitlements.publish',
    subject: { text },
    command,
  });
  const textDigest = sha256Hex(text);
  await tx.query(
    `insert into policy.entitlement_set (tenant_id, digest, text)
     values ($1, decode($2, 'hex'), $3) on conflict do nothing`,
    [command.tenant, textDigest, text],
  );
  const { rows } = await tx.query<{ number: number }>(
    `insert into policy.entitlement_publication (tenant_id, number, digest, approval, published_by,
       published_at)
     select $1, coalesce(max(number), 0) + 1, decode($2, 'hex'), $3, $4, $5
       from policy.entitlement_publication
     returning number`,
    [command.tenant, textDigest, approval_id, publisher, instantToText(command.receivedAt)],
  );
  const own = [...rules.rules.keys()].filter((id) => !shipped.rules.has(id));
  const payload = {
    number: rows[0]?.number ?? 0,
    digest: textDigest,
    rules: own,
    approval_id: approval_id ?? '',
  };
  return [used, policyEvent(command, 'entitlements.published', payload)];
}

/** Rules under which their own publisher could publish nothing any more could never be undone. */
async function refuseLockOut(
  tx: pg.ClientBase,
  { principal, tenant, receivedAt }: Command,
  rules: EntitlementRules,
): Promise<void> {
  const { check } = shippedEntitlements();
  const { subject } = await readSubject(tx, principal);
  const may = check({
    subject,
    rules,
    epoch: 0n,
    at: receivedAt,
    scopes: ['policy:write'],
    action: 'policy:write',
    resource: { type: 'Tenant', id: tenant, tenant },
  });
  if (may.allowed) return;
  const reasons = may.deciding.map(({ id }) => id).join(', ') || 'nothing permits it';
  throw new Fault('denied', `under these rules you could not take them back: ${reasons}`);
}

/** In the place of rules that fitted once, and do not fit the shipped ones of today. */
const unreadable =
  '@id("own-rules-unreadable") ' +
  '@reason("The tenant’s own rules do not fit the shipped ones any more: publish others.") ' +
  'forbid (principal, action, resource);';

/** The rules of a tenant by the digest of its own text, null for none; read once per digest. */
export type RuleSets = (tenant: string, setDigest: string | null) => Promise<EntitlementRules>;

export function openRuleSets(pool: Pool, { shipped, withRules }: Entitlements): RuleSets {
  const known = new Map<string, EntitlementRules>();
  function readable(text: string): EntitlementRules {
    try {
      return withRules(text);
    } catch (error) {
      if (error instanceof Fault) return withRules(unreadable);
      throw error;
    }
  }
  return async (tenant, setDigest) => {
    if (setDigest === null) return shipped;
    const earlier = known.get(setDigest);
    if (earlier) return earlier;
    const text = await withTx(pool, (tx) => readEntitlementSet(tx, setDigest), { tenant });
    if (known.size >= ruleSetsMax) known.clear();
    const rules = readable(text);
    known.set(setDigest, rules);
    return rules;
  };
}

async function readEntitlementSet(tx: Tx, setDigest: string): Promise<string> {
  const { rows } = await tx.query<{ text: string }>(
    `select text from policy.entitlement_set where digest = decode($1, 'hex')`,
    [setDigest],
  );
  assert(rows[0], 'what was published is kept');
  return rows[0].text;
}

export type Publication = {
  readonly number: number;
  readonly digest: string;
  readonly text: string;
  readonly approval_id: string;
  readonly published_by: string;
  readonly published_at: string;
};

/** The latest first; the first of all is in force. */
export async function listPublications(
  tx: Tx,
  page: { readonly before: number | null; readonly limit: number },
): Promise<Publication[]> {
  const { rows } = await tx.query<Publication & { published_at: Date }>(
    `select p.number, encode(p.digest, 'hex') as digest, s.text, p.approval as approval_id,
            p.published_by, p.published_at
       from policy.entitlement_publication p join policy.entitlement_set s using (tenant_id, digest)
      where $1::integer is null or p.number < $1 order by p.number desc limit $2`,
    [page.before, page.limit],
  );
  return rows.map((row) => ({ ...row, published_at: row.published_at.toISOString() }));
}
