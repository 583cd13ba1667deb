// Search over HTTP: whatever an id or a reference names, as far as the caller may see it.
import {
  externalId,
  type IdKind,
  idPrefixes,
  type Instant,
  internalId,
  principalText,
  type Tx,
  withTx,
} from '#core';
import { listModels } from '#ai';
import { readParty } from '#cores';
import { listAccounts, readAccount, readHold, readTransfers } from '#money';
import { listPayments } from '#payments';
import {
  defaultBundles,
  listGrants,
  listPoints,
  readApproval,
  readDecision,
  readReplay,
  readScreening,
  type Scope,
} from '#policy';
import { readCase } from '#reviews';
import { readWebhook } from '#webhooks';
import type { FastifyInstance } from 'fastify';
import Type from 'typebox';
import type { Caller } from './authenticate.ts';
import { isOfBank } from './payment-path.ts';
import type { Parts } from './routes.ts';
import { problems } from './views.ts';

const foundMax = 10;
/** Of one kind, where a text may name several. */
const ofKindMax = 5;

/** Pages of the console; the id goes behind. */
const pages = {
  payment: '/payments/',
  decision: '/decisions/',
  approval: '/approvals/',
  case: '/reviews/',
  transfer: '/ledger/transfers/',
  hold: '/ledger/holds/',
  account: '/ledger/accounts/',
  event: '/events/',
  webhook: '/webhooks/',
  policy: '/policies/',
  bundle: '/policies/bundles/',
  model: '/models/',
  replay: '/replays/',
  screening: '/screening/',
  person: '/people/',
  customer: '/customers/',
} as const;
type Kind = keyof typeof pages;

const found = Type.Object({
  kind: Type.Enum(Object.keys(pages)),
  id: Type.String(),
  label: Type.String({ description: 'What it is, in a few words.' }),
  href: Type.String({ description: 'Its page in the console.' }),
});

export function searchRoutes(app: FastifyInstance, { planes, authenticate }: Parts): void {
  app.get(
    '/v1/search',
    {
      schema: {
        tags: ['administration'],
        summary: 'Find what an id or a reference names',
        description:
          'Any id, an end-to-end id, a customer, the holder of an account, the name of a policy ' +
          'or a model, a position in the log, the beginning of the digest of a bundle. What the ' +
          'caller may not read is not found.',
        querystring: Type.Object({ q: Type.String({ minLength: 1, maxLength: 120 }) }),
        response: {
          200: Type.Object({ items: Type.Array(found, { maxItems: foundMax }) }),
          ...problems,
        },
      },
    },
    async (request) => {
      const text = (request.query as { q: string }).q.trim();
      const caller = await authenticate.whoever(request);
      const { tenant } = caller.principal;
      const question = { text, tenant, now: planes.clock.now(), caller };
      const work = (tx: Tx) => search(tx, question);
      return {
        items: await withTx(planes.database.pool('read'), work, { tenant, readOnly: true }),
      };
    },
  );
}

type Question = {
  readonly text: string;
  readonly tenant: string;
  readonly now: Instant;
  readonly caller: Caller;
};
type Hit = { readonly id: string; readonly label: string };
type Source = {
  readonly kind: Kind;
  /** Who may not read these is told of none. */
  readonly scope: Scope;
  readonly find: (tx: Tx, question: Question) => Promise<readonly Hit[]>;
};

async function search(tx: Tx, question: Question) {
  const { text, caller } = question;
  const items: (Hit & { readonly kind: Kind; readonly href: string })[] = [];
  if (text === '') return items;
  for (const { kind, scope, find } of sources) {
    if (items.length >= foundMax) break;
    if (!caller.may(scope)) continue;
    for (const hit of await find(tx, question)) {
      items.push({ kind, ...hit, href: pages[kind] + encodeURIComponent(hit.id) });
    }
  }
  return items.slice(0, foundMax);
}

/** What the id of a kind names, if it is one and there is such a thing. */
function byId<Thing>(
  kind: IdKind,
  read: (tx: Tx, id: string, question: Question) => Promise<Thing | undefined>,
  labelOf: (thing: Thing) => string,
): Source['find'] {
  return async (tx, question) => {
    const { text } = question;
    if (internalId(kind, text) === undefined) return [];
    const thing = await read(tx, text, question);
    return thing === undefined ? [] : [{ id: text, label: labelOf(thing) }];
  };
}

const uuidOf = (kind: IdKind, id: string) => internalId(kind, id) ?? '';

/** Payments come last: reading lists of them binds what the transaction plans afterwards. */
const sources: readonly Source[] = [
  {
    ...{ kind: 'decision', scope: 'policy:read' },
    find: byId('decision', readDecision, ({ point, outcome }) => `${outcome} at ${point}`),
  },
  {
    ...{ kind: 'approval', scope: 'policy:read' },
    find: byId(
      'approval',
      (tx, id, { now }) => readApproval(tx, id, now),
      ({ summary, status }) => `${summary}: ${status}`,
    ),
  },
  {
    ...{ kind: 'case', scope: 'reviews:read' },
    find: byId(
      'case',
      (tx, id, { now }) => readCase(tx, id, now),
      ({ queue, status }) => `${queue}: ${status}`,
    ),
  },
  {
    ...{ kind: 'transfer', scope: 'ledger:read' },
    find: byId(
      'transfer',
      async (tx, id) => (await readTransfers(tx, [uuidOf('transfer', id)]))[0],
      ({ kind, recorded_at }) => `${kind}, ${recorded_at}`,
    ),
  },
  {
    ...{ kind: 'hold', scope: 'ledger:read' },
    find: byId(
      'hold',
      (tx, id, { now }) => readHold(tx, uuidOf('hold', id), now),
      ({ status, created_at }) => `${status}, ${created_at}`,
    ),
  },
  {
    ...{ kind: 'account', scope: 'ledger:read' },
    find: byId('account', (tx, id) => readAccount(tx, uuidOf('account', id)), nameOfAccount),
  },
  {
    ...{ kind: 'account', scope: 'ledger:read' },
    async find(tx, { text, now }) {
      const { items } = await listAccounts(tx, { holderId: text, limit: ofKindMax, now });
      return items.map((account) => ({ id: account.id, label: nameOfAccount(account) }));
    },
  },
  { kind: 'event', scope: 'events:read', find: findEvent },
  {
    ...{ kind: 'webhook', scope: 'webhooks:write' },
    find: byId('webhook', readWebhook, ({ description }) => description || 'webhook'),
  },
  {
    ...{ kind: 'replay', scope: 'policy:read' },
    find: byId(
      'replay',
      (tx, id) => readReplay(tx, uuidOf('replay', id), { limit: 1 }),
      ({ kind, status }) => `${kind}: ${status}`,
    ),
  },
  {
    ...{ kind: 'screening', scope: 'policy:read' },
    find: byId('screening', readScreening, ({ open_hits }) => `${open_hits} open hits`),
  },
  {
    ...{ kind: 'customer', scope: 'register:read' },
    async find(tx, { text }) {
      const party = await readParty(tx, text);
      return party ? [{ id: text, label: `${party.kind}, ${party.status}` }] : [];
    },
  },
  {
    ...{ kind: 'policy', scope: 'policy:read' },
    async find(tx, { text, tenant, now }) {
      const { items } = await listPoints(tx, { tenant, at: now, limit: pointsMax });
      const named = items.filter(({ name }) => name.includes(text));
      return named.slice(0, ofKindMax).map(({ name, live }) => ({
        id: name,
        label: live?.version ?? 'not published',
      }));
    },
  },
  { kind: 'bundle', scope: 'policy:read', find: findBundles },
  {
    ...{ kind: 'model', scope: 'model:read' },
    async find(tx, { text, now }) {
      const { items } = await listModels(tx, { at: now, limit: pointsMax });
      const named = items.filter(({ name }) => name.includes(text));
      return named.slice(0, ofKindMax).map(({ name, point }) => ({ id: name, label: point }));
    },
  },
  {
    ...{ kind: 'person', scope: 'policy:read' },
    async find(tx, { text }) {
      // They are sorted: what begins with the text comes next behind it.
      const grants = await listGrants(tx, { after: [text, ''], limit: 50 });
      const named = Map.groupBy(
        grants.filter(({ principal }) => principal.startsWith(text)),
        ({ principal }) => principal,
      );
      return [...named].slice(0, ofKindMax).map(([principal, of]) => ({
        id: principal,
        label: of.map(({ role }) => role).join(', '),
      }));
    },
  },
  { kind: 'payment', scope: 'payments:read', find: findPayments },
];

/** Points and models of a tenant that are looked through. */
const pointsMax = 500;

type Named = { readonly type: string; readonly currency: string; readonly status: string };

function nameOfAccount({ type, currency, status }: Named): string {
  return `${type} in ${currency}, ${status}`;
}

/** By its id, by that of what it is named after, such as a score, or by its place in the log. */
async function findEvent(tx: Tx, { text }: Question): Promise<readonly Hit[]> {
  const kinds = (Object.keys(idPrefixes) as IdKind[]).filter((kind) => !Object.hasOwn(pages, kind));
  const uuid = ['event' as const, ...kinds].map((kind) => internalId(kind, text)).find(Boolean);
  const position = /^[1-9]\d{0,14}$/.test(text) ? text : undefined;
  if (uuid === undefined && position === undefined) return [];
  const { rows } = await tx.query<{ id: string; type: string }>(
    uuid === undefined
      ? `select e.id, e.type from core.leaf l
           join core.event e on e.seq = l.seq and e.tenant_id = l.tenant_id
          where l.tenant_id = core.current_tenant() and l.tenant_position = $1`
      : `select id, type from core.event where tenant_id = core.current_tenant() and id = $1`,
    [uuid ?? position],
  );
  return rows.map(({ id, type }) => ({ id: externalId('event', id), label: type }));
}

async function findBundles(tx: Tx, { text }: Question): Promise<readonly Hit[]> {
  if (!/^[0-9a-f]{6,64}$/.test(text)) return [];
  const { rows } = await tx.query<{ digest: string; name: string }>(
    `select digest, name from policy.bundle
      where tenant_id = core.current_tenant() and digest >= $1 and digest < $1 || 'g'
      order by digest limit ${ofKindMax}`,
    [text],
  );
  const shipped = [...defaultBundles()].flatMap(([name, { digest }]) =>
    digest.startsWith(text) ? [{ digest, name }] : [],
  );
  const byDigest = new Map([...shipped, ...rows].map(({ digest, name }) => [digest, name]));
  return [...byDigest].slice(0, ofKindMax).map(([id, name]) => ({ id, label: name }));
}

/** By id, by that of its command, by end-to-end id; then those of a customer. */
async function findPayments(tx: Tx, { text, caller }: Question): Promise<readonly Hit[]> {
  if (internalId('account', text) !== undefined) return [];
  const { principal } = caller;
  const requestedBy = isOfBank(principal) ? undefined : principalText(principal);
  const about = { requestedBy, limit: ofKindMax };
  const command = internalId('command', text);
  const id = command === undefined ? text : externalId('payment', command);
  const named = await listPayments(tx, { ...about, text: id });
  const of = named.items.length > 0 ? named : await listPayments(tx, { ...about, customer: text });
  return of.items.map(({ payment_id, kind, status, created_at }) => ({
    id: payment_id,
    label: `${kind}, ${status}, ${created_at}`,
  }));
}
