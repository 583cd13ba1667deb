// T-accounts: debits on the left, credits on the right, and below the line what they add up to.
import { Button } from '@mantine/core';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import type { EntryList } from './entries.tsx';
import { Instant, KindState } from './places.tsx';
import { Scroller } from './scroller.tsx';
import { type Account, bookedAfter, type Entry, isBooked, type Transfer } from './words.ts';

/** Of one account, from its entries: the sums are those of all, not of what is shown. */
export function TAccount({
  account,
  list,
}: {
  readonly account: Account;
  readonly list: EntryList;
}) {
  const { currency, normal_balance } = account;
  const [newest] = list.items;
  const booked = list.items.filter(({ kind }) => isBooked(kind));
  if (list.error) return <ProblemNote error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Loading />;
  if (!newest) return <Empty title="Nothing was posted" />;
  return (
    <Scroller label="T-account">
      <table className="t-account">
        <thead>
          <tr>
            <th scope="col" colSpan={3}>
              Debit
            </th>
            <th scope="col" colSpan={3} className="t-credit">
              Credit
            </th>
          </tr>
          <tr className="t-account-sums">
            <td colSpan={3}>
              <Amount minor={newest.debits_posted} currency={currency} />
            </td>
            <td colSpan={3} className="t-credit">
              <Amount minor={newest.credits_posted} currency={currency} />
            </td>
          </tr>
          <tr className="t-account-balance">
            {normal_balance === 'credit' && <td colSpan={3} />}
            <td colSpan={3} className={normal_balance === 'credit' ? 't-credit' : undefined}>
              <span className="dimmed">balance</span>{' '}
              <Amount minor={bookedAfter(newest, normal_balance)} currency={currency} />
            </td>
            {normal_balance === 'debit' && <td colSpan={3} className="t-credit" />}
          </tr>
        </thead>
        <tbody>
          {booked.map((entry) => (
            <SideRow key={entry.version} entry={entry} />
          ))}
        </tbody>
      </table>
      {list.hasMore && (
        <Button variant="default" loading={list.isFetchingMore} onClick={list.more}>
          Show earlier entries
        </Button>
      )}
    </Scroller>
  );
}

function SideRow({ entry }: { readonly entry: Entry }) {
  const { side, recorded_at, counter_account_id, amount, currency } = entry;
  const isCredit = side === 'credit';
  const cells = (
    <>
      <td className={isCredit ? 't-credit' : undefined}>
        <Instant at={recorded_at} />
      </td>
      <td>
        <Id id={counter_account_id} />
      </td>
      <td className="end">
        <Amount minor={amount} currency={currency} />
      </td>
    </>
  );
  return (
    <tr>
      {isCredit && <td colSpan={3} />}
      {cells}
      {!isCredit && <td colSpan={3} className="t-credit" />}
    </tr>
  );
}

/** Of a transfer or a journal: each account that it touches, with what came to either side. */
export function TransferTs({
  transfers,
  here,
}: {
  readonly transfers: readonly Transfer[];
  /** The one that is looked at, where it has company. */
  readonly here?: string;
}) {
  const accounts = new Set(
    transfers.flatMap(({ debit_account_id, credit_account_id }) => [
      ...[debit_account_id, credit_account_id],
    ]),
  );
  return (
    <div className="t-row">
      {[...accounts].map((account) => (
        <SmallT key={account} account={account} transfers={transfers} here={here} />
      ))}
    </div>
  );
}

function SmallT({
  account,
  transfers,
  here,
}: {
  readonly account: string;
  readonly transfers: readonly Transfer[];
  readonly here: string | undefined;
}) {
  const own = transfers.filter(
    (each) => each.debit_account_id === account || each.credit_account_id === account,
  );
  return (
    <table className="t-small">
      <caption>
        <Id id={account} />
      </caption>
      <thead>
        <tr>
          <th scope="col">Debit</th>
          <th scope="col">Credit</th>
        </tr>
      </thead>
      <tbody>
        {own.map((each) => {
          const shown = <SmallAmount transfer={each} isHere={each.id === here} />;
          const isDebit = each.debit_account_id === account;
          return (
            <tr key={each.id}>
              <td>{isDebit && shown}</td>
              <td>{!isDebit && shown}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What is only reserved, or let go, is marked: it books nothing. */
function SmallAmount({
  transfer,
  isHere,
}: {
  readonly transfer: Transfer;
  readonly isHere: boolean;
}) {
  const { kind, amount, currency } = transfer;
  const shown = <Amount minor={amount} currency={currency} />;
  if (isBooked(kind)) return isHere ? <strong>{shown}</strong> : shown;
  return (
    <span className="dimmed">
      <KindState kind={kind} /> {shown}
    </span>
  );
}
