// One member: what the points are, where they come from and when they end; beside it all that the
// bank knows of the customer.
import { Link, useParams } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { FigureStrip } from '../../parts/figure-strip.tsx';
import { countText } from '../../parts/figures.ts';
import { Id, shortId } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card, Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import '../../parts/split.css';
import '../customers/customers.css';
import { Engagement } from './engagement.tsx';
import { Expiring } from './expiring.tsx';
import './loyalty.css';
import { MemberDialogs } from './member-dialogs.tsx';
import { memberReads } from './member-reads.ts';
import { Movements } from './movements.tsx';
import { Points } from './points.tsx';
import { useProgram } from './program-choice.tsx';
import type { Member, ProgramSeen } from './shapes.ts';
import { Standing } from './members.tsx';
import { TierProgress } from './tier-progress.tsx';

export function MemberPage() {
  const { customer = '' } = useParams({ strict: false }) as { readonly customer?: string };
  const { program, choice, rest } = useProgram();
  const [url, setUrl] = useUrl();
  const member = useApi(
    memberReads[0],
    { path: { customer }, query: { program: program?.name ?? '' } },
    { enabled: program !== undefined },
  );
  useRefresh(['loyalty.', 'transaction.', 'offer.'], [...memberReads, 'GET /v1/offers']);
  const ask = (what: string) => () => member.data && setUrl({ do: what });
  const keys: readonly Key[] = [
    { key: 'a', words: 'Give or take points by hand', act: ask('adjust') },
    { key: 's', words: 'Suspend, or restore', act: ask('standing') },
    { key: '1', words: 'Entries', act: () => setUrl({ show: undefined }) },
    { key: '2', words: 'Lots', act: () => setUrl({ show: 'lots' }) },
    { key: '3', words: 'Redemptions', act: () => setUrl({ show: 'redemptions' }) },
  ];
  useKeys(keys, url['do'] === undefined);
  const isNone = member.error?.problem.status === 404;
  return (
    <Screen
      title={shortId(customer)}
      about={
        <>
          {member.data && (
            <>
              <Standing word={member.data.standing} /> ·{' '}
            </>
          )}
          <Link to={`/customers/${encodeURIComponent(customer)}` as never}>the customer</Link>
        </>
      }
      actions={
        <>
          {choice}
          <KeysButton keys={keys} />
          {member.data && <Acts of={member.data} ask={ask} />}
        </>
      }
    >
      <Scroll>
        <div className="customer">
          <div className="customer-main">
            {program === undefined && rest}
            {member.error && !isNone && <ProblemNote error={member.error} retry={member.refetch} />}
            {isNone && (
              <Card title="Points">
                <Empty title={`No member of ${program?.title ?? 'the programme'} has this id`}>
                  Customers join with the first points that they earn. What the bank knows of a
                  customer of this id stands beside this.
                </Empty>
              </Card>
            )}
            {program && member.isPending && <Loading />}
            {program && member.data && <Held of={member.data} program={program} />}
          </div>
          <div className="customer-side">
            <Engagement customer={customer} />
          </div>
        </div>
      </Scroll>
      {program && member.data && <MemberDialogs member={member.data} program={program} />}
    </Screen>
  );
}

function Acts({ of, ask }: { readonly of: Member; readonly ask: (what: string) => () => void }) {
  const isClosed = of.standing === 'closed' ? 'The membership has ended for good' : undefined;
  return (
    <>
      <ActButton right="loyalty:write" unless={isClosed} onClick={ask('adjust')}>
        Give or take points
      </ActButton>
      <ActButton right="loyalty:write" unless={isClosed} onClick={ask('standing')}>
        {of.standing === 'suspended' ? 'Restore' : 'Suspend'}
      </ActButton>
      <ActButton
        right="loyalty:write"
        unless={isClosed}
        {...(isClosed ? {} : { c: 'var(--bad)' })}
        onClick={ask('close')}
      >
        End membership …
      </ActButton>
    </>
  );
}

function Held({ of, program }: { readonly of: Member; readonly program: ProgramSeen }) {
  const { unit } = program;
  return (
    <>
      <FigureStrip
        of={[
          {
            name: 'Balance',
            value: <Points points={of.balance} unit={unit} />,
            about: `${countText(of.spendable)} can be spent now`,
            tone: of.balance < 0 ? 'bad' : undefined,
          },
          { name: 'Active', value: <Points points={of.active} /> },
          { name: 'Pending', value: <Points points={of.pending} />, about: 'not active yet' },
          {
            name: 'Owed',
            value: <Points points={of.owed} />,
            about: 'paid by what is earned next',
            tone: of.owed > 0 ? 'bad' : undefined,
          },
          {
            name: 'Earned in all',
            value: <Points points={of.lifetime_earned} />,
            about: `${countText(of.lifetime_redeemed)} redeemed, ${countText(of.lifetime_expired)} expired`,
          },
        ]}
      />
      <div className="member-pair">
        <Expiring of={of} unit={unit} />
        <Card title="Tier and accounts">
          <TierProgress member={of} program={program} />
          <Facts
            of={{
              'Member since': <Time at={of.enrolled_at} />,
              'Earned last': of.last_earned_at === null ? null : <Time at={of.last_earned_at} />,
              'Redeemed last':
                of.last_redeemed_at === null ? null : <Time at={of.last_redeemed_at} />,
              'Active points': <Id id={of.accounts.active} />,
              'Pending points': <Id id={of.accounts.pending} />,
              'Owed points': of.accounts.owed === null ? undefined : <Id id={of.accounts.owed} />,
            }}
          />
        </Card>
      </div>
      <Movements customer={of.customer} program={program} />
    </>
  );
}
