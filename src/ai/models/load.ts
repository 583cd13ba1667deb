// Models that may serve: their acts, cards and bytes as they were attested, loaded once.
//
// Whatever is not exactly what was registered, approved and signed is unusable, with the reason:
// whoever asks for a score then has what the model before it says, or a rule.
import {
  assert,
  Fault,
  type FaultCode,
  type Json,
  type Pool,
  sha256Hex,
  type Tx,
  withTx,
} from '#core';
import { isInShare } from '#policy';
import { hash } from 'node:crypto';
import type pg from 'pg';
import { type Act, historyFlaw, readActs, standingOf } from './acts.ts';
import { type AttestationFlaw, attestationText } from './attestation.ts';
import { type ModelCard, parseCard } from './card.ts';
import { type ModelEvaluator, type OpenEvaluator, openEvaluator } from './evaluator.ts';

type Ref = {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the artefact. */
  readonly digest: string;
};

/** A model that may be heard. */
export type Served = Ref & { readonly card: ModelCard; readonly evaluator: ModelEvaluator };

export type UnusableReason =
  | AttestationFlaw
  | 'artefact_changed'
  | 'model_invalid'
  | 'runtime_missing'
  | 'suspended'
  | 'timeout';
export type Unusable = Ref & { readonly why: UnusableReason };

/** Of one model: what of it is heard at its decision point, or only watched. */
export type Serving = {
  readonly name: string;
  /**
   * Whether what is in production was stopped, by people or by monitoring: nobody is heard then,
   * and the rule of its card stands in. In any other role a suspended version is unusable.
   */
  readonly isSuspended: boolean;
  readonly production: Served | Unusable | undefined;
  /** What served before it. */
  readonly previous: Served | Unusable | undefined;
  /** `share` is in hundredths of a percent of the keys: see `isInCanary`. */
  readonly canary: { readonly model: Served | Unusable; readonly share: number } | undefined;
  readonly shadows: readonly (Served | Unusable)[];
};

export type Models = {
  /** What serves a decision point; `epoch` is one that the caller knows to exist. */
  readonly at: (
    tenant: string,
    epoch: bigint | undefined,
    point: string,
  ) => Promise<readonly Serving[]>;
  /** Looks again at the next call. */
  readonly forget: (tenant: string) => void;
};

export type ModelsOptions = {
  /** Of the role that only reads. */
  readonly pool: Pool;
  /** Those that attestations may be made with: all that the keyring ever had. */
  readonly publicKeys: readonly Buffer[];
  readonly open?: OpenEvaluator;
  readonly evaluatorsMax?: number;
};

const tenantsKept = 1_000;
const provenKept = 4_000;

export function openModels(options: ModelsOptions): Models {
  const { pool, publicKeys, open = openEvaluator, evaluatorsMax = 32 } = options;
  type Look = { readonly epoch: bigint; readonly byPoint: Promise<ByPoint> };
  const tenants = new Map<string, Look>();
  const shelf: Shelf = {
    ...{ publicKeys, open },
    ...{ histories: new Map(), proven: new Map(), evaluators: new Map() },
  };

  /** With whatever leads to them: what is asked for again is opened again. */
  function closeEvaluators(): void {
    for (const opened of shelf.evaluators.values()) {
      void opened.then(({ close }) => close?.()).catch(() => undefined);
    }
    shelf.evaluators.clear();
    shelf.proven.clear();
    tenants.clear();
  }

  function look(tenant: string, epoch: bigint): Look {
    if (shelf.evaluators.size >= evaluatorsMax) closeEvaluators();
    const made = {
      epoch,
      byPoint: withTx(pool, (tx) => load(tx, tenant, shelf), { tenant, readOnly: true }),
    };
    if (tenants.size >= tenantsKept) tenants.clear();
    tenants.set(tenant, made);
    made.byPoint.catch(() => {
      if (tenants.get(tenant) === made) tenants.delete(tenant);
    });
    return made;
  }

  return {
    async at(tenant, epoch, point) {
      // A tenant that does not exist yet has no models.
      if (epoch === undefined) return [];
      const known = tenants.get(tenant);
      const { byPoint } = known && known.epoch >= epoch ? known : look(tenant, epoch);
      return (await byPoint).get(point) ?? [];
    },
    forget: (tenant) => {
      tenants.delete(tenant);
    },
  };
}

/** Whether a key is scored by the canary: the same keys every time, and more when it grows. */
export function isInCanary(tenant: string, name: string, key: string, share: number): boolean {
  return isInShare(share, `${tenant}/model ${name}/${key}`);
}

// Loading -----------------------------------------------------------------------------------------

/** What of a version's row says which it is. */
export type Registered = {
  readonly name: string;
  readonly version: number;
  readonly cardDigest: string;
  readonly artefact: string;
};

type ByPoint = ReadonlyMap<string, readonly Serving[]>;

/** What stays as it is while a tenant's rights change, which they may do many times in a second. */
type Shelf = Evaluators & {
  readonly publicKeys: readonly Buffer[];
  /** What is wrong with a history, by its text and its attestations. */
  readonly histories: Map<string, AttestationFlaw | undefined>;
  /** What an act has come to, by its text and its attestation: as long as it is in force. */
  readonly proven: Map<string, Served | Unusable>;
};

type Evaluators = {
  readonly open: OpenEvaluator;
  /** By digest and runtime: equal bytes are equal models, whichever tenant has them. */
  readonly evaluators: Map<string, Promise<ModelEvaluator>>;
};

async function load(tx: Tx, tenant: string, shelf: Shelf): Promise<ByPoint> {
  const { rows } = await tx.query<{ name: string; point: string }>(
    'select distinct name, point from ai.model_version',
  );
  const points = new Map(rows.map(({ name, point }) => [name, point]));
  const found: { readonly point: string; readonly serving: Serving }[] = [];
  for (const [name, acts] of await readActs(tx, null)) {
    const { production, previous, suspension, suspensions, canary, shadow } = standingOf(acts);
    const flaw = flawOf(acts, tenant, shelf);
    const usable = async (act: Act | undefined, why: UnusableReason | undefined = flaw) =>
      act && (why ? unusable(act, why) : await prove(tx, { ...act, tenant }, shelf));
    const unlessStopped = (act: Act | undefined) =>
      usable(act, flaw ?? (suspensions.has(act?.version ?? 0) ? 'suspended' : undefined));
    const tried = await unlessStopped(canary);
    const watched = await unlessStopped(shadow);
    const serving: Serving = {
      name,
      isSuspended: suspension !== undefined,
      production: await usable(production),
      previous: await unlessStopped(previous),
      canary: tried && { model: tried, share: canary?.share ?? 0 },
      shadows: watched ? [watched] : [],
    };
    found.push({ point: attestedPoint(serving) ?? points.get(name) ?? '', serving });
  }
  const byPoint = Map.groupBy(found, ({ point }) => point);
  return new Map([...byPoint].map(([point, of]) => [point, of.map(({ serving }) => serving)]));
}

/** Of a card that was attested; the rows' own word only counts where no card can be used. */
function attestedPoint({ production, canary, shadows }: Serving): string | undefined {
  const usable = [production, canary?.model, ...shadows].find((model) => model && 'card' in model);
  return usable && 'card' in usable ? usable.card.decides.point : undefined;
}

/** Signatures are verified once: rights change more often than models. */
function flawOf(
  acts: readonly Act[],
  tenant: string,
  { histories, publicKeys }: Shelf,
): AttestationFlaw | undefined {
  const texts = acts.map((act) => attestationText({ ...act, tenant }) + act.attestation);
  const key = sha256Hex(texts.join('\n'));
  if (histories.has(key)) return histories.get(key);
  const flaw = historyFlaw(acts, tenant, publicKeys);
  if (histories.size >= provenKept) histories.clear();
  histories.set(key, flaw);
  return flaw;
}

function unusable({ name, version, artefact }: Act, why: UnusableReason): Unusable {
  return { name, version: version ?? 0, digest: artefact ?? '', why };
}

/** The model of an act that a server of ours has recorded. */
async function prove(
  tx: pg.ClientBase,
  act: Act & { readonly tenant: string },
  shelf: Shelf,
): Promise<Served | Unusable> {
  const { proven } = shelf;
  const key = attestationText(act) + act.attestation;
  const known = proven.get(key);
  if (known) return known;
  const { name, version, cardDigest, artefact } = act;
  assert(version !== null && cardDigest && artefact, 'what serves has a version');
  const found = await loadVersion(tx, { name, version, cardDigest, artefact }, shelf);
  if (proven.size >= provenKept) proven.clear();
  proven.set(key, found);
  return found;
}

/** What a fault says of a model that cannot be opened, until it is deployed anew. */
const unusableBy: Partial<Record<FaultCode, UnusableReason>> = {
  deadline_exceeded: 'timeout',
  // Such as one that another version of ours could still read.
  model_invalid: 'model_invalid',
  model_runtime_missing: 'runtime_missing',
};

/** A version with its evaluator, if card and bytes still are those of their digests. */
export async function loadVersion(
  tx: pg.ClientBase,
  version: Registered,
  evaluators: Evaluators,
): Promise<Served | Unusable> {
  const { name, artefact: digest } = version;
  const ref = { name, version: version.version, digest };
  const { rows } = await tx.query<{ card: string }>(
    'select card from ai.model_version where name = $1 and version = $2',
    [name, version.version],
  );
  const text = rows[0]?.card ?? '';
  if (sha256Hex(text) !== version.cardDigest) return { ...ref, why: 'signature_wrong' };
  try {
    const card = parseCard(JSON.parse(text) as Json);
    if (card.artefact !== digest) return { ...ref, why: 'signature_wrong' };
    const evaluator = await evaluatorOf(tx, card, evaluators);
    return evaluator ? { ...ref, card, evaluator } : { ...ref, why: 'artefact_changed' };
  } catch (error) {
    const why = error instanceof Fault ? unusableBy[error.code] : undefined;
    if (why) return { ...ref, why };
    throw error;
  }
}

/** Opened once. Undefined where the bytes are gone, or are not those of the digest. */
async function evaluatorOf(
  tx: pg.ClientBase,
  card: ModelCard,
  { open, evaluators }: Evaluators,
): Promise<ModelEvaluator | undefined> {
  const key = `${card.artefact} ${card.runtime ?? ''}`;
  const known = evaluators.get(key);
  if (known) return known;
  const bytes = await readArtefact(tx, card.artefact);
  if (!bytes) return undefined;
  // Another tenant may have opened it meanwhile.
  const opened = evaluators.get(key) ?? open(card, bytes);
  evaluators.set(key, opened);
  opened.catch(() => {
    if (evaluators.get(key) === opened) evaluators.delete(key);
  });
  return opened;
}

async function readArtefact(tx: pg.ClientBase, digest: string): Promise<Buffer | undefined> {
  const { rows } = await tx.query<{ bytes: Buffer }>(
    'select bytes from ai.artefact where digest = $1',
    [digest],
  );
  const bytes = rows[0]?.bytes;
  return bytes && hash('sha256', bytes, 'hex') === digest ? bytes : undefined;
}
