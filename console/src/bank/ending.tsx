// Points that end before long, told where they can still be used.
import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { useApi } from '../api/queries.ts';
import { lastDayText, useNow, useZone } from '../parts/time.tsx';
import { type Membership, rewardsOf } from './grow-reads.ts';
import { pointsWords } from './grow-words.tsx';
import { Note } from './trouble.tsx';

/** What ends later is read on the page of rewards, month by month. */
const soonMs = 60 * 86_400_000;

export function EndingAnywhere() {
  const { data } = useApi(rewardsOf, {});
  return data?.items.map((member) => <Ending key={member.program} member={member} />);
}

export function Ending({ member }: { readonly member: Membership }) {
  const zone = useZone();
  const now = useNow();
  const [first] = member.expiring;
  if (!first || Date.parse(first.first_expires_at) - now > soonMs) return null;
  const { points, first_expires_at: end } = first;
  return (
    <Note tone="wait" icon={<Hourglass size={20} aria-hidden />} role="note">
      {pointsWords(points)} of {member.title} {points === 1 ? 'is' : 'are'} good until{' '}
      {lastDayText(end, zone)}.{' '}
      <Link to={'/bank/rewards' as never} search={{ view: 'redeem' } as never}>
        See what there is for them
      </Link>
    </Note>
  );
}
