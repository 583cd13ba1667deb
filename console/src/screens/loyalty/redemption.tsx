// How a redemption stands, and sending it back: its points return with the expiry that they had.
import { Text, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { countText } from '../../parts/figures.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { ActButton } from '../../parts/may.tsx';
import { State, type Tone, wordsOf } from '../../parts/state.tsx';
import { tell } from '../../parts/tell.ts';
import { memberReads } from './member-reads.ts';
import type { Redemption } from './shapes.ts';

const looks: Readonly<Record<Redemption['status'], readonly [string, Tone, string]>> = {
  begun: ['running', 'wait', 'is being carried out'],
  redeemed: ['ok', 'good', 'redeemed'],
  refused: ['denied', 'bad', 'refused'],
  reversing: ['running', 'wait', 'is being reversed'],
  reversed: ['reversed', 'still', 'reversed'],
};

export function RedemptionState({ of: { status, failure } }: { readonly of: Redemption }) {
  const [word, tone, text] = looks[status];
  return (
    <>
      <State word={word} tone={tone}>
        {text}
      </State>
      {failure !== null && <div className="dimmed">{wordsOf(failure)}</div>}
    </>
  );
}

export function ReverseButton({ of }: { readonly of: Redemption }) {
  const [isAsked, setAsked] = useState(false);
  const [reason, setReason] = useState('');
  const act = useAct('POST /v1/loyalty/redemptions/{id}/reverse', memberReads);
  const reverse = () =>
    act.mutate(
      { path: { id: of.redemption_id }, body: { reason: reason.trim() } },
      {
        onSuccess: () => {
          tell('It is being reversed: the points come back with the expiry that they had.');
          setAsked(false);
        },
      },
    );
  return (
    <>
      <ActButton
        right="loyalty:write"
        size="compact-xs"
        unless={of.status === 'redeemed' ? undefined : 'Only what is redeemed can be reversed'}
        onClick={() => setAsked(true)}
      >
        Reverse
      </ActButton>
      {isAsked && (
        <FormDialog
          title="Reverse this redemption"
          does="Reverse it"
          missing={reason.trim() === '' ? 'Say why' : undefined}
          {...{ error: act.error, isPending: act.isPending, submit: reverse }}
          close={() => setAsked(false)}
        >
          <Text>
            {countText(of.points)} points go back, each with the expiry that it had; what was paid
            in money is taken back.
          </Text>
          <Textarea
            label="Why"
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
            maxLength={200}
            data-autofocus
          />
        </FormDialog>
      )}
    </>
  );
}
