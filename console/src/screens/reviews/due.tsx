// How a case stands against its promise: in words and a color, as time goes by.
import { Tooltip } from '@mantine/core';
import { State } from '../../parts/state.tsx';
import { instantText, useNow, useZone } from '../../parts/time.tsx';
import { type Case, hasEnded, leftText } from './words.ts';

/** Of the time promised: with less than this left somebody should hurry. */
const shortShare = 0.25;

type DueOf = Pick<Case, 'opened_at' | 'due_at' | 'ended_at' | 'status' | 'snoozed_until'>;

export function Due({ of }: { readonly of: DueOf }) {
  const zone = useZone();
  const [word, text] = standing(of, useNow());
  const promised = `Promised by ${instantText(of.due_at, zone, false)} ${zone}`;
  const sleeps =
    of.status === 'snoozed' && of.snoozed_until !== null
      ? `, sleeps until ${instantText(of.snoozed_until, zone, false)}`
      : '';
  return (
    <Tooltip label={promised + sleeps}>
      <span className="due">
        <State word={word}>{text}</State>
      </span>
    </Tooltip>
  );
}

function standing(of: DueOf, now: number): readonly [string, string] {
  const due = Date.parse(of.due_at);
  if (hasEnded(of)) {
    const isLate = due <= Date.parse(of.ended_at ?? of.due_at);
    if (of.status !== 'decided') return ['none', 'ended'];
    return isLate ? ['missed', 'was late'] : ['met', 'in time'];
  }
  const left = due - now;
  if (left <= 0) return ['missed', `${leftText(-left)} late`];
  const promised = due - Date.parse(of.opened_at);
  return [left < promised * shortShare ? 'pending' : 'snoozed', `${leftText(left)} left`];
}
