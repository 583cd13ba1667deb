// Links: which account, party and product of ours is which of the core's. Written by commands
// alone, so that whoever lives the log again has them, too.
import {
  type Command,
  type EventDraft,
  Fault,
  instantToText,
  nullable,
  type Page,
  pageOf,
  type Pool,
  sharedRead,
  type Tx,
} from '#core';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';

/** `clearing` is our account against which the mirror of a currency is kept; it is no core's. */
export const linkKinds = ['account', 'party', 'product', 'clearing'] as const;
export type LinkKind = (typeof linkKinds)[number];

export type Link = {
  readonly core: string;
  readonly kind: LinkKind;
  /** Public, such as `acc_…`. */
  readonly own_id: string;
  /** The core's own; of a clearing account its currency. */
  readonly core_id: string;
  /** RFC 3339: what the core had booked by then is in the opening balance. Of accounts alone. */
  readonly as_of: string | null;
};

export const linkPayloads = {
  'core.linked': Type.Object({
    core: Type.String(),
    kind: Type.Enum([...linkKinds]),
    own_id: Type.String(),
    core_id: Type.String(),
    as_of: nullable(Type.String({ format: 'date-time' })),
  }),
};

export const linkOperations: PolicyOperations = {
  'core.link': { changesRights: false, perform: link },
};

async function link(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { core, kind, own_id, core_id, as_of } = command.body as Link;
  const { rowCount } = await tx.query(
    `insert into register.core_link (tenant_id, core, kind, own_id, core_id, as_of, linked_at)
     values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
    [command.tenant, core, kind, own_id, core_id, as_of, instantToText(command.receivedAt)],
  );
  if (rowCount !== 1) throw new Fault('conflict', `${own_id} or ${core_id} is linked already`);
  const told = policyEvent(command, 'core.linked', { core, kind, own_id, core_id, as_of });
  return [kind === 'account' ? { ...told, accountId: own_id } : told];
}

// Reading -----------------------------------------------------------------------------------------

export type Links = {
  /** The core's id of an account of ours, whose public id is given. */
  readonly coreAccount: (tenant: string, accountId: string) => Promise<string | undefined>;
  /** The public ids of ours, in the order of the core's. */
  readonly ownAccounts: (
    tenant: string,
    coreIds: readonly string[],
  ) => Promise<readonly (string | undefined)[]>;
  readonly coreParty: (tenant: string, partyId: string) => Promise<string | undefined>;
  readonly ofCore: (tenant: string, kind: LinkKind, coreId: string) => Promise<Link | undefined>;
  readonly ofOurs: (tenant: string, kind: LinkKind, ownId: string) => Promise<Link | undefined>;
};

/** One of both ids. */
type Question = {
  readonly kind: LinkKind;
  readonly own_id?: string;
  readonly core_id?: string;
};

/** `pool` is of the role read, in pipeline mode: payments ask. */
export function linksOf(pool: Pool, core: string): Links {
  const read = sharedRead({
    name: 'links to the core',
    pool,
    read: (tx, questions: readonly Question[]) => readLinks(tx, core, questions),
  });
  const ofCore: Links['ofCore'] = (tenant, kind, core_id) => read(tenant, { kind, core_id });
  const ofOurs: Links['ofOurs'] = (tenant, kind, own_id) => read(tenant, { kind, own_id });
  const coreIdOf = async (tenant: string, kind: LinkKind, own: string) =>
    (await ofOurs(tenant, kind, own))?.core_id;
  return {
    ofCore,
    ofOurs,
    coreAccount: (tenant, accountId) => coreIdOf(tenant, 'account', accountId),
    coreParty: (tenant, partyId) => coreIdOf(tenant, 'party', partyId),
    async ownAccounts(tenant, coreIds) {
      const own: (string | undefined)[] = [];
      for (let from = 0; from < coreIds.length; from += pageSize) {
        const page = coreIds.slice(from, from + pageSize);
        const found = await Promise.all(page.map((id) => ofCore(tenant, 'account', id)));
        own.push(...found.map((link) => link?.own_id));
      }
      return own;
    },
  };
}

/** Whoever asks for many leaves room for others. */
const pageSize = 200;

const columns = 'l.core, l.kind, l.own_id, l.core_id, l.as_of';
type Row = Omit<Link, 'as_of'> & { readonly as_of: Date | null };

async function readLinks(
  tx: Tx,
  core: string,
  questions: readonly Question[],
): Promise<readonly (Link | undefined)[]> {
  const { rows } = await tx.query<Row & { place: bigint }>({
    name: 'core-links',
    text: `select asked.place, ${columns}
        from unnest($2::text[], $3::text[], $4::text[])
          with ordinality as asked(kind, own_id, core_id, place)
       cross join lateral (
         select * from register.core_link m
          where m.tenant_id = core.current_tenant() and m.core = $1 and m.kind = asked.kind
            and m.own_id = asked.own_id
         union all
         select * from register.core_link m
          where m.tenant_id = core.current_tenant() and m.core = $1 and m.kind = asked.kind
            and m.core_id = asked.core_id) as l`,
    values: [
      core,
      questions.map(({ kind }) => kind),
      questions.map(({ own_id }) => own_id ?? null),
      questions.map(({ core_id }) => core_id ?? null),
    ],
  });
  const found = new Map(rows.map((row) => [Number(row.place), linkOf(row)]));
  return questions.map((_, at) => found.get(at + 1));
}

function linkOf({ core, kind, own_id, core_id, as_of }: Row): Link {
  return { core, kind, own_id, core_id, as_of: as_of?.toISOString() ?? null };
}

export type LinksQuery = {
  readonly core: string;
  readonly kind: LinkKind;
  readonly limit: number;
  readonly after?: string | undefined;
};

/** In the order of our ids. `tx` is of the role read, within the tenant. */
export async function listLinks(
  tx: Tx,
  { core, kind, limit, after }: LinksQuery,
): Promise<Page<Link>> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from register.core_link l
      where tenant_id = core.current_tenant() and core = $1 and kind = $2
        and ($3::text is null or own_id > $3)
      order by own_id limit $4`,
    [core, kind, after ?? null, limit + 1],
  );
  return pageOf(rows.map(linkOf), limit, ({ own_id }) => own_id);
}
