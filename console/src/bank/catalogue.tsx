// What points can be redeemed for: each reward at this customer's price, and why it costs what it
// does.
import { Button } from '@mantine/core';
import { BadgePercent, Banknote, Gift, type LucideIcon, Plane, Ticket } from 'lucide-react';
import { useState } from 'react';
import { useApiPages } from '../api/queries.ts';
import { useUrl } from '../app/url.ts';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { Page } from './frame.tsx';
import { catalogueOf, type Membership, type Reward } from './grow-reads.ts';
import { PointsText, pointsWords } from './grow-words.tsx';
import { Redeem } from './redeem.tsx';
import { Sheet } from './sheet.tsx';
import { Trouble } from './trouble.tsx';

const icons: Readonly<Record<Reward['kind'], LucideIcon>> = {
  cashback: Banknote,
  statement_credit: BadgePercent,
  merchandise: Gift,
  travel: Plane,
  voucher: Ticket,
};

export function Catalogue({ member }: { readonly member: Membership }) {
  const { program, spendable } = member;
  const rewards = useApiPages(catalogueOf, { query: { program } });
  const [url, setUrl] = useUrl();
  const chosen = rewards.items.find(({ reward }) => reward === url['reward']);
  return (
    <Page title="Redeem" back>
      <p className="dimmed">
        You have <PointsText points={spendable} /> to spend.
      </p>
      {rewards.isPending && <Loading />}
      {rewards.error && <Trouble error={rewards.error} retry={rewards.refetch} />}
      {!rewards.isPending && !rewards.error && rewards.items.length === 0 && (
        <p>There is nothing to redeem points for yet. Yours stay where they are.</p>
      )}
      <ul className="bank-lines">
        {rewards.items.map((reward) => (
          <li key={reward.reward}>
            <Line
              of={reward}
              spendable={spendable}
              open={() => setUrl({ reward: reward.reward })}
            />
          </li>
        ))}
      </ul>
      {rewards.hasMore && (
        <Button variant="default" loading={rewards.isFetchingMore} onClick={rewards.more}>
          Show more
        </Button>
      )}
      <Sheet
        title={chosen?.title ?? ''}
        isOpen={chosen !== undefined}
        close={() => setUrl({ reward: undefined })}
      >
        {chosen && (
          <Whole
            key={chosen.reward}
            of={chosen}
            member={member}
            close={() => setUrl({ reward: undefined })}
          />
        )}
      </Sheet>
    </Page>
  );
}

type Of = { readonly of: Reward };

function Line({
  of,
  spendable,
  open,
}: Of & { readonly spendable: number; readonly open: () => void }) {
  const { kind, title, worth, currency, points, available } = of;
  const Icon = icons[kind];
  const missing = points - spendable;
  return (
    <button type="button" className="bank-line bank-pressed" onClick={open}>
      <span className="bank-icon">
        <Icon size={19} aria-hidden />
      </span>
      <span className="bank-line-who">
        <span className="bank-wraps">{title}</span>
        <span className="clip dimmed">
          worth <Amount minor={worth} currency={currency} />
        </span>
      </span>
      <span className="bank-line-sum">
        <PointsText points={points} />
        {!available ? (
          <span className="state" data-tone="still">
            not now
          </span>
        ) : (
          missing > 0 && <span className="dimmed">{pointsWords(missing)} to go</span>
        )}
      </span>
    </button>
  );
}

function Whole({
  of,
  member,
  close,
}: Of & { readonly member: Membership; readonly close: () => void }) {
  const { description, why_not, points } = of;
  // Once it is asked for, what the points are afterwards takes nothing off the screen.
  const [isBegun, setBegun] = useState(false);
  const { spendable, standing } = member;
  const redeem = <Redeem {...{ of, member, close }} begun={() => setBegun(true)} />;
  return (
    <>
      <p className="text">{description}</p>
      <Price of={of} />
      {isBegun ? (
        redeem
      ) : why_not !== null ? (
        <p role="status">{why_not}.</p>
      ) : standing !== 'good' ? (
        <p role="status">Nothing can be redeemed while your membership rests.</p>
      ) : points > spendable ? (
        <p role="status">
          You need <PointsText points={points - spendable} /> more for it.
        </p>
      ) : (
        redeem
      )}
    </>
  );
}

/** Each step on the way to the price, where it has moved at all. */
function Price({ of: { points, price, worth, currency } }: Of) {
  return (
    <section aria-label="The price">
      <p className="bank-big">
        <PointsText points={points} />
      </p>
      <p className="dimmed">
        Worth <Amount minor={worth} currency={currency} />.{' '}
        {price.length === 0
          ? 'It is the usual price: nothing has moved it today.'
          : 'Why it costs that:'}
      </p>
      <ol className="bank-benefits">
        {price.map((step) => (
          <li key={step.words + step.points}>
            {step.words} <span className="dimmed">Then {pointsWords(step.points)}.</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
