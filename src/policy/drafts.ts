// Drafts: bundles that come on record, checked, and what they would have changed among decisions.
import {
  canonicalJson,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  principalText,
  sha256Hex,
} from '#core';
import type pg from 'pg';
import { subjectDigest } from './approvals.ts';
import { type Bundle, engineVersion, parseBundle, refuseBundle } from './bundle/bundle.ts';
import { type Checked, checkBundle } from './bundle/check.ts';
import type { Program } from './bundle/compile.ts';
import { evaluate } from './bundle/evaluate.ts';
import { defaultBundles } from './defaults.ts';
import { policyEvent } from './operation.ts';

type BacktestBody = { readonly digest: string; readonly report: Json };

/** Bundles whose check is remembered: it is done before the tenant's gate is taken. */
const checkedMax = 50;
const checked = new Map<string, Checked>();

/** All that a bundle must be before it may be kept; throws `bundle_invalid` with each place. */
export function checkDraft(value: Json): Checked {
  const digest = sha256Hex(canonicalJson(parseBundle(value) as Json));
  const known = checked.get(digest);
  if (known) return known;
  const found = checkBundle(value);
  refuseUnsuppliedFacts(found.program);
  refuseLockout(found.program);
  if (checked.size >= checkedMax) checked.clear();
  checked.set(digest, found);
  return found;
}

export async function draft(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { program } = checkDraft(command.body);
  const { bundle, digest } = program;
  await keepBundle(tx, command, bundle, digest);
  return [
    policyEvent(command, 'policy.drafted', { name: bundle.name, digest, engine: engineVersion }),
  ];
}

/** At a point of ours nobody supplies more facts than the bundle that ships with it declares. */
function refuseUnsuppliedFacts({ bundle }: Program): void {
  const shipped = defaultBundles().get(bundle.name)?.bundle;
  if (!shipped) return;
  const flaws = Object.entries(bundle.facts).flatMap(([name, { type, default: fallback }]) => {
    const known = shipped.facts[name];
    if (known && known.type !== type) {
      return [{ pointer: `/facts/${name}/type`, detail: `at this point it is ${known.type}` }];
    }
    if (known || fallback !== undefined) return [];
    return [{ pointer: `/facts/${name}`, detail: 'nobody supplies it here: give it a default' }];
  });
  if (flaws.length > 0) refuseBundle(flaws);
}

/** A policy of administration that lets nobody go back would be the last one. */
function refuseLockout(program: Program): void {
  if (program.bundle.name !== 'administration') return;
  for (const operation of [
    'policy.rollback',
    'policy.draft',
    'policy.publish',
    'approval.decide',
  ]) {
    const { outcome } = evaluate(program, { operation, principal_kind: 'user' });
    if (outcome === 'allow') continue;
    refuseBundle([{ pointer: '/rules', detail: `${operation} by a user must stay allowed` }]);
  }
}

/** Equal texts are one bundle: it stays that of who has drafted it first. */
export async function keepBundle(
  tx: pg.ClientBase,
  command: Command,
  bundle: Bundle,
  digest: string,
): Promise<void> {
  await tx.query(
    `insert into policy.bundle (tenant_id, digest, name, engine, body, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [
      command.tenant,
      digest,
      bundle.name,
      engineVersion,
      canonicalJson(bundle as Json),
      principalText(command.principal),
      instantToText(command.receivedAt),
    ],
  );
}

/** Who has drafted a bundle; throws where there is none of this name. */
export async function authorOf(tx: pg.ClientBase, name: string, digest: string): Promise<string> {
  const { rows } = await tx.query<{ created_by: string }>(
    'select created_by from policy.bundle where digest = $1 and name = $2',
    [digest, name],
  );
  const [row] = rows;
  if (!row) throw new Fault('not_found', `${name} has no bundle ${digest.slice(0, 12)}: draft it`);
  return row.created_by;
}

// Back-tests --------------------------------------------------------------------------------------

export async function recordBacktest(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { digest, report } = command.body as BacktestBody;
  const id = derivedUuid(command.id, 'backtest', 0);
  const { rowCount } = await tx.query(
    `insert into policy.backtest (tenant_id, id, digest, report, created_by, created_at)
     select $1, $2, digest, $4, $5, $6 from policy.bundle where digest = $3`,
    [
      command.tenant,
      id,
      digest,
      canonicalJson(report),
      principalText(command.principal),
      instantToText(command.receivedAt),
    ],
  );
  if (rowCount === 0) throw new Fault('not_found', `there is no bundle ${digest}`);
  return [
    policyEvent(command, 'policy.backtested', {
      backtest_id: externalId('backtest', id),
      digest,
      report_digest: subjectDigest(report),
    }),
  ];
}

/** Nobody publishes without having looked at what would change. */
export async function expectBacktest(
  tx: pg.ClientBase,
  { digest, backtest_id }: { readonly digest: string; readonly backtest_id: string },
): Promise<void> {
  const { rowCount } = await tx.query('select from policy.backtest where id = $1 and digest = $2', [
    internalId('backtest', backtest_id) ?? null,
    digest,
  ]);
  if (rowCount === 1) return;
  throw new Fault(
    'backtest_required',
    `test ${digest.slice(0, 12)} against recorded decisions first, and name that backtest_id`,
  );
}
