// The statement of an account over a span: opening balance, every entry, closing balance; also on
// paper.
import { Button, Group } from '@mantine/core';
import { Printer } from 'lucide-react';
import type { Answer } from '../../api/client.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Id } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time, useNow, useZone } from '../../parts/time.tsx';
import { TypedMoment } from './moment-bar.tsx';
import { spans, startOfMonth } from './moment.ts';
import { aboutOf, Instant, KindState } from './places.tsx';
import { Scroller } from './scroller.tsx';
import { type Account, bookedAfter, type Entry, isBooked, pendingChange } from './words.ts';

type Stated = Answer<'GET /v1/accounts/{id}/statement'>;

export function Statement({ account }: { readonly account: Account }) {
  const [url] = useUrl();
  const zone = useZone();
  const now = useNow();
  const from = url['from'] ?? startOfMonth(now, zone);
  const { to } = url;
  const query = { from, ...(to === undefined ? {} : { to }) };
  const list = useApiPages('GET /v1/accounts/{id}/statement', { path: { id: account.id }, query });
  const { first: stated, items } = list;
  return (
    <div className="ledger-list">
      <SpanBar from={from} to={to} canPrint={stated !== undefined && !list.hasMore} />
      <Scroller label="Statement">
        {list.error && <ProblemNote error={list.error} retry={list.refetch} />}
        {list.isPending && <Loading />}
        {stated && (
          <article className="statement">
            <header>
              <h2>Statement</h2>
              <p>
                Account <Id id={account.id} whole />
              </p>
              <p>
                <Time at={from} whole /> to <Time at={to ?? stated.closing.as_of} whole />
              </p>
            </header>
            <Lines account={account} stated={stated} items={items} />
            {list.hasMore && (
              <Button
                className="no-print"
                variant="default"
                loading={list.isFetchingMore}
                onClick={list.more}
              >
                {`Show more: ${items.length} of ${stated.entries} entries are here`}
              </Button>
            )}
          </article>
        )}
      </Scroller>
    </div>
  );
}

function SpanBar({
  from,
  to,
  canPrint,
}: {
  readonly from: string;
  readonly to: string | undefined;
  readonly canPrint: boolean;
}) {
  const [, setUrl] = useUrl();
  const zone = useZone();
  const now = useNow();
  return (
    <div className="split-bar no-print" style={{ alignItems: 'end', flexWrap: 'wrap' }}>
      <div className="segments" role="group" aria-label="Span" style={{ flex: 'none' }}>
        {spans(now, zone).map((span) => (
          <button
            key={span.words}
            type="button"
            className="segment"
            aria-pressed={span.from === from && span.to === to}
            onClick={() => setUrl({ from: span.from, to: span.to })}
          >
            {span.words}
          </button>
        ))}
      </div>
      <TypedMoment key={from} label="From" at={from} set={(at) => setUrl({ from: at })} />
      <TypedMoment key={to ?? 'now'} label="To before" at={to} set={(at) => setUrl({ to: at })} />
      <Group ml="auto">
        <Button
          variant="default"
          leftSection={<Printer size={13} />}
          disabled={!canPrint}
          onClick={() => window.print()}
        >
          Print
        </Button>
      </Group>
    </div>
  );
}

function Lines({
  account,
  stated,
  items,
}: {
  readonly account: Account;
  readonly stated: Stated;
  readonly items: readonly Entry[];
}) {
  const { currency } = account;
  const { opening, closing, debits, credits, entries } = stated;
  return (
    <table className="plain statement-lines">
      <thead>
        <tr>
          <th scope="col">Recorded</th>
          <th scope="col">What</th>
          <th scope="col">Other account</th>
          <th scope="col">Metadata</th>
          {['Debit', 'Credit', 'Balance'].map((words) => (
            <th key={words} scope="col" className="end">
              {words}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        <BalanceRow words="Opening balance" currency={currency} of={opening} />
        {items.map((entry) => (
          <EntryLine key={entry.version} account={account} entry={entry} />
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row" colSpan={4}>
            Posted in the span{' '}
            <span className="statement-when">
              of {entries === 1 ? 'one entry' : `${entries.toLocaleString('en')} entries`}
            </span>
          </th>
          <td className="end">
            <Amount minor={debits} currency={currency} />
          </td>
          <td className="end">
            <Amount minor={credits} currency={currency} />
          </td>
          <td />
        </tr>
        <BalanceRow words="Closing balance" currency={currency} of={closing} />
      </tfoot>
    </table>
  );
}

function BalanceRow({
  words,
  currency,
  of,
}: {
  readonly words: string;
  readonly currency: string;
  readonly of: Stated['opening'];
}) {
  return (
    <tr className="statement-balance">
      <th scope="row" colSpan={6}>
        {words}{' '}
        <span className="statement-when">
          <Time at={of.as_of} whole />
        </span>
        {of.pending !== 0 && (
          <span className="statement-when">
            {' '}
            · held <Amount minor={Math.abs(of.pending)} currency={currency} />
          </span>
        )}
      </th>
      <td className="end">
        <strong>
          <Amount minor={of.booked} currency={currency} />
        </strong>
      </td>
    </tr>
  );
}

function EntryLine({ account, entry }: { readonly account: Account; readonly entry: Entry }) {
  const { currency } = account;
  const { side, kind, amount, recorded_at, counter_account_id, metadata } = entry;
  const booked = isBooked(kind) ? <Amount minor={amount} currency={currency} /> : null;
  return (
    <tr className={booked === null ? 'statement-held' : undefined}>
      <td>
        <Instant at={recorded_at} />
      </td>
      <td>
        <KindState kind={kind} />
        {booked === null && (
          <span className="dimmed">
            {' '}
            <Amount minor={pendingChange(entry)} currency={currency} signed />
          </span>
        )}
      </td>
      <td>
        <Id id={counter_account_id} />
      </td>
      <td className="dimmed statement-about" title={aboutOf(metadata)}>
        {aboutOf(metadata)}
      </td>
      <td className="end">{side === 'debit' && booked}</td>
      <td className="end">{side === 'credit' && booked}</td>
      <td className="end">
        <Amount minor={bookedAfter(entry, account.normal_balance)} currency={currency} />
      </td>
    </tr>
  );
}
