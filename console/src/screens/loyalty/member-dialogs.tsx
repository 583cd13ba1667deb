// Acts on a member by hand: points given or taken, a membership suspended, restored or closed.
import { Checkbox, NumberInput, SegmentedControl, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { countText } from '../../parts/figures.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { tell } from '../../parts/tell.ts';
import { memberReads } from './member-reads.ts';
import type { Member, ProgramSeen } from './shapes.ts';

const adjustOp = 'POST /v1/loyalty/members/{customer}/adjustments';
const standingOp = 'POST /v1/loyalty/members/{customer}/standing';
const [reviewAbove, managerAbove] = [10_000, 50_000];

type Of = { readonly member: Member; readonly program: ProgramSeen };

export function MemberDialogs(props: Of) {
  const [url, setUrl] = useUrl();
  const close = () => setUrl({ do: undefined });
  switch (url['do']) {
    case 'adjust':
      return <AdjustDialog {...props} close={close} />;
    case 'standing':
      return (
        <StandingDialog
          {...props}
          next={props.member.standing === 'suspended' ? 'good' : 'suspended'}
          close={close}
        />
      );
    case 'close':
      return <StandingDialog {...props} next="closed" close={close} />;
    default:
      return null;
  }
}

type Typed = {
  readonly way: 'give' | 'take';
  readonly count: number | string;
  readonly reason: string;
};

function AdjustDialog({ member, program, close }: Of & { readonly close: () => void }) {
  const [typed, setTyped] = useState<Typed>({ way: 'give', count: '', reason: 'goodwill' });
  const act = useAct(adjustOp, memberReads);
  const { way, count, reason } = typed;
  const whole = typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : 0;
  const adjust = async () => {
    const points = way === 'give' ? whole : -whole;
    try {
      await withApproval<typeof adjustOp>((approval) =>
        act.mutateAsync({
          path: { customer: member.customer },
          body: { program: program.name, points, reason },
          ...(approval ? { key: approval } : {}),
        }),
      );
      tell(`${countText(whole)} points ${way === 'give' ? 'given' : 'taken'}.`);
      close();
    } catch {
      // It stands below, in `act.error`.
    }
  };
  const [verb, whose] = way === 'give' ? ['Give', 'to'] : ['Take', 'from'];
  return (
    <FormDialog
      title="Points by hand"
      does={`${verb} them`}
      danger={way === 'take'}
      about={`${verb} ${countText(whole)} ${program.unit} ${whose} ${member.customer}: ${reason}`}
      missing={missingOf(whole, reason)}
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => void adjust()}
    >
      <AdjustFields
        typed={typed}
        unit={program.unit}
        whole={whole}
        change={(part) => {
          act.reset();
          setTyped({ ...typed, ...part });
        }}
      />
    </FormDialog>
  );
}

function missingOf(whole: number, reason: string): string | undefined {
  if (whole === 0) return 'Say how many points';
  return /^[a-z][a-z0-9_]*$/.test(reason) ? undefined : 'Say why, in a word';
}

function AdjustFields({
  typed: { way, count, reason },
  unit,
  whole,
  change,
}: {
  readonly typed: Typed;
  readonly unit: string;
  readonly whole: number;
  readonly change: (part: Partial<Typed>) => void;
}) {
  return (
    <>
      <SegmentedControl
        fullWidth
        aria-label="Which way"
        value={way}
        onChange={(next) => change({ way: next as Typed['way'] })}
        data={[
          { value: 'give', label: 'Give' },
          { value: 'take', label: 'Take' },
        ]}
      />
      <NumberInput
        label={`Points, in ${unit}`}
        description={whoAgrees(way === 'give' ? whole : 0)}
        value={count}
        onChange={(next) => change({ count: next })}
        min={1}
        allowDecimal={false}
        thousandSeparator=","
        data-autofocus
      />
      <TextInput
        label="Why"
        description="A word that stays the same: goodwill, correction, missing_points"
        value={reason}
        onChange={({ currentTarget }) => change({ reason: currentTarget.value })}
        maxLength={60}
      />
    </>
  );
}

function whoAgrees(points: number): string {
  if (points > managerAbove) return 'A marketing manager approves it first.';
  if (points > reviewAbove) return 'Another person approves it first.';
  return `Above ${countText(reviewAbove)} another person approves it, above ${countText(managerAbove)} a manager.`;
}

const titles = {
  good: ['Restore this membership', 'Restore it'],
  suspended: ['Suspend this membership', 'Suspend it'],
  closed: ['End this membership for good', 'End it for good'],
} as const;

const means = {
  good: 'Points are earned and redeemed again.',
  suspended: 'Nothing is earned or redeemed until it is restored. Points go on to expire.',
  closed:
    'Nothing is earned or redeemed any more, and nobody can restore it. The customer, the ' +
    'accounts and the payments stay as they are.',
} as const;

function StandingDialog({
  member,
  program,
  next,
  close,
}: Of & { readonly next: keyof typeof titles; readonly close: () => void }) {
  const [reason, setReason] = useState('');
  const [isSure, setSure] = useState(false);
  const act = useAct(standingOp, memberReads);
  const isEnd = next === 'closed';
  const change = async () => {
    try {
      await withApproval<typeof standingOp>((approval) =>
        act.mutateAsync({
          path: { customer: member.customer },
          body: { program: program.name, standing: next, reason: reason.trim() },
          ...(approval ? { key: approval } : {}),
        }),
      );
      tell('Done.');
      close();
    } catch {
      // It stands below, in `act.error`.
    }
  };
  const [title, does] = titles[next];
  return (
    <FormDialog
      {...{ title, does, close }}
      danger={next !== 'good'}
      about={`${title}: ${member.customer} in ${program.name}`}
      missing={
        reason.trim() === '' ? 'Say why' : isEnd && !isSure ? 'Say that you mean it' : undefined
      }
      {...{ error: act.error, isPending: act.isPending, submit: () => void change() }}
    >
      <Text>{means[next]}</Text>
      <Textarea
        label="Why"
        value={reason}
        onChange={({ currentTarget }) => setReason(currentTarget.value)}
        maxLength={200}
        data-autofocus
      />
      {isEnd && (
        <Checkbox
          label={
            member.balance > 0
              ? `Yes: end it, and forfeit the ${countText(member.balance)} points that are left`
              : 'Yes: end it. No points are left'
          }
          checked={isSure}
          onChange={({ currentTarget }) => setSure(currentTarget.checked)}
        />
      )}
    </FormDialog>
  );
}
