// What points can be redeemed for: each reward at this customer's price, why it is there and costs
// what it does; and what the customer does not want to see among the others.
import { Button } from '@mantine/core';
import { useLocalStorage } from '@mantine/hooks';
import { BadgePercent, Banknote, Gift, type LucideIcon, Plane, Ticket } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useApiPages } from '../api/queries.ts';
import { useSession } from '../api/session.ts';
import { useUrl } from '../app/url.ts';
import { countText } from '../parts/figures.ts';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { Page } from './frame.tsx';
import { catalogueOf, type Membership, type Reward } from './grow-reads.ts';
import { PointsText, pointsWords } from './grow-words.tsx';
import { Redeem, Short } from './redeem.tsx';
import { Sheet } from './sheet.tsx';
import { Trouble } from './trouble.tsx';
import { WhyThis } from './why.tsx';

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
  const [unwanted, turn] = useUnwanted(program);
  const [turned, setTurned] = useState<string>();
  // The line from which it was opened is gone: the focus follows to where it stands now.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once it stands there
  useEffect(() => {
    if (turned !== undefined) document.getElementById(lineId(turned))?.focus();
  }, [turned, unwanted]);
  const chosen = rewards.items.find(({ reward }) => reward === url['reward']);
  const isUnwanted = ({ reward }: Reward) => unwanted.includes(reward);
  const isInReach = ({ available, points }: Reward) => available && points <= spendable;
  const wanted = rewards.items.filter((each) => !isUnwanted(each));
  const open = ({ reward }: Reward) => setUrl({ reward });
  const close = () => setUrl({ reward: undefined });
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
      <List title="You can have" of={wanted.filter(isInReach)} {...{ spendable, open }} />
      <List
        title="For later"
        of={wanted.filter((each) => !isInReach(each)).toSorted(nearestFirst)}
        {...{ spendable, open }}
      />
      <List title="Not interested" of={rewards.items.filter(isUnwanted)} {...{ spendable, open }} />
      {rewards.hasMore && (
        <Button variant="default" loading={rewards.isFetchingMore} onClick={rewards.more}>
          Show more
        </Button>
      )}
      <Sheet title={chosen?.title ?? ''} isOpen={chosen !== undefined} close={close}>
        {chosen && (
          <Whole
            key={chosen.reward}
            {...{ of: chosen, member, close }}
            isUnwanted={isUnwanted(chosen)}
            turn={() => {
              turn(chosen.reward);
              setTurned(chosen.reward);
              close();
            }}
          />
        )}
      </Sheet>
    </Page>
  );
}

/** What cannot be had for any points stands last. */
function nearestFirst(one: Reward, other: Reward): number {
  return Number(other.available) - Number(one.available) || one.points - other.points;
}

/** Kept on this device: what somebody does not want to see is for nobody else to read. */
function useUnwanted(program: string) {
  const who = useSession()?.principal ?? '';
  const [unwanted, keep] = useLocalStorage<readonly string[]>({
    ...{ key: `unwanted rewards of ${program} ${who}`, defaultValue: [] },
    getInitialValueInEffect: false,
  });
  const turn = (reward: string) =>
    keep(
      unwanted.includes(reward)
        ? unwanted.filter((each) => each !== reward)
        : [...unwanted, reward],
    );
  return [unwanted, turn] as const;
}

function List({
  title,
  of,
  spendable,
  open,
}: {
  readonly title: string;
  readonly of: readonly Reward[];
  readonly spendable: number;
  readonly open: (reward: Reward) => void;
}) {
  if (of.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="bank-heading">{title}</h2>
      <ul className="bank-lines">
        {of.map((reward) => (
          <li key={reward.reward}>
            <Line of={reward} spendable={spendable} open={() => open(reward)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function lineId(reward: string): string {
  return `reward-${reward}`;
}

type Of = { readonly of: Reward };

function Line({
  of,
  spendable,
  open,
}: Of & { readonly spendable: number; readonly open: () => void }) {
  const { reward, kind, title, worth, currency, points, available } = of;
  const Icon = icons[kind];
  const missing = points - spendable;
  return (
    <button type="button" id={lineId(reward)} className="bank-line bank-pressed" onClick={open}>
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
          missing > 0 && <span className="dimmed">{countText(missing)} to go</span>
        )}
      </span>
    </button>
  );
}

function Whole({
  of,
  member,
  close,
  isUnwanted,
  turn,
}: Of & {
  readonly member: Membership;
  readonly close: () => void;
  readonly isUnwanted: boolean;
  readonly turn: () => void;
}) {
  const { description, why_not, points } = of;
  // Once it is asked for, what the points are afterwards takes nothing off the screen.
  const [isBegun, setBegun] = useState(false);
  const { spendable, standing } = member;
  const redeem = <Redeem {...{ of, member, close }} begun={() => setBegun(true)} />;
  return (
    <>
      <p className="text">{description}</p>
      <Price of={of} member={member} />
      {isBegun ? (
        redeem
      ) : why_not !== null ? (
        <p role="status">{why_not}.</p>
      ) : standing !== 'good' ? (
        <p role="status">Nothing can be redeemed while your membership rests.</p>
      ) : points > spendable ? (
        <Short missing={points - spendable} />
      ) : (
        redeem
      )}
      {!isBegun && (
        <Button variant="default" onClick={turn}>
          {isUnwanted ? 'Show it among the others again' : 'Not interested'}
        </Button>
      )}
    </>
  );
}

/** Each step on the way to the price, where it has moved at all. */
function Price({
  of: { points, price, worth, currency },
  member: { title },
}: Of & { readonly member: Membership }) {
  return (
    <section aria-label="The price">
      <p className="bank-big">
        <PointsText points={points} />
      </p>
      <WhyThis
        beside={
          <>
            Worth <Amount minor={worth} currency={currency} />
          </>
        }
      >
        <p>
          All members of {title} see it: nobody has chosen it for you, and no model was asked. What
          you have the points for stands first, and then what is nearest.
        </p>
        <p>
          {price.length === 0
            ? 'It costs what it usually does: nothing has moved the price today.'
            : 'Why it costs that:'}
        </p>
        {price.length > 0 && (
          <ol className="bank-benefits">
            {price.map((step) => (
              <li key={step.words + step.points}>
                {step.words} <span className="dimmed">Then {pointsWords(step.points)}.</span>
              </li>
            ))}
          </ol>
        )}
      </WhyThis>
    </section>
  );
}
