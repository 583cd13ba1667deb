// Putting a case elsewhere: to sleep until an instant, or into the queue of people who know more.
import { Autocomplete, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { InstantInput } from '../../parts/instant-input.tsx';
import { instantText, useNow, useZone } from '../../parts/time.tsx';
import { useCaseAct } from './acts.ts';
import { ActDialog } from './dialog.tsx';
import type { DialogOf } from './verdict.tsx';

const hourMs = 3_600_000;
const naps = [
  ['in 1 hour', hourMs],
  ['in 4 hours', 4 * hourMs],
  ['in 1 day', 24 * hourMs],
  ['in 3 days', 72 * hourMs],
] as const;

export function SnoozeDialog({ ids, shown, done, close, leave }: DialogOf) {
  const act = useCaseAct();
  const zone = useZone();
  const now = useNow();
  const [nap, setNap] = useState<string>(naps[0][0]);
  const [own, setOwn] = useState<string>();
  const [reason, setReason] = useReason('snooze', ids);
  const span = naps.find(([name]) => name === nap)?.[1];
  const until = span === undefined ? own : new Date(now + span).toISOString();
  const funds = shown?.expires_at ?? null;
  const isTooLate = until !== undefined && funds !== null && until > funds;
  const missing =
    until === undefined
      ? 'Choose until when'
      : isTooLate
        ? 'Its funds are let go before that'
        : reason.trim() === ''
          ? 'Say what it waits for'
          : undefined;
  const submit = () =>
    act.mutate(
      { ids, act: { act: 'snooze', until: until ?? '', reason: reason.trim() } },
      {
        onSuccess: (refused) => {
          setReason('');
          done(
            refused.map(({ case_id }) => case_id),
            'Sleeps',
          );
        },
      },
    );
  return (
    <ActDialog
      title={ids.length === 1 ? 'Let it sleep' : `Let ${ids.length} cases sleep`}
      {...{ ids, act, submit, close, leave, missing, does: 'Snooze' }}
    >
      <Text c="dimmed">
        It wakes by itself; its promise stays.
        {funds !== null && ` The funds are reserved until ${instantText(funds, zone, false)}.`}
      </Text>
      <Radio.Group label="Until" value={nap} onChange={setNap}>
        <Stack gap={8} mt={4}>
          {naps.map(([name, ms], at) => (
            <Radio
              key={name}
              value={name}
              size="xs"
              data-autofocus={at === 0 ? true : undefined}
              disabled={funds !== null && now + ms > Date.parse(funds)}
              label={`${name}, ${instantText(now + ms, zone, false)}`}
            />
          ))}
          <Radio value="own" size="xs" label="another moment, within 7 days" />
        </Stack>
      </Radio.Group>
      {nap === 'own' && <InstantInput label="Moment" value={own} onChange={setOwn} />}
      <Words label="What it waits for" value={reason} set={setReason} />
    </ActDialog>
  );
}

export function EscalateDialog({ ids, shown, done, close, leave }: DialogOf) {
  const act = useCaseAct();
  const { data: queues } = useApi('GET /v1/case-queues', {}, { keep: true });
  const { data: settings } = useApi('GET /v1/review-settings', {});
  const [queue, setQueue] = useState('');
  const [reason, setReason] = useReason('escalate', ids);
  const known = [
    ...(queues?.items ?? []).map((each) => each.queue),
    ...(settings?.promises ?? []).map((each) => each.queue).filter((name) => name !== '*'),
  ];
  const others = [...new Set(known)].filter((name) => name !== shown?.queue);
  const missing =
    queue.trim() === '' ? 'Name a queue' : reason.trim() === '' ? 'Say why' : undefined;
  const submit = () =>
    act.mutate(
      { ids, act: { act: 'escalate', queue: queue.trim(), reason: reason.trim() } },
      {
        onSuccess: (refused) => {
          setReason('');
          done(
            refused.map(({ case_id }) => case_id),
            `Escalated to ${queue.trim()}`,
          );
        },
      },
    );
  return (
    <ActDialog
      title={ids.length === 1 ? 'Escalate' : `Escalate ${ids.length} cases`}
      {...{ ids, act, submit, close, leave, missing, does: 'Escalate' }}
    >
      <Text c="dimmed">To people who know more. The promise that was made stays as it is.</Text>
      <Autocomplete
        label="Queue"
        data={others}
        value={queue}
        onChange={setQueue}
        maxLength={40}
        data-autofocus
        size="xs"
        selectFirstOptionOnChange
      />
      <Words label="Why" value={reason} set={setReason} />
    </ActDialog>
  );
}

/** Kept until it is sent. */
function useReason(name: string, ids: readonly string[]) {
  return useSessionStorage({ key: `${name} ${ids.join(' ')}`, defaultValue: '' });
}

function Words({
  label,
  value,
  set,
}: {
  readonly label: string;
  readonly value: string;
  readonly set: (text: string) => void;
}) {
  return (
    <Textarea
      label={label}
      description="No names: tokens and ids."
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      autosize
      minRows={1}
      maxRows={5}
      maxLength={2000}
    />
  );
}
