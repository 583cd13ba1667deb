// The columns of a list of payments. Plain words and no links: a row is drawn in a fraction of a
// millisecond, and what it names is linked in the panel.
import type { Column } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Instant } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { kindText, type Listed } from './words.ts';

export const paymentColumns: readonly Column<Listed>[] = [
  { id: 'time', header: 'Time', width: 140, cell: ({ created_at }) => <Instant at={created_at} /> },
  { id: 'status', header: 'State', width: 134, cell: ({ status }) => <Usual word={status} /> },
  {
    ...{ id: 'amount', header: 'Amount', width: 112, align: 'end' },
    cell: ({ amount, currency }) => <Amount minor={amount} currency={currency} />,
  },
  {
    ...{ id: 'debtor', header: 'From', width: 118 },
    cell: ({ debtor, debtor_account_id }) => <Party name={debtor} account={debtor_account_id} />,
  },
  {
    ...{ id: 'creditor', header: 'To', width: 118 },
    cell: ({ creditor, creditor_account_id }) => (
      <Party name={creditor} account={creditor_account_id} />
    ),
  },
  {
    ...{ id: 'kind', header: 'Kind', width: 140 },
    cell: (payment) => <span>{kindText(payment)}</span>,
  },
  {
    ...{ id: 'outcome', header: 'Told at once', width: 134 },
    cell: ({ outcome }) => <Usual word={outcome} />,
  },
  {
    ...{ id: 'by', header: 'Ordered by', width: 96, grow: true },
    cell: ({ requested_by }) => <span className="clip dimmed">{nameOf(requested_by)}</span>,
  },
];

const usual = new Set(['allowed', 'authorized', 'captured', 'posted']);

/** In a list what is as ever stays quiet, so that the rest is seen. */
function Usual({ word }: { readonly word: string }) {
  if (!usual.has(word)) return <State word={word} />;
  return <span className="usual">{wordsOf(word)}</span>;
}

function Party({ name, account }: { readonly name: string | null; readonly account: string }) {
  return (
    <span className="mono" title={name === null ? account : `${name}, ${account}`}>
      {shortId(name ?? account)}
    </span>
  );
}
