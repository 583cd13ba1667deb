// Acts: what was done with a model, in its order, and what of it serves now.
import {
  type CheckpointKey,
  type Command,
  type Instant,
  instantToText,
  principalText,
  sha256Hex,
} from '#core';
import { inForceAt, liveHistory, type Releasing } from '#policy';
import type pg from 'pg';
import { attest, type Attested, type AttestationFlaw, attestationFlaw } from './attestation.ts';

export const stages = ['shadow', 'canary', 'production'] as const;
export type Stage = (typeof stages)[number];

export type Act = Omit<Attested, 'tenant' | 'stage' | 'act'> & {
  readonly stage: Stage | 'suspension';
  readonly act: 'deployed' | 'rolled_back' | 'started' | 'stopped' | 'suspended' | 'resumed';
  readonly attestation: string;
};

/** What the acts of one model come to. */
export type Standing = {
  readonly production: Act | undefined;
  /** What going back would bring: the version that was in production before, on those before it. */
  readonly previous: Act | undefined;
  /** What stops a version, by its number: in whatever role it stands, it is not heard. */
  readonly suspensions: ReadonlyMap<number, Act>;
  /** That of what is in production. */
  readonly suspension: Act | undefined;
  readonly canary: Act | undefined;
  readonly shadow: Act | undefined;
};

/** A trial ends when another version comes into production: see the releases of policy. */
export function standingOf(acts: readonly Act[]): Standing {
  const releases = acts.flatMap(releaseOf);
  const { live, shadow, canary } = inForceAt(releases, 0);
  const production = live?.of;
  const suspensions = suspensionsOf(acts);
  return {
    production,
    previous: liveHistory(releases, 0).at(-2)?.of,
    suspensions,
    suspension: suspensions.get(production?.version ?? 0),
    canary: canary?.of,
    shadow: shadow?.of,
  };
}

/** A version stays suspended until people approve that it resumes, and for nothing else. */
function suspensionsOf(acts: readonly Act[]): ReadonlyMap<number, Act> {
  const found = new Map<number, Act>();
  for (const each of acts) {
    if (each.version === null) continue;
    if (each.act === 'suspended') found.set(each.version, each);
    if (each.act === 'resumed') found.delete(each.version);
  }
  return found;
}

/**
 * The first thing that is wrong with what is told of a model. Each act counts, for who adds one can
 * let go on what was stopped; and so does each that is gone, of which the next one tells.
 */
export function historyFlaw(
  acts: readonly Act[],
  tenant: string,
  publicKeys: readonly Buffer[],
): AttestationFlaw | undefined {
  for (const [at, act] of acts.entries()) {
    const flaw = attestationFlaw({ ...act, tenant }, act.attestation, publicKeys);
    if (flaw) return flaw;
    if (act.ordinal !== at + 1) return 'signature_wrong';
  }
  return undefined;
}

/** Models and bundles are released by the same rules; what is deployed is so at once. */
function releaseOf(act: Act): (Releasing & { readonly of: Act })[] {
  const { stage, ordinal, cardDigest: digest, recordedAt } = act;
  if (stage === 'suspension') return [];
  const kind = stage === 'production' ? 'live' : stage;
  return [{ of: act, kind, ordinal, digest, act: act.act, effectiveAt: recordedAt, recordedAt }];
}

// Rows --------------------------------------------------------------------------------------------

type Row = {
  readonly name: string;
  readonly ordinal: number;
  readonly stage: Act['stage'];
  readonly act: Act['act'];
  readonly version: number | null;
  readonly card_digest: string | null;
  readonly artefact: string | null;
  readonly share: number | null;
  readonly reason: string | null;
  readonly approval_id: string | null;
  readonly attestation: string;
  readonly acted_by: string;
  readonly recorded_at: Date;
};

/** The acts of the models of these names, or of all, by name; of one tenant where all are seen. */
export async function readActs(
  tx: pg.ClientBase,
  names: readonly string[] | null,
  tenant: string | null = null,
): Promise<ReadonlyMap<string, readonly Act[]>> {
  const { rows } = await tx.query<Row>(
    `select a.name, a.ordinal, a.stage, a.act, a.version, v.card_digest, v.artefact, a.share,
            a.reason, a.approval_id, a.attestation, a.acted_by, a.recorded_at
       from ai.model_act a left join ai.model_version v using (tenant_id, name, version)
      where ($1::text[] is null or a.name = any ($1)) and ($2::text is null or a.tenant_id = $2)
      order by a.name, a.ordinal`,
    [names, tenant],
  );
  const acts = rows.map((row, at) => {
    const before = rows[at - 1];
    return actOf(row, before?.name === row.name ? before.attestation : undefined);
  });
  return Map.groupBy(acts, ({ name }) => name);
}

function actOf(
  { card_digest, approval_id, acted_by, recorded_at, ...row }: Row,
  before: string | undefined,
): Act {
  const recordedAt: Instant = recorded_at.getTime();
  return {
    ...row,
    cardDigest: card_digest,
    approvalId: approval_id,
    previous: linkTo(before),
    actedBy: acted_by,
    recordedAt,
  };
}

/** What an act tells of the one before. */
function linkTo(attestation: string | undefined): string | null {
  return attestation === undefined ? null : sha256Hex(attestation);
}

/** All that was done with a model, in its order. */
export async function historyOf(tx: pg.ClientBase, name: string): Promise<readonly Act[]> {
  return (await readActs(tx, [name])).get(name) ?? [];
}

export type Adding = {
  readonly command: Command;
  readonly history: readonly Act[];
  readonly signer: CheckpointKey;
};
type NewAct = Pick<Act, 'name' | 'version' | 'cardDigest' | 'artefact' | 'stage' | 'act'> &
  Partial<Pick<Act, 'share' | 'approvalId' | 'reason'>>;

/**
 * The caller holds the tenant's gate, so ordinals are drawn one after the other; acts follow each
 * other in time as in number, though the clock may have gone back.
 */
export async function addAct(
  tx: pg.ClientBase,
  { command, history, signer }: Adding,
  { share = null, approvalId = null, reason = null, ...added }: NewAct,
): Promise<Act> {
  const { tenant, receivedAt } = command;
  const last = history.at(-1);
  const whole = {
    ...{ ...added, share, approvalId, reason },
    ordinal: (last?.ordinal ?? 0) + 1,
    previous: linkTo(last?.attestation),
    actedBy: principalText(command.principal),
    recordedAt: Math.max(receivedAt, last?.recordedAt ?? receivedAt),
  };
  const attestation = attest({ ...whole, tenant }, signer);
  await tx.query(
    `insert into ai.model_act (tenant_id, name, ordinal, stage, act, version, share, reason,
       approval_id, attestation, acted_by, recorded_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[tenant, whole.name, whole.ordinal, whole.stage, whole.act, whole.version, share, reason],
      ...[approvalId, attestation, whole.actedBy, instantToText(whole.recordedAt)],
    ],
  );
  return { ...whole, attestation };
}
