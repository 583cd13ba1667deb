// What must hold at every moment of a simulation, whatever was killed before.
import assert from 'node:assert/strict';
import { sha256Hex, type Uuid } from '#core';
import type pg from 'pg';
import { uuidOf } from '../bank.ts';
import type { ModelAccount } from '../model-ledger.ts';
import type { Book } from './traffic.ts';

/** Throws when the database breaks a rule, or is not what the model says. */
export async function checkBank(superuser: pg.Pool, books: readonly Book[]): Promise<void> {
  const exempt = books.flatMap(({ accounts, tightened }) =>
    [...tightened].map((number) => uuidOf('account', accounts[number] as string)),
  );
  await checkRules(superuser, exempt);
  await checkRecorded(superuser, books);
  await checkModel(superuser, books);
}

/** What every ledger keeps to; `exempt` are accounts that may be beyond their bound. */
export async function checkRules(superuser: pg.Pool, exempt: readonly Uuid[]): Promise<void> {
  for (const [rule, sql] of Object.entries(rules)) {
    const values = sql.includes('$1') ? [exempt] : [];
    const { rows } = await superuser.query<object>(`${sql} limit 5`, values);
    assert.deepEqual(rows, [], rule);
  }
}

/** Each query finds what breaks its rule. */
const rules: Readonly<Record<string, string>> = {
  'debits equal credits in every currency': `
    select tenant_id, currency from money.account group by 1, 2
    having sum(debits_posted) <> sum(credits_posted)
        or sum(debits_pending) <> sum(credits_pending)`,
  'balances are the fold of their entries': `
    select a.tenant_id, a.id from money.account a left join (
      select tenant_id, account_id as id, count(*) as entries,
        sum(amount) filter (where side = 'debit' and posts) as dp,
        sum(amount) filter (where side = 'credit' and posts) as cp,
        sum(held) filter (where side = 'debit') as dn,
        sum(held) filter (where side = 'credit') as cn
      from (select *, kind in ('post', 'reverse', 'capture') as posts,
              case when kind in ('hold', 'increase') then amount
                   when kind in ('capture', 'void', 'expire') then -amount - released
                   else 0 end as held from money.entry) e
      group by 1, 2) f using (tenant_id, id)
     where (debits_posted, credits_posted, debits_pending, credits_pending, version)
        <> (coalesce(dp, 0), coalesce(cp, 0), coalesce(dn, 0), coalesce(cn, 0),
            coalesce(entries, 0))`,
  'posted, released and left make what was held': `
    select h.tenant_id, h.id from money.hold h join (
      select tenant_id, hold_id as id,
        sum(amount) filter (where kind in ('hold', 'increase')) as held,
        sum(amount) filter (where kind = 'capture') as posted,
        sum(case when kind = 'capture' then released else amount end)
          filter (where kind in ('capture', 'void', 'expire')) as released
      from money.transfer where hold_id is not null group by 1, 2) x using (tenant_id, id)
     where (h.amount, h.captured, h.released)
        <> (held, coalesce(posted, 0), coalesce(x.released, 0))
        or (h.status = 'open') <> (h.captured + h.released < h.amount)`,
  'pending is what open holds have left': `
    select a.tenant_id, a.id from money.account a left join (
      select tenant_id, s.id, sum(rest) filter (where side = 'debit') as dn,
             sum(rest) filter (where side = 'credit') as cn
        from (select *, amount - captured - released as rest from money.hold) h
        cross join lateral (values ('debit', debit_account_id),
          ('credit', credit_account_id)) as s(side, id)
       group by 1, 2) f using (tenant_id, id)
     where (debits_pending, credits_pending) <> (coalesce(dn, 0), coalesce(cn, 0))`,
  // A hold that is due keeps nothing back, though the row that says so may come later.
  'no posting goes beyond a bound': `
    select tenant_id, id from (
      select a.*, type in ('asset', 'expense') as is_debit,
        (select coalesce(sum(amount - captured - released), 0) from money.hold h
          where h.tenant_id = a.tenant_id and h.status = 'open' and h.expires_at > a.recorded_at
            and h.debit_account_id = a.id) as debits_held,
        (select coalesce(sum(amount - captured - released), 0) from money.hold h
          where h.tenant_id = a.tenant_id and h.status = 'open' and h.expires_at > a.recorded_at
            and h.credit_account_id = a.id) as credits_held
        from money.account a where bound <> 'none' and id <> all ($1)) b
     where credit_limit + case when is_debit then debits_posted - credits_posted - credits_held
                               else credits_posted - debits_posted - debits_held end < 0`,
  'an accepted journal has all its legs, a rejected one none': `
    select c.tenant_id, c.id from core.command c left join (
      select tenant_id, command_id as id, count(*) as legs from money.transfer group by 1, 2) x
      using (tenant_id, id)
     where coalesce(legs, 0) <> case
             when outcome::jsonb ->> 'status' <> 'accepted' then 0
             when operation = 'journal.post' then jsonb_array_length(body::jsonb -> 'legs')
             when operation like 'payment.%' then
               coalesce(jsonb_array_length(body::jsonb -> 'held'), 0)
                 + case when decision::jsonb ->> 'outcome' = 'deny' then 0
                        else jsonb_array_length(body::jsonb -> 'legs') end
             else 0 end`,
};

/** What was acknowledged is there, once, with the same answer; and there is nothing else. */
async function checkRecorded(superuser: pg.Pool, books: readonly Book[]): Promise<void> {
  const { rows } = await superuser.query<{ key: string; id: string; outcome: string }>(
    `select tenant_id || ' ' || idempotency_key as key, id,
            coalesce(outcome::jsonb ->> 'code', outcome::jsonb ->> 'status')
              || coalesce(' in leg ' || (outcome::jsonb ->> 'leg'), '') as outcome
       from core.command`,
  );
  const found = new Map(rows.map(({ key, id, outcome }) => [key, `${id} ${outcome}`]));
  for (const { tenant, asked } of books) {
    for (const [key, { answer }] of asked) {
      const told = `${answer.command} ${answer.says}`;
      assert.equal(found.get(`${tenant} ${key}`), told, `${tenant} was answered ${key}`);
    }
  }
  const acknowledged = books.reduce((sum, { asked }) => sum + asked.size, 0);
  assert.equal(found.size, acknowledged, 'nothing is recorded that was not answered');
}

async function checkModel(superuser: pg.Pool, books: readonly Book[]): Promise<void> {
  for (const { tenant, model, accounts } of books) {
    const { rows } = await superuser.query<ModelAccount>(
      `select type in ('asset', 'expense') as "debitNormal", currency, status, bound,
              credit_limit::float8 as limit, debits_posted::float8 as debits,
              credits_posted::float8 as credits, debits_pending::float8 as "debitsHeld",
              credits_pending::float8 as "creditsHeld",
              (extract(epoch from recorded_at) * 1000)::float8 as "recordedAt"
         from unnest($2::uuid[]) with ordinality as w(id, place)
         join money.account a using (id) where tenant_id = $1 order by place`,
      [tenant, accounts.map((id) => uuidOf('account', id))],
    );
    assert.deepEqual(rows, model.accounts, `the accounts of ${tenant} are those of the model`);
  }
}

/** A digest of all balances. */
export async function balancesDigest(superuser: pg.Pool): Promise<string> {
  const { rows } = await superuser.query<{ text: string | null }>(
    `select string_agg(concat_ws(' ', tenant_id, id, status, bound, credit_limit, debits_posted,
              credits_posted, debits_pending, credits_pending, version, recorded_at), e'\\n'
              order by tenant_id, id) as text from money.account`,
  );
  return sha256Hex(rows[0]?.text ?? '').slice(0, 16);
}
