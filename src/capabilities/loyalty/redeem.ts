// Redemptions on record: begun by a quote, with the stock that they take; ended by the system as
// the ledger has answered; reversed when somebody of the bank says so.
import {
  closed,
  type Command,
  derivedUuid,
  type EventDraft,
  externalId,
  Fault,
  instantToText,
  internalId,
  type Json,
  nullable,
  type Page,
  pageOf,
  plainText,
  principalText,
  type Tx,
  type Uuid,
} from '#core';
import { isHeldBy } from '#cores';
import { policyEvent, type PolicyOperations } from '#policy';
import type pg from 'pg';
import Type from 'typebox';
import { onlySystem } from './accounts.ts';
import { readReward, readRewardVersion, type Reward, rewardKinds } from './catalogue.ts';
import { customerId, findQuote, quoteSchemas } from './catalogue-quotes.ts';
import { readMember } from './members.ts';
import { programName } from './program/program.ts';
import { readProgramInForce } from './program/versions.ts';

export const redemptionStatuses = [
  'begun',
  'redeemed',
  'refused',
  'reversing',
  'reversed',
] as const;

const id = Type.String({ pattern: '^rdm_[0-9a-hjkmnp-tv-z]{26}$' });
const accountId = Type.String({ pattern: '^acc_[0-9a-hjkmnp-tv-z]{26}$' });

export const redemptionView = Type.Object({
  redemption_id: id,
  program: Type.String(),
  customer: Type.String(),
  reward: Type.String(),
  version: Type.Integer(),
  kind: Type.Enum([...rewardKinds]),
  points: Type.Integer(),
  worth: Type.Integer({ description: 'Minor units of the currency.' }),
  currency: Type.String(),
  account_id: nullable(accountId),
  status: Type.Enum([...redemptionStatuses], {
    description: '`begun` and `reversing` go on by themselves.',
  }),
  failure: nullable(Type.String({ description: 'Why it was refused, or could not be reversed.' })),
  requested_by: Type.String(),
  begun_at: Type.String(),
  changed_at: Type.String(),
});
export type Redemption = Type.Static<typeof redemptionView>;

/** By what a redemption is asked for; whose it is the path says, or the session. */
export const redemptionBody = Type.Object(
  {
    quote_id: quoteSchemas.id,
    account_id: Type.Optional({
      ...accountId,
      description: 'To which cashback and statement credit are paid: an account of the customer.',
    }),
  },
  closed,
);
export const reversalBody = Type.Object(
  { reason: plainText({ minLength: 1, maxLength: 500 }) },
  closed,
);
export const redemptionSchemas = { id, program: programName, customer: customerId };

const { begun_at: _begun, changed_at: _changed, ...told } = redemptionView.properties;
const payload = Type.Object(told);
export const redemptionPayloads = {
  'loyalty.redemption_begun': payload,
  'loyalty.redeemed': payload,
  'loyalty.redemption_refused': payload,
  'loyalty.redemption_reversing': Type.Object({ ...told, reason: Type.String() }),
  'loyalty.redemption_reversed': payload,
  'loyalty.reversal_refused': payload,
};

export const redemptionOperations: PolicyOperations = {
  'loyalty.redemption.begin': { changesRights: false, perform: begin },
  'loyalty.redemption.reverse': { changesRights: false, perform: reverse },
  'loyalty.redemption.end': { changesRights: false, perform: end },
};

export type BeginBody = Type.Static<typeof redemptionBody> & {
  readonly program: string;
  readonly customer: string;
};
export type EndBody = {
  readonly redemption_id: string;
  readonly status: 'redeemed' | 'refused' | 'reversed';
  readonly failure: string | null;
};

/** The redemption that a command has begun. */
export function redemptionOf(command: Uuid): string {
  return externalId('redemption', derivedUuid(command, 'redemption', 0));
}

export function paysMoney(kind: Reward['kind']): boolean {
  return kind === 'cashback' || kind === 'statement_credit';
}

async function begin(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { quote_id, customer, program, account_id = null } = command.body as BeginBody;
  const at = command.receivedAt;
  const quote = await findQuote(tx, quote_id, 'for update');
  // Another's quote does not exist for this customer.
  const isHis = quote?.customer === customer && quote.program === program;
  if (!quote || !isHis) throw new Fault('not_found', `there is no quote ${quote_id}`);
  if (quote.redemption_id !== null) throw new Fault('conflict', 'the quote was used before');
  if (quote.expires_at.getTime() <= at) {
    throw new Fault('conflict', 'the quote holds no longer: ask for another one');
  }
  const reward = await readRewardVersion(tx, quote);
  const ruled = await readProgramInForce(tx, program, at);
  if (!reward || !ruled) throw new Fault('not_found', `there is no reward ${quote.reward}`);
  await expectGoodStanding(tx, program, customer);
  await expectAccount(tx, reward, { customer, account: account_id });
  const stock_version = await takeStock(tx, command, quote);
  const uuid = derivedUuid(command.id, 'redemption', 0);
  await tx.query('update loyalty.quote set redemption_id = $3 where tenant_id = $1 and id = $2', [
    ...[command.tenant, quote.id, uuid],
  ]);
  const instant = instantToText(at);
  const { rows } = await tx.query<Row>(
    `insert into loyalty.redemption
     select * from jsonb_populate_record(null::loyalty.redemption, $1::jsonb) returning ${columns}`,
    [
      JSON.stringify({
        ...{ tenant_id: command.tenant, id: uuid, program, customer, status: 'begun' },
        ...{ reward: quote.reward, version: quote.version, kind: reward.kind },
        ...{ quote_id: quote.id, stock_version },
        ...{ points: Number(quote.points), worth: reward.worth },
        ...{ currency: ruled.currency, account_id, reversals: 0, failure: null },
        ...{ requested_by: principalText(command.principal), begun_at: instant },
        changed_at: instant,
      }),
    ],
  );
  return [tell(command, 'loyalty.redemption_begun', rows[0] as Row)];
}

async function expectGoodStanding(tx: pg.ClientBase, program: string, customer: string) {
  const member = await readMember(tx as Tx, program, customer);
  if (!member) throw new Fault('not_found', `there is no member ${customer} of ${program}`);
  if (member.standing === 'good') return;
  throw new Fault('conflict', `the membership is ${member.standing}: nothing can be redeemed`);
}

async function expectAccount(
  tx: pg.ClientBase,
  reward: Reward,
  { customer, account }: { readonly customer: string; readonly account: string | null },
): Promise<void> {
  if (!paysMoney(reward.kind)) {
    if (account !== null) throw new Fault('conflict', `${reward.reward} is paid to no account`);
    return;
  }
  if (account === null) throw new Fault('conflict', 'say to which account it is to be paid');
  const uuid = internalId('account', account);
  if (uuid !== undefined && (await isHeldBy(tx as Tx, customer, uuid))) return;
  throw new Fault('not_found', `the customer has no account ${account}`);
}

/** The lock makes the second of two buyers of the last one wait, and find nothing. */
async function takeStock(
  tx: pg.ClientBase,
  { tenant }: Command,
  of: { readonly program: string; readonly reward: string },
): Promise<number> {
  const offered = await readReward(tx, of, 'for update of r');
  if (offered?.document.status !== 'offered' || offered.stock_left === 0) {
    throw new Fault('conflict', `${of.reward} is not there any more`);
  }
  await tx.query(
    `update loyalty.reward set stock_left = stock_left - 1
      where tenant_id = $1 and program = $2 and reward = $3`,
    [tenant, of.program, of.reward],
  );
  return offered.version;
}

async function reverse(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  const { redemption_id, reason } = command.body as { redemption_id: string; reason: string };
  const row = await lockRedemption(tx, redemption_id);
  if (row.status !== 'redeemed') throw new Fault('conflict', `the redemption is ${row.status}`);
  const { rows } = await tx.query<Row>(
    `update loyalty.redemption
        set status = 'reversing', failure = null, reversals = reversals + 1, changed_at = $3
      where tenant_id = $1 and id = $2 returning ${columns}`,
    [command.tenant, row.id, instantToText(command.receivedAt)],
  );
  return [tell(command, 'loyalty.redemption_reversing', rows[0] as Row, { reason })];
}

const allowedEnds: Readonly<Record<string, readonly EndBody['status'][]>> = {
  begun: ['redeemed', 'refused'],
  reversing: ['reversed', 'redeemed'],
};

async function end(tx: pg.ClientBase, command: Command): Promise<EventDraft[]> {
  onlySystem(command);
  const { redemption_id, status, failure } = command.body as EndBody;
  const row = await lockRedemption(tx, redemption_id);
  if (!allowedEnds[row.status]?.includes(status)) {
    throw new Fault('conflict', `the redemption is ${row.status}`);
  }
  const { rows } = await tx.query<Row>(
    `update loyalty.redemption set status = $3, failure = $4, changed_at = $5
      where tenant_id = $1 and id = $2 returning ${columns}`,
    [command.tenant, row.id, status, failure, instantToText(command.receivedAt)],
  );
  if (status !== 'redeemed') await giveStockBack(tx, row);
  const types = {
    redeemed: row.status === 'begun' ? 'loyalty.redeemed' : 'loyalty.reversal_refused',
    refused: 'loyalty.redemption_refused',
    reversed: 'loyalty.redemption_reversed',
  };
  return [tell(command, types[status], rows[0] as Row)];
}

/** Whoever has published it anew has counted anew. */
async function giveStockBack(tx: pg.ClientBase, row: Row): Promise<void> {
  await tx.query(
    `update loyalty.reward set stock_left = stock_left + 1
      where tenant_id = core.current_tenant() and program = $1 and reward = $2 and version = $3`,
    [row.program, row.reward, row.stock_version],
  );
}

function tell(command: Command, type: string, row: Row, more: Record<string, Json> = {}) {
  const { begun_at: _at, changed_at: _since, ...said } = redemptionIn(row);
  return policyEvent(command, type, { ...said, ...more });
}

async function lockRedemption(tx: pg.ClientBase, redemption: string): Promise<Row> {
  const row = await findRedemption(tx, redemption, 'for update');
  if (row) return row;
  throw new Fault('not_found', `there is no redemption ${redemption}`);
}

// Reading -----------------------------------------------------------------------------------------

export type Row = Omit<
  Redemption,
  'redemption_id' | 'points' | 'worth' | 'begun_at' | 'changed_at'
> & {
  readonly id: Uuid;
  readonly points: bigint;
  readonly worth: bigint;
  readonly reversals: number;
  readonly stock_version: number;
  readonly begun_at: Date;
  readonly changed_at: Date;
};

const columns =
  'id, program, customer, reward, version, kind, points, worth, currency, account_id, status, ' +
  'failure, reversals, stock_version, requested_by, begun_at, changed_at';

export async function findRedemption(
  tx: pg.ClientBase,
  redemption: string,
  locking: '' | 'for update' = '',
): Promise<Row | undefined> {
  const { rows } = await tx.query<Row>(
    `select ${columns} from loyalty.redemption
      where tenant_id = core.current_tenant() and id = $1 ${locking}`,
    [internalId('redemption', redemption) ?? null],
  );
  return rows[0];
}

export async function readRedemption(
  tx: pg.ClientBase,
  redemption: string,
): Promise<Redemption | undefined> {
  const row = await findRedemption(tx, redemption);
  return row && redemptionIn(row);
}

/** Newest first. */
export async function listRedemptions(
  tx: pg.ClientBase,
  query: {
    readonly program?: string | undefined;
    readonly customer?: string | undefined;
    readonly status?: string | undefined;
    readonly limit: number;
    readonly after?: string | undefined;
  },
): Promise<Page<Redemption>> {
  const { program, customer, status, limit, after } = query;
  const { rows } = await tx.query<Row>(
    `select ${columns} from loyalty.redemption
      where tenant_id = core.current_tenant() and ($1::text is null or program = $1)
        and ($2::text is null or customer = $2) and ($3::text is null or status = $3)
        and ($4::uuid is null or id < $4)
      order by id desc limit $5`,
    [
      ...[program ?? null, customer ?? null, status ?? null],
      ...[(after && internalId('redemption', after)) ?? null, limit + 1],
    ],
  );
  const page = pageOf(rows, limit, (row) => externalId('redemption', row.id));
  return { ...page, items: page.items.map(redemptionIn) };
}

function redemptionIn(found: Row): Redemption {
  const { id: uuid, reversals: _times, stock_version: _of, ...row } = found;
  return {
    ...{ redemption_id: externalId('redemption', uuid), ...row },
    ...{ points: Number(row.points), worth: Number(row.worth) },
    ...{ begun_at: row.begun_at.toISOString(), changed_at: row.changed_at.toISOString() },
  };
}
