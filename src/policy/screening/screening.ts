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
  type Uuid,
  withTx,
} from '#core';
import { hitKey } from './clearance.ts';
import type { Match, Subject } from './matcher.ts';
import type { RecordBody, RecordedHit, RecordedRequest, SubjectRecord } from './record.ts';
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
    readonly commandId: Uuid;
    readonly replayed: boolean;
    readonly outcome: { readonly status: string };
  }>;
};

export type ScreeningRequest = Subject & { readonly subject: string };

export type Screened = {
  readonly screeningId: string;
  /** Null for a retry: what was found the first time is on record. */
  readonly matches: readonly Match[] | null;
};

/** What scores less is no hit at all. Which hit stops what, the policy says. */
export const hitScoreMin = 800;
const requestsPerPage = 100;
const recordOperation = 'screening.record';

/** A retry is told the first result, whatever the lists say by now. */
export async function screen(
  parts: ScreeningParts,
  principal: Principal,
  request: ScreeningRequest,
  idempotencyKey: string,
): Promise<Screened> {
  const asked = { ...request, tenant: principal.tenant, idempotencyKey };
  const earlier = await findEarlier(parts, asked);
  if (earlier) return earlier;
  const { matcher, versions } = await current(parts.watchlists);
  const matches = matcher.search(request, { min: hitScoreMin });
  const body: RecordBody = {
    cause: 'request',
    list_versions: versions,
    subjects: [
      {
        subject: request.subject,
        request: await tokenized(parts, principal.tenant, request),
        hits: matches.map(hitOf),
        unscreenable: false,
      },
    ],
  };
  try {
    const { commandId, replayed } = await record(parts, principal, idempotencyKey, body);
    return screened(commandId, replayed ? null : matches);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== 'idempotency_key_reused') throw error;
    // Another call with this key was faster, and lists may have changed between the two.
    const first = await findEarlier(parts, asked);
    if (first) return first;
    throw error;
  }
}

function screened(commandId: Uuid, matches: Screened['matches']): Screened {
  return { screeningId: externalId('screening', derivedUuid(commandId, 'screening', 0)), matches };
}

async function tokenized(
  { values }: ScreeningParts,
  tenant: string,
  { subject, name, dateOfBirth, countries = [], entityType }: ScreeningRequest,
): Promise<RecordedRequest> {
  const items = [
    { person: subject, class: 'name' as const, value: name },
    ...(dateOfBirth === undefined
      ? []
      : [{ person: subject, class: 'date_of_birth' as const, value: dateOfBirth }]),
  ];
  const [name_token, birth_token = null] = await values.tokenize(tenant, items);
  assert(name_token !== undefined, 'a value has a token');
  return { name_token, birth_token, countries, entity_type: entityType ?? null };
}

/** The screening that this key has had before; refuses a key that was used for something else. */
async function findEarlier(
  parts: ScreeningParts,
  asked: ScreeningRequest & { readonly tenant: string; readonly idempotencyKey: string },
): Promise<Screened | undefined> {
  const { tenant, idempotencyKey } = asked;
  const { rows } = await withTx(
    parts.pool,
    (tx) =>
      tx.query<{ id: Uuid; operation: string; body: string; outcome: string }>(
        `select id, operation, body, outcome from core.command
          where tenant_id = $1 and idempotency_key = $2`,
        [tenant, idempotencyKey],
      ),
    { tenant, readOnly: true },
  );
  const [earlier] = rows;
  if (!earlier) return undefined;
  const [first] = (JSON.parse(earlier.body) as Partial<RecordBody>).subjects ?? [];
  const isRetry = earlier.operation === recordOperation && first !== undefined;
  if (!isRetry || !(await isSameRequest(parts, asked, first))) {
    throw new Fault('idempotency_key_reused', 'this Idempotency-Key was used with another request');
  }
  expectAccepted(JSON.parse(earlier.outcome) as { status: string });
  return screened(earlier.id, null);
}

async function isSameRequest(
  parts: ScreeningParts,
  asked: ScreeningRequest & { readonly tenant: string },
  { subject, request }: SubjectRecord,
): Promise<boolean> {
  if (subject !== asked.subject) return false;
  const [name] = await parts.values.detokenize(asked.tenant, [request.name_token]);
  // To compare would mean to put back into the vault what was erased from it.
  if (name === undefined) return true;
  const again = await tokenized(parts, asked.tenant, asked);
  return canonicalJson(again as unknown as Json) === canonicalJson(request as unknown as Json);
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
): Promise<{ commandId: Uuid; replayed: boolean }> {
  const { commandId, replayed, outcome } = await execute({
    principal,
    operation: recordOperation,
    idempotencyKey,
    body: body as unknown as Json,
  });
  expectAccepted(outcome);
  return { commandId, replayed };
}

function expectAccepted({ status }: { readonly status: string }): void {
  if (status !== 'accepted') throw new Fault('denied', 'policy denied the screening');
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
 * Screens everybody on record in a tenant against what the lists have added or changed since, under
 * every name that was ever asked for, a page per command. What was interrupted goes on where it
 * stopped: done requests say so.
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
    const { subject, request, screening_id, list_versions } = first;
    const behind = [subject, request, screening_id, list_versions, lists.versions] as Json;
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
  readonly request: RecordedRequest;
  readonly screening_id: string;
  readonly list_versions: string;
  readonly hits: readonly RecordedHit[];
};

async function readBehind(tx: Tx, versions: ListVersions): Promise<Behind[]> {
  const { rows } = await tx.query<Omit<Behind, 'request'> & { request: string }>(
    `select s.subject, s.request, s.screening_id, s.list_versions, coalesce((
              select json_agg(json_build_object('list', h.list, 'entry_id', h.entry_id,
                       'entry_digest', encode(h.entry_digest, 'hex'), 'score', h.score,
                       'explanation', h.explanation::json) order by h.ordinal)
                from policy.screening_hit h
               where (h.tenant_id, h.screening_id) = (s.tenant_id, s.screening_id)), '[]') as hits
       from policy.screening_subject s
      where s.list_versions <> $1 order by s.subject, s.request limit $2`,
    [canonicalJson(versions), requestsPerPage],
  );
  return rows.map((row) => ({ ...row, request: JSON.parse(row.request) as RecordedRequest }));
}

async function rescreenPage(
  { values }: ScreeningParts,
  tenant: string,
  lists: Watchlists,
  page: readonly Behind[],
): Promise<SubjectRecord[]> {
  const tokens = page.flatMap(({ request }) => tokensOf(request));
  const found = await values.detokenize(tenant, tokens);
  const valuesByToken = new Map(tokens.map((token, at) => [token, found[at]]));
  return page.map((each) => {
    const { subject, request } = each;
    const name = valuesByToken.get(request.name_token);
    // What was found before the name was erased stands: nobody has been cleared by that.
    if (name === undefined) return { subject, request, hits: null, unscreenable: true };
    const hits = hitsNow(lists, each, name, valuesByToken);
    const isSame = canonicalJson(hits.map(hitKey)) === canonicalJson(each.hits.map(hitKey));
    return { subject, request, hits: isSame ? null : hits, unscreenable: false };
  });
}

function tokensOf({ name_token, birth_token }: RecordedRequest): readonly string[] {
  return birth_token === null ? [name_token] : [name_token, birth_token];
}

/** The hits that stand as they were, and those among the entries that are new. */
function hitsNow(
  { matcher, find, isNewSince }: Watchlists,
  { request, hits, list_versions }: Behind,
  name: string,
  valuesByToken: ReadonlyMap<string, string | undefined>,
): RecordedHit[] {
  const before = JSON.parse(list_versions) as ListVersions;
  const { birth_token, countries, entity_type } = request;
  const kept = hits.filter(
    ({ list, entry_id, entry_digest }) => find(list, entry_id)?.digest === entry_digest,
  );
  const keys = new Set(kept.map(hitKey));
  const born = birth_token === null ? undefined : valuesByToken.get(birth_token);
  const subject: Subject = {
    name,
    countries,
    ...(born === undefined ? {} : { dateOfBirth: born }),
    ...(entity_type === null ? {} : { entityType: entity_type }),
  };
  const matches = matcher.search(subject, {
    min: hitScoreMin,
    among: (listed) => isNewSince(listed, before),
  });
  return [...kept, ...matches.map(hitOf).filter((hit) => !keys.has(hitKey(hit)))];
}
