// What the register knows for a payment: who pays, who is paid, and since when. On the path of
// every payment, hence one statement of index look-ups alone, whatever the number of payments.
import {
  type Instant,
  instantToText,
  type Pool,
  type SharedRead,
  sharedRead,
  type Tx,
  type Uuid,
} from '#core';
import type { Party } from '../port.ts';

export type PaymentAccounts = {
  readonly debtorAccountId: Uuid;
  readonly creditorAccountId: Uuid;
  /** When it is asked: nothing since then counts, and for a payee nothing of the day before. */
  readonly at: Instant;
};

/** The holder of one side. */
export type HolderFacts = {
  readonly party: string;
  /** Policy's `customer_kind`. */
  readonly kind: Party['segment'];
  readonly status: Party['status'];
  readonly country: string;
  readonly merchantCategory: string | null;
  readonly household: string | null;
  /** A day, as RFC 3339 has it. */
  readonly since: string;
  /**
   * Whether it is screened anew whenever a list changes: then a payment needs no screening of its
   * own (`screening_status` is `known`).
   */
  readonly isRescreened: boolean;
};

export type RegisterFacts = {
  readonly debtor: HolderFacts | null;
  readonly creditor: HolderFacts | null;
  /** When the ledger opened the account that pays; null where it has none of that id. */
  readonly debtorOpenedAt: Instant | null;
  /**
   * Whether both sides have one holder, or the account has paid the other one a day ago or more: a
   * cent that is sent first makes nobody known.
   */
  readonly isKnownPayee: boolean;
};

/**
 * How many of an account's latest debits are searched for a payee. Whom it has paid before them
 * counts as new: the rules may only be tighter for that.
 */
const debitsMax = 50;
const knownAfterMs = 86_400_000;

/** For the path of payments, where those that come together are read together. */
export type ReadRegister = SharedRead<PaymentAccounts, RegisterFacts>;

/** `pool` is of the role read, in pipeline mode: nobody waits for the answer to `begin`. */
export function registerReader(pool: Pool): ReadRegister {
  return sharedRead({ name: 'facts of the register', pool, read: readRegisterFacts });
}

/** `tx` is of the role read, within the tenant. */
export async function registerFacts(tx: Tx, accounts: PaymentAccounts): Promise<RegisterFacts> {
  const [facts] = await readRegisterFacts(tx, [accounts]);
  return facts as RegisterFacts;
}

/** The same for many payments of the tenant, in their order. */
export async function readRegisterFacts(
  tx: Tx,
  payments: readonly PaymentAccounts[],
): Promise<RegisterFacts[]> {
  const { rows } = await tx.query<Row>({
    name: 'register-facts',
    text: statement,
    values: [
      payments.map(({ debtorAccountId }) => debtorAccountId),
      payments.map(({ creditorAccountId }) => creditorAccountId),
      debitsMax,
      payments.map(({ at }) => instantToText(at - knownAfterMs)),
    ],
  });
  return rows.map(({ debtor, creditor, opened_at, has_paid }) => ({
    debtor,
    creditor,
    debtorOpenedAt: opened_at?.getTime() ?? null,
    isKnownPayee: has_paid || (debtor !== null && debtor.party === creditor?.party),
  }));
}

type Row = {
  readonly debtor: HolderFacts | null;
  readonly creditor: HolderFacts | null;
  readonly opened_at: Date | null;
  readonly has_paid: boolean;
};

/** The holder of the account that a column names, as one object. */
const holderOf = (account: string) => `(
  select json_build_object('party', p.id, 'kind', p.segment, 'status', p.status,
           'country', p.country, 'merchantCategory', p.merchant_category,
           'household', p.household, 'since', p.since,
           'isRescreened', p.status <> 'former' and coalesce((
             select true from policy.screening_subject s
              where s.tenant_id = p.tenant_id and s.subject = p.id and not s.unscreenable
              limit 1), false))
    from register.account_party h
    join register.party p on p.tenant_id = h.tenant_id and p.id = h.party_id
   where h.tenant_id = core.current_tenant() and h.account_id = ${account} and h.role = 'holder')`;

const statement = `
  select ${holderOf('asked.debtor')} as debtor, ${holderOf('asked.creditor')} as creditor,
         (select a.opened_at from money.account a
           where a.tenant_id = core.current_tenant() and a.id = asked.debtor) as opened_at,
         coalesce((
           select true
             from (select t.credit_account_id, t.kind, t.recorded_at from money.transfer t
                    where t.tenant_id = core.current_tenant()
                      and t.debit_account_id = asked.debtor
                    order by t.debit_version desc limit $3) as latest
            where latest.credit_account_id = asked.creditor and latest.kind in ('post', 'capture')
              and latest.recorded_at <= asked.before
            limit 1), false) as has_paid
    from unnest($1::uuid[], $2::uuid[], $4::timestamptz[])
      with ordinality as asked(debtor, creditor, before, place)
   order by asked.place`;
