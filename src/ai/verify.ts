// Does the registry hold what the log tells of it, and does every decision rest on the score that
// was told beside it? For `countersign verify`, in one pass over the events.
import {
  canonicalJson,
  externalId,
  type Finding,
  internalId,
  type JournalCheck,
  type VerifiedEvent,
} from '#core';
import type pg from 'pg';
import { attestationFlaw } from './models/attestation.ts';
import { readActs } from './models/acts.ts';

/** Findings of one kind that are named; where more are broken, the first tell enough. */
const findingsMax = 100;

type What = Finding['what'];
/** By `tenant/name/number`: what was told of a version or an act, and by which event. */
type Told = Map<string, { readonly text: string; readonly event: string }>;

export function checkModels(publicKeys: readonly Buffer[]): JournalCheck {
  const versions: Told = new Map();
  const acts: Told = new Map();
  /** Scores whose decision is still to come: it follows, with little in between. */
  const scores = new Map<string, ScoreTold>();
  return {
    begin: async () => undefined,
    async page(client, events) {
      const findings: Finding[] = [];
      for (const event of events) {
        if (event.type === 'model.registered') tellVersion(versions, event);
        else if (event.type.startsWith('model.')) tellAct(acts, event);
        else if (event.type === 'score.produced') tellScore(scores, event);
        else if (event.type === 'decision.made') {
          const told = await scoreOf(client, event, scores);
          findings.push(...compareScore(event, told));
        }
      }
      return findings;
    },
    async end(client) {
      const registered = await client.query<VersionRow>(
        `select v.tenant_id, v.name, v.version, v.card_digest, v.artefact,
                encode(sha256(convert_to(v.card, 'UTF8')), 'hex') = v.card_digest
                  and encode(sha256(a.bytes), 'hex') = v.artefact as whole
           from ai.model_version v left join ai.artefact a
             on a.tenant_id = v.tenant_id and a.digest = v.artefact`,
      );
      const rows = registered.rows.map(({ tenant_id, version, whole, ...row }) => ({
        key: `${tenant_id}/${row.name}/${version}`,
        text: canonicalJson([row.card_digest, row.artefact]),
        flaw: whole ? undefined : 'card or artefact are not those of their digests',
      }));
      return [
        ...compare('version', versions, rows),
        ...compare('act', acts, await actRows(client, publicKeys)),
      ];
    },
  };
}

type VersionRow = {
  readonly tenant_id: string;
  readonly name: string;
  readonly version: number;
  readonly card_digest: string;
  readonly artefact: string;
  readonly whole: boolean | null;
};

// The registry ------------------------------------------------------------------------------------

type Body<Payload> = {
  readonly data: { readonly model_score_ref: string | null; readonly payload: Payload };
};
type VersionTold = Record<'name' | 'card_digest' | 'artefact', string> & { version: number };
type ActTold = {
  readonly name: string;
  readonly ordinal: number;
  readonly version: number | null;
  readonly stage?: string;
  readonly share_bps?: number | null;
};

function tellVersion(versions: Told, { tenant, id, body }: VerifiedEvent): void {
  const { name, version, card_digest, artefact } = (body as Body<VersionTold>).data.payload;
  const text = canonicalJson([card_digest, artefact]);
  versions.set(`${tenant}/${name}/${version}`, { text, event: externalId('event', id) });
}

/** What the events of acts tell, each in its own words. */
function tellAct(acts: Told, { tenant, id, type, body }: VerifiedEvent): void {
  const { data } = body as Body<ActTold>;
  const { name, ordinal, version, stage = '', share_bps = null } = data.payload;
  const at = stagesTold[type] ?? stage;
  const text = canonicalJson([at, version, share_bps]);
  acts.set(`${tenant}/${name}/${ordinal}`, { text, event: externalId('event', id) });
}

const stagesTold: Readonly<Record<string, string>> = {
  'model.rolled_back': 'production',
  'model.suspended': 'suspension',
  'model.resumed': 'suspension',
};

async function actRows(client: pg.ClientBase, publicKeys: readonly Buffer[]) {
  const { rows } = await client.query<{ tenant: string }>(
    'select distinct tenant_id as tenant from ai.model_act',
  );
  const found = [];
  for (const { tenant } of rows) {
    for (const [name, acts] of await readActs(client, null, tenant)) {
      for (const act of acts) {
        const flaw = attestationFlaw({ ...act, tenant }, act.attestation, publicKeys);
        found.push({
          key: `${tenant}/${name}/${act.ordinal}`,
          text: canonicalJson([act.stage, act.version, act.share]),
          flaw: flaw && `its attestation: ${flaw.replaceAll('_', ' ')}`,
        });
      }
    }
  }
  return found;
}

type Compared = { readonly key: string; readonly text: string; readonly flaw: string | undefined };

function compare(kind: 'version' | 'act', told: Told, rows: readonly Compared[]): Finding[] {
  const missing = new Map(told);
  const findings: Finding[] = [];
  const add = (what: What, key: string, detail: string, event?: string) => {
    const [tenant = '', ...name] = key.split('/');
    const place = event === undefined ? {} : { event };
    const whole = `${kind} ${name.join('/')} ${detail}`;
    if (findings.length < findingsMax) findings.push({ tenant, what, ...place, detail: whole });
  };
  for (const { key, text, flaw } of rows) {
    const expected = missing.get(key);
    missing.delete(key);
    if (!expected) add('model row added', key, 'is told of by no event');
    else if (expected.text !== text) {
      add('model row edited', key, 'differs from what its event tells', expected.event);
    } else if (flaw) add('model row edited', key, flaw, expected.event);
  }
  for (const [key, { event }] of missing) add('model row deleted', key, 'has no row', event);
  return findings;
}

// Scores ------------------------------------------------------------------------------------------

type ScoreTold = { readonly facts: Readonly<Record<string, unknown>> };

/** Of two batches that are written at a time, events may stand between a score and its decision. */
const scoresMax = 10_000;

function tellScore(scores: Map<string, ScoreTold>, { tenant, body }: VerifiedEvent): void {
  const { score_id: id, facts } = (body as Body<ScoreTold & { score_id: string }>).data.payload;
  const [oldest] = scores.keys();
  if (scores.size >= scoresMax && oldest !== undefined) scores.delete(oldest);
  scores.set(`${tenant}/${id}`, { facts });
}

type DecisionTold = ScoreTold & { readonly operation: string };

/** The score that a decision names, once; what is decided anew names that of its first decision. */
async function scoreOf(
  client: pg.ClientBase,
  { tenant, body }: VerifiedEvent,
  scores: Map<string, ScoreTold>,
): Promise<ScoreTold | undefined> {
  const { model_score_ref: ref, payload } = (body as Body<DecisionTold>).data;
  if (ref === null) return undefined;
  const key = `${tenant}/${ref}`;
  const score = scores.get(key);
  scores.delete(key);
  if (score !== undefined || payload.operation !== 'payment.resume') return score;
  const { rows } = await client.query<{ payload: ScoreTold }>(
    `select body::jsonb #> '{data,payload}' as payload from core.event
      where tenant_id = $1 and id = $2 and type = 'score.produced'`,
    [tenant, internalId('score', ref) ?? null],
  );
  return rows[0]?.payload;
}

/** A decision that names a score has read exactly that, which was told in the same commit. */
function compareScore(
  { tenant, id, position, body }: VerifiedEvent,
  score: ScoreTold | undefined,
): Finding[] {
  const { model_score_ref: ref, payload } = (body as Body<ScoreTold>).data;
  if (ref === null) return [];
  const at = { tenant, event: externalId('event', id), position };
  if (!score) {
    return [{ ...at, what: 'score missing', detail: `no score ${ref} stands before its decision` }];
  }
  const others = Object.entries(score.facts).filter(
    // A bundle may look at less than the model says.
    ([name, value]) => name in payload.facts && payload.facts[name] !== value,
  );
  return others.map(([name]) => ({
    ...at,
    what: 'score differs',
    detail: `${name} of the decision is not what score ${ref} has told`,
  }));
}
