// Rewards: how many points there are and what they are worth, the tier, what runs out when, what has
// moved; and from here to all that they can be redeemed for.
import { Progress } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import {
  ChevronRight,
  Clock,
  Gift,
  Hourglass,
  type LucideIcon,
  SearchX,
  Undo2,
} from 'lucide-react';
import { useUrl } from '../app/url.ts';
import { Amount } from '../parts/money.tsx';
import { Loading } from '../parts/states.tsx';
import { dayText, lastDayText, useNow, useZone } from '../parts/time.tsx';
import { Catalogue } from './catalogue.tsx';
import { Missing } from './claims.tsx';
import { Ending } from './ending.tsx';
import { useWhen } from './facts.tsx';
import { Page } from './frame.tsx';
import { type Membership, useRewards } from './grow-reads.ts';
import { entryWords, PointsText } from './grow-words.tsx';
import { RewardHistory } from './redemptions.tsx';
import { Sheet } from './sheet.tsx';
import { Note, Trouble } from './trouble.tsx';

const entriesShown = 8;

export function Rewards() {
  const { data, error, refetch } = useRewards();
  const [url] = useUrl();
  if (!data) {
    return (
      <Page title="Rewards">{error ? <Trouble error={error} retry={refetch} /> : <Loading />}</Page>
    );
  }
  const [member] = data.items;
  if (!member) {
    return (
      <Page title="Rewards">
        <p>
          You have no points yet. They come by themselves with the first thing that earns some: pay
          by card, and look here again.
        </p>
      </Page>
    );
  }
  const { view } = url;
  if (view === 'redeem') return <Catalogue member={member} />;
  if (view === 'redeemed') return <RewardHistory />;
  if (view === 'missing') return <Missing member={member} />;
  return (
    <Page title="Rewards">
      {data.items.map((each) => (
        <Own key={each.program} member={each} />
      ))}
    </Page>
  );
}

type Of = { readonly member: Membership };

function Own({ member }: Of) {
  const { standing } = member;
  return (
    <>
      <Balance member={member} />
      <Ending member={member} />
      {standing !== 'good' && (
        <Note tone="wait" icon={<Clock size={20} aria-hidden />} role="note">
          {standing === 'closed'
            ? 'This membership has ended: nothing is earned or redeemed any more.'
            : 'This membership rests: nothing can be redeemed at the moment. Please ask us why.'}
        </Note>
      )}
      <ul className="bank-lines">
        <Way to="redeem" icon={Gift} title="Redeem" about="What there is for your points" />
        <Way to="redeemed" icon={Undo2} title="Redeemed" about="What you had, and how it stands" />
        <Way to="missing" icon={SearchX} title="Points missing?" about="We look at it at once" />
      </ul>
      <Tier member={member} />
      <Expiring member={member} />
      <Entries member={member} />
    </>
  );
}

function Balance({ member }: Of) {
  const { title, balance, spendable, pending, owed, worth, currency } = member;
  return (
    <section aria-label={`${title}: your points`} className="bank-points">
      <p className="dimmed">{title}</p>
      <p className="bank-big">
        <PointsText points={balance} />
      </p>
      <p>
        Worth <Amount minor={worth} currency={currency} />
        {spendable !== balance && (
          <>
            {' '}
            · <PointsText points={spendable} /> to spend
          </>
        )}
      </p>
      {pending > 0 && (
        <p className="dimmed">
          <PointsText points={pending} /> more are on their way.
        </p>
      )}
      {owed > 0 && (
        <p className="dimmed">
          <PointsText points={owed} /> were sent back after you had spent them: what you earn next
          makes up for them.
        </p>
      )}
    </section>
  );
}

function Way({
  to,
  icon: Icon,
  title,
  about,
}: {
  readonly to: string;
  readonly icon: LucideIcon;
  readonly title: string;
  readonly about: string;
}) {
  return (
    <li>
      <Link className="bank-line" to={'/bank/rewards' as never} search={{ view: to } as never}>
        <span className="bank-icon">
          <Icon size={19} aria-hidden />
        </span>
        <span className="bank-line-who">
          <span>{title}</span>
          <span className="dimmed">{about}</span>
        </span>
        <ChevronRight size={20} aria-hidden className="dimmed" />
      </Link>
    </li>
  );
}

function Tier({ member: { tier, currency } }: Of) {
  const zone = useZone();
  if (!tier) return null;
  const { title, until, basis, counted, next, benefits } = tier;
  const amount = (of: number) =>
    basis === 'spend' ? <Amount minor={of} currency={currency} /> : <PointsText points={of} />;
  const part = next === null ? 100 : Math.min(100, (100 * counted) / next.threshold);
  return (
    <section>
      <h2 className="bank-heading">Your tier: {title}</h2>
      <Progress value={part} size="lg" radius="xl" aria-label="On the way to the next tier" />
      {next === null ? (
        <p>There is no higher one.</p>
      ) : (
        <p>
          {amount(next.missing)} {basis === 'spend' ? 'to spend' : 'to earn'} until{' '}
          {next.tier.charAt(0).toUpperCase() + next.tier.slice(1)}.
        </p>
      )}
      {until !== null && (
        <p className="dimmed">
          {title} is yours until {lastDayText(until, zone)}.
        </p>
      )}
      {benefits.length > 0 && (
        <ul className="bank-benefits">
          {benefits.map(({ id, title: what }) => (
            <li key={id}>{what}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Expiring({ member: { expiring, unit } }: Of) {
  const zone = useZone();
  return (
    <section>
      <h2 className="bank-heading">What runs out</h2>
      {expiring.length === 0 ? (
        <p className="dimmed">Nothing in the next twelve months.</p>
      ) : (
        <ul className="bank-lines" aria-label={`${unit} that run out`}>
          {expiring.map(({ month, points, first_expires_at }) => (
            <li key={month} className="bank-runs-out">
              <Hourglass size={16} aria-hidden />
              <span>until {lastDayText(first_expires_at, zone)}</span>
              <PointsText points={points} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Entries({ member }: Of) {
  const [url, setUrl] = useUrl();
  const { entries, currency } = member;
  const shown = url['all'] === 'yes' ? entries : entries.slice(0, entriesShown);
  const looked = entries.find(({ transfer_id }) => transfer_id === url['entry']);
  return (
    <section>
      <div className="bank-heading-row">
        <h2 className="bank-heading">Latest</h2>
        {shown.length < entries.length && (
          <Link
            to={'/bank/rewards' as never}
            search={{ all: 'yes' } as never}
            aria-label="More of the latest points"
          >
            More
          </Link>
        )}
      </div>
      {entries.length === 0 && <p className="dimmed">Nothing has moved yet.</p>}
      <ul className="bank-lines">
        {shown.map((entry) => (
          <li key={entry.transfer_id}>
            <EntryLine
              entry={entry}
              currency={currency}
              open={() => setUrl({ entry: entry.transfer_id })}
            />
          </li>
        ))}
      </ul>
      <Sheet
        title="Where these points come from"
        isOpen={looked !== undefined}
        close={() => setUrl({ entry: undefined })}
      >
        {looked && <EntryWhole entry={looked} currency={currency} />}
      </Sheet>
    </section>
  );
}

type Entry = Membership['entries'][number];
type Line = { readonly entry: Entry; readonly currency: string };

function EntryLine({ entry, currency, open }: Line & { readonly open: () => void }) {
  const zone = useZone();
  const now = useNow();
  const { points, at, spend } = entry;
  return (
    <button type="button" className="bank-line bank-pressed" onClick={open}>
      <span className="bank-line-who">
        <span className="bank-wraps">{entryWords(entry)}</span>
        <span className="clip dimmed">
          {spend !== null && (
            <>
              for <Amount minor={spend} currency={currency} /> ·{' '}
            </>
          )}
          {dayText(at, zone, now)}
        </span>
      </span>
      <span className="bank-line-sum" data-in={points > 0 || undefined}>
        <PointsText points={points} signed />
      </span>
    </button>
  );
}

function EntryWhole({ entry, currency }: Line) {
  const zone = useZone();
  const { points, words, rules, spend, at, expires_at } = entry;
  const when = useWhen(at);
  return (
    <>
      <p className="bank-big">
        <PointsText points={points} signed />
      </p>
      <p>
        {words}
        {spend !== null && (
          <>
            {' '}
            You paid <Amount minor={spend} currency={currency} />.
          </>
        )}
      </p>
      {rules.length > 0 && (
        <ul className="bank-benefits">
          {rules.map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      )}
      <p className="dimmed">
        {when}
        {expires_at !== null && `. They are good until ${lastDayText(expires_at, zone)}.`}
      </p>
    </>
  );
}
