// What was redeemed, newest first, and how each stands: also what was reversed, and why not.
import { Button } from '@mantine/core';
import { useApi, useApiPages } from '../api/queries.ts';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { useWhen } from './facts.tsx';
import { Page } from './frame.tsx';
import { catalogueOf, type Redemption, redemptionsOf } from './grow-reads.ts';
import {
  codeWords,
  failureWords,
  PointsText,
  redemptionStanding,
  redemptionWords,
} from './grow-words.tsx';
import { Trouble } from './trouble.tsx';

const titlesMax = 200;

export function RewardHistory() {
  const list = useApiPages(redemptionsOf, {}, { limit: 50 });
  return (
    <Page title="Redeemed" back>
      {list.isPending && <Loading />}
      {list.error && <Trouble error={list.error} retry={list.refetch} />}
      {!list.isPending && !list.error && list.items.length === 0 && (
        <p>You have not redeemed anything yet. What you redeem stands here, and how it goes.</p>
      )}
      <ul className="bank-lines">
        {list.items.map((each) => (
          <li key={each.redemption_id} className="bank-told">
            <Line of={each} />
          </li>
        ))}
      </ul>
      {list.hasMore && (
        <Button variant="default" loading={list.isFetchingMore} onClick={list.more}>
          Show earlier
        </Button>
      )}
    </Page>
  );
}

function Line({ of }: { readonly of: Redemption }) {
  const { program, reward, points, worth, currency, begun_at, failure, status } = of;
  const titles = useApi(catalogueOf, { query: { program, limit: titlesMax } });
  const known = titles.data?.items.find((each) => each.reward === reward);
  const [tone, words] = redemptionStanding(of);
  const when = useWhen(begun_at);
  return (
    <>
      <p className="bank-told-head">
        <span className="bank-wraps">{known?.title ?? codeWords(reward)}</span>
        <span className="state" data-tone={tone}>
          {words}
        </span>
      </p>
      <p>
        <PointsText points={points} /> for <Amount minor={worth} currency={currency} />.{' '}
        <span className="dimmed">{when}</span>
      </p>
      {status !== 'redeemed' && (
        <p className="dimmed">
          {redemptionWords(of)} {failureWords(of)}
        </p>
      )}
      {status === 'redeemed' && failure !== null && (
        <p className="dimmed">It was to be reversed, and could not be. Please ask us why.</p>
      )}
    </>
  );
}
