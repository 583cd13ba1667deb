// Screening somebody, and the base again when a list changes: found here, recorded by commands.
import {
  assert,
  canonicalJson,
  type CommandInput,
  derivedUuid,
  externalId,
  Fault,
  type Json,
  type Pool,
  type Principal,
  sha256Hex,
  type Tx,
  withTx,
} from '#core';
import type { EntityType } from './entry.ts';
import type { Match, Subject } from './matcher.ts';
import { hitKey, type RecordBody, type RecordedHit, type SubjectRecord } from './record.ts';
import type { ListVersions, OpenWatchlists, Watchlists } from './watchlists.ts';

/** Where personal values are kept. Items and tokens answer in their order. */
export type ValueStore = {
  readonly tokenize: (
    tenant: string,
    items: readonly { person: string; class: 'name' | 'date_of_birth'; value: string }[],
  ) => Promise<readonly string[]>;
  /** Undefined for what was erased. */
  readonly detokenize: (
    tenant: string,
    tokens: readonly string[],
  ) => Promise<readonly (string | undefined)[]>;
};

export type ScreeningParts = {
  /** Of the role policy. */
  readonly pool: Pool;
  readonly watchlists: OpenWatchlists;
  readonly values: ValueStore;
  readonly execute: (input: CommandInput<Json>) => Promise<{
    readonly commandId: string;
    readonly outcome: { readonly status: string };
  }>;
};

export type ScreeningRequest = Subject & { readonly subject: string };

export type Screened = {
  readonly screeningId: string;
  readonly versions: ListVersions;
  readonly matches: readonly Match[];
};

/** What scores less is no hit at all. Which hit stops what, the policy says. */
export const hitScoreMin = 800;
const subjectsPerPage = 100;

export async function screen(
  parts: ScreeningParts,
  principal: Principal,
  request: ScreeningRequest,
  idempotencyKey: string,
): Promise<Screened> {
  const { subject, name, dateOfBirth, countries = [], entityType } = request;
  const { matcher, versions } = await current(parts.watchlists);
  const matches = matcher.search(request, { min: hitScoreMin });
  const items = [
    { person: subject, class: 'name' as const, value: name },
    ...(dateOfBirth === undefined
      ? []
      : [{ person: subject, class: 'date_of_birth' as const, value: dateOfBirth }]),
  ];
  const [nameToken, birthToken] = await parts.values.tokenize(principal.tenant, items);
  assert(nameToken !== undefined, 'a value has a token');
  const recorded = {
    name_token: nameToken,
    birth_token: birthToken ?? null,
    countries,
    entity_type: entityType ?? null,
  };
  const commandId = await record(parts, principal, idempotencyKey, {
    cause: 'request',
    list_versions: versions,
    subjects: [{ subject, request: recorded, hits: matches.map(hitOf) }],
  });
  const screeningId = externalId('screening', derivedUuid(commandId, 'screening', 0));
  return { screeningId, versions, matches };
}

/** Without a list nobody is clean: a screening is refused rather than passed. */
async function current(watchlists: OpenWatchlists): Promise<Watchlists> {
  const lists = await watchlists.current();
  if (lists.matcher.entries === 0) throw new Fault('conflict', 'no screening list is loaded');
  return lists;
}

async function record(
  { execute }: ScreeningParts,
  principal: Principal,
  idempotencyKey: string,
  body: RecordBody,
): Promise<string> {
  const { commandId, outcome } = await execute({
    principal,
    operation: 'screening.record',
    idempotencyKey,
    body: body as unknown as Json,
  });
  if (outcome.status !== 'accepted') throw new Fault('denied', 'policy denied the screening');
  return commandId;
}

function hitOf({ listed, score, nameScore, name, pairs, adjustments }: Match): RecordedHit {
  const explanation = { name: name.text, name_kind: name.kind, name_score: nameScore };
  return {
    list: listed.list,
    entry_id: listed.entry.id,
    entry_digest: listed.digest,
    score,
    explanation: { ...explanation, pairs, adjustments } as unknown as Json,
  };
}

// The base ----------------------------------------------------------------------------------------

export type Rescreened = { readonly subjects: number; readonly changed: number };

/**
 * Screens everybody on record in a tenant against what the lists have added or changed since, a
 * page per command. What was interrupted goes on where it stopped: done subjects say so.
 */
export async function rescreen(parts: ScreeningParts, principal: Principal): Promise<Rescreened> {
  const lists = await current(parts.watchlists);
  let [subjects, changed] = [0, 0];
  for (;;) {
    const { tenant } = principal;
    const page = await withTx(parts.pool, (tx) => readBehind(tx, lists.versions), {
      tenant,
      readOnly: true,
    });
    const [first] = page;
    if (!first) return { subjects, changed };
    const records = await rescreenPage(parts, tenant, lists, page);
    // Who is behind, and through which versions he was screened, makes the key: a crash between
    // two pages repeats nothing.
    const behind = [first.subject, first.screening_id, first.list_versions, lists.versions];
    await record(parts, principal, `rescreen ${sha256Hex(canonicalJson(behind))}`, {
      cause: 'list_change',
      list_versions: lists.versions,
      subjects: records,
    });
    subjects += records.length;
    changed += records.filter(({ hits }) => hits !== null).length;
  }
}

type Behind = {
  readonly subject: string;
  readonly name_token: string;
  readonly birth_token: string | null;
  readonly countries: string[];
  readonly entity_type: EntityType | null;
  readonly screening_id: string;
  readonly list_versions: string;
  readonly hits: readonly RecordedHit[];
};

async function readBehind(tx: Tx, versions: ListVersions): Promise<Behind[]> {
  const { rows } = await tx.query<Behind>(
    `select s.subject, s.name_token, s.birth_token, s.countries, s.entity_type, s.screening_id,
            s.list_versions, coalesce((
              select json_agg(json_build_object('list', h.list, 'entry_id', h.entry_id,
                       'entry_digest', encode(h.entry_digest, 'hex'), 'score', h.score,
                       'explanation', h.explanation::json) order by h.ordinal)
                from policy.screening_hit h
               where (h.tenant_id, h.screening_id) = (s.tenant_id, s.screening_id)), '[]') as hits
       from policy.screening_subject s
      where s.list_versions <> $1 order by s.subject limit $2`,
    [canonicalJson(versions), subjectsPerPage],
  );
  return rows;
}

async function rescreenPage(
  { values }: ScreeningParts,
  tenant: string,
  lists: Watchlists,
  page: readonly Behind[],
): Promise<SubjectRecord[]> {
  const tokens = page.flatMap(({ name_token, birth_token }) =>
    birth_token === null ? [name_token] : [name_token, birth_token],
  );
  const found = await values.detokenize(tenant, tokens);
  const valuesByToken = new Map(tokens.map((token, at) => [token, found[at]]));
  return page.map((each) => {
    const name = valuesByToken.get(each.name_token);
    const hits = name === undefined ? [] : hitsNow(lists, each, name, valuesByToken);
    const isSame = canonicalJson(hits.map(hitKey)) === canonicalJson(each.hits.map(hitKey));
    return { subject: each.subject, request: null, hits: isSame ? null : hits };
  });
}

/** The hits that stand as they were, and those among the entries that are new. */
function hitsNow(
  { matcher, find, isNewSince }: Watchlists,
  behind: Behind,
  name: string,
  valuesByToken: ReadonlyMap<string, string | undefined>,
): RecordedHit[] {
  const before = JSON.parse(behind.list_versions) as ListVersions;
  const kept = behind.hits.filter(
    ({ list, entry_id, entry_digest }) => find(list, entry_id)?.digest === entry_digest,
  );
  const keys = new Set(kept.map(hitKey));
  const born = behind.birth_token === null ? undefined : valuesByToken.get(behind.birth_token);
  const subject: Subject = {
    name,
    countries: behind.countries,
    ...(born === undefined ? {} : { dateOfBirth: born }),
    ...(behind.entity_type === null ? {} : { entityType: behind.entity_type }),
  };
  const matches = matcher.search(subject, {
    min: hitScoreMin,
    among: (listed) => isNewSince(listed, before),
  });
  return [...kept, ...matches.map(hitOf).filter((hit) => !keys.has(hitKey(hit)))];
}
