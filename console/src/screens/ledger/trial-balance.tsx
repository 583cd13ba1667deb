// The trial balance: what all accounts of a type add up to, and that debits equal credits.
import { useMemo } from 'react';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Amount } from '../../parts/money.tsx';
import { Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { MomentBar } from './moment-bar.tsx';
import { accountTypes } from './words.ts';
import '../../parts/split.css';

type Row = Answer<'GET /v1/trial-balance'>['currencies'][number];
type Sums = Pick<
  Row,
  'accounts' | 'debits_posted' | 'credits_posted' | 'debits_pending' | 'credits_pending'
>;

export function TrialBalance() {
  const [{ at }] = useUrl();
  const { data, error, refetch } = useApi(
    'GET /v1/trial-balance',
    { query: at === undefined ? {} : { as_of: at } },
    { keep: true },
  );
  return (
    <Scroll>
      <div className="ledger-trial">
        <MomentBar />
        {error && <ProblemNote error={error} retry={refetch} />}
        {!data && !error && <Loading />}
        {data && (
          <p className="ledger-verdict" role="status">
            <State word={data.balanced ? 'ok' : 'breached'}>
              {data.balanced
                ? 'Debits equal credits in every currency'
                : 'Debits and credits differ: tell the people who run the ledger'}
            </State>
            {at !== undefined && (
              <span className="dimmed">
                as of <Time at={at} whole />
              </span>
            )}
          </p>
        )}
        {data && <Currencies rows={data.currencies} />}
      </div>
    </Scroll>
  );
}

function Currencies({ rows }: { readonly rows: readonly Row[] }) {
  const groups = useMemo(() => {
    const found = Map.groupBy(rows, ({ currency }) => currency);
    return [...found].map(([currency, own]) => ({
      currency,
      own: own.toSorted((a, b) => accountTypes.indexOf(a.type) - accountTypes.indexOf(b.type)),
      total: own.reduce(added, nothing),
    }));
  }, [rows]);
  if (groups.length === 0) return <Empty title="Nothing was posted yet" />;
  return (
    <table className="plain ledger-trial-table">
      <thead>
        <tr>
          <th scope="col">Type</th>
          {['Accounts', 'Debits', 'Credits', 'Net', 'Debits held', 'Credits held'].map((words) => (
            <th key={words} scope="col" className="end">
              {words}
            </th>
          ))}
        </tr>
      </thead>
      {groups.map(({ currency, own, total }) => (
        <tbody key={currency}>
          <tr className="ledger-currency">
            <th scope="rowgroup" colSpan={7}>
              {currency}
            </th>
          </tr>
          {own.map((row) => (
            <SumRow key={row.type} words={row.type} currency={currency} of={row} />
          ))}
          <SumRow words={`All ${currency}`} currency={currency} of={total} isTotal />
        </tbody>
      ))}
    </table>
  );
}

const nothing: Sums = {
  ...{ accounts: 0, debits_posted: 0, credits_posted: 0, debits_pending: 0, credits_pending: 0 },
};

function added(sum: Sums, row: Sums): Sums {
  return {
    accounts: sum.accounts + row.accounts,
    debits_posted: sum.debits_posted + row.debits_posted,
    credits_posted: sum.credits_posted + row.credits_posted,
    debits_pending: sum.debits_pending + row.debits_pending,
    credits_pending: sum.credits_pending + row.credits_pending,
  };
}

function SumRow({
  words,
  currency,
  of,
  isTotal = false,
}: {
  readonly words: string;
  readonly currency: string;
  readonly of: Sums;
  readonly isTotal?: boolean;
}) {
  const net = of.debits_posted - of.credits_posted;
  return (
    <tr className={isTotal ? 'ledger-total' : undefined}>
      <th scope="row">{words}</th>
      <td className="end">{of.accounts.toLocaleString('en')}</td>
      <td className="end">
        <Amount minor={of.debits_posted} currency={currency} />
      </td>
      <td className="end">
        <Amount minor={of.credits_posted} currency={currency} />
      </td>
      <td className="end">
        {net === 0 ? (
          <span className="dimmed">nothing</span>
        ) : (
          <>
            <Amount minor={Math.abs(net)} currency={currency} />{' '}
            <span className="dimmed">{net > 0 ? 'debit' : 'credit'}</span>
          </>
        )}
      </td>
      <td className="end dimmed">
        <Amount minor={of.debits_pending} currency={currency} />
      </td>
      <td className="end dimmed">
        <Amount minor={of.credits_pending} currency={currency} />
      </td>
    </tr>
  );
}
