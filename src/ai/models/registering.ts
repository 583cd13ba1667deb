// Registering: a version comes on record, with its bytes and what was found out about it.
import {
  canonicalJson,
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  type Json,
  principalText,
  refuseField,
  sha256Hex,
} from '#core';
import {
  defaultBundles,
  inForceAt,
  loadReleases,
  policyEvent,
  readBundle,
  subjectDigest,
} from '#policy';
import { hash } from 'node:crypto';
import type pg from 'pg';
import { type ModelCard, parseCard } from './card.ts';
import type { ValidationReport } from './validation.ts';

/** The artefact is laid into the database before: see `keepArtefact`. */
type RegisterBody = { readonly card: Json; readonly report: ValidationReport };

/** Lays the bytes of a model into the database, for the command that names their digest. */
export async function keepArtefact(
  tx: pg.ClientBase,
  tenant: string,
  bytes: Uint8Array,
): Promise<void> {
  await tx.query(
    `insert into ai.artefact (tenant_id, digest, bytes) values ($1, $2, $3)
     on conflict do nothing`,
    [tenant, hash('sha256', bytes, 'hex'), bytes],
  );
}

/** An equal card is the same version: it stays that of who has registered it first. */
export async function register(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { card: given, report } = command.body as RegisterBody;
  const card = parseCard(given);
  const text = canonicalJson(card);
  const cardDigest = sha256Hex(text);
  const { rows } = await tx.query<{ version: number; point: string; card_digest: string }>(
    'select version, point, card_digest from ai.model_version where name = $1 order by version',
    [card.name],
  );
  if (rows.some((row) => row.card_digest === cardDigest)) return [];
  const { point } = card.decides;
  if (rows[0] && rows[0].point !== point) {
    refuseField('/card/decides/point', `is ${rows[0].point} for every version of ${card.name}`);
  }
  const others = await tx.query<{ name: string }>(
    'select name from ai.model_version where point = $1 and name <> $2 limit 1',
    [point, card.name],
  );
  if (others.rows[0]) {
    const { name: other } = others.rows[0];
    refuseField('/card/decides/point', `is that of ${other}: register this as a version of it`);
  }
  await checkFacts(tx, command, card);
  const kept = await tx.query('select from ai.artefact where digest = $1', [card.artefact]);
  if (kept.rowCount === 0) throw new Fault('not_found', `there is no artefact ${card.artefact}`);
  const number = (rows.at(-1)?.version ?? 0) + 1;
  await tx.query(
    `insert into ai.model_version (tenant_id, name, version, point, card, card_digest, artefact,
       report, registered_by, registered_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      ...[command.tenant, card.name, number, point, text, cardDigest, card.artefact],
      ...[canonicalJson(report), principalText(command.principal)],
      instantToText(command.receivedAt),
    ],
  );
  const told = {
    ...{ name: card.name, version: number, card_digest: cardDigest, artefact: card.artefact },
    report_digest: subjectDigest(report),
  };
  return [policyEvent(command, 'model.registered', told)];
}

/** A model says what its point has left open for it to say, and no other fact: not an amount. */
async function checkFacts(
  tx: pg.ClientBase,
  { tenant, receivedAt }: Command,
  { decides }: ModelCard,
): Promise<void> {
  const { point, value_fact, status_fact } = decides;
  const { byName } = await loadReleases(tx, tenant);
  const { live } = inForceAt(byName.get(point) ?? [], receivedAt);
  const bundle = live?.digest
    ? await readBundle(tx, live.digest)
    : defaultBundles().get(point)?.bundle;
  if (!bundle) refuseField('/card/decides/point', `no policy decides at ${point}`);
  const told = [
    ['value', value_fact],
    ['status', status_fact],
  ] as const;
  for (const [score, fact] of told) {
    if (bundle.facts[fact]?.score === score) continue;
    const detail = `${fact} is no fact that the policy of ${point} declares as a score's ${score}`;
    refuseField(`/card/decides/${score}_fact`, detail);
  }
}
