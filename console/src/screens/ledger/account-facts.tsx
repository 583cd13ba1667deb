// Whose an account is, and how far it may go.
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Time } from '../../parts/time.tsx';
import { Holder, Metadata } from './places.tsx';
import { type Account, boundText } from './words.ts';

export function AccountFacts({ account }: { readonly account: Account }) {
  const { holder_id, bound, credit_limit, currency, opened_at, metadata } = account;
  return (
    <Facts
      of={{
        Holder: <Holder id={holder_id} />,
        Bound: boundText(account),
        'Credit limit':
          bound === 'credit_limit' ? (
            <Amount minor={credit_limit} currency={currency} />
          ) : undefined,
        Opened: <Time at={opened_at} whole />,
        Metadata: <Metadata of={metadata} />,
      }}
    />
  );
}
