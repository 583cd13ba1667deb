// The verdict on a request, with its reason; or its withdrawal.
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useAct } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import type { Operation } from '../../api/client.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Linked } from '../../parts/linked.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import type { ApprovalDetail } from './approval.tsx';
import type { Asking } from './approvals.tsx';

type VoteProps = {
  readonly shown: ApprovalDetail;
  readonly asking: Asking;
  /** Why it cannot be done, in words. */
  readonly why: string | undefined;
  readonly close: () => void;
  readonly onDone: () => void;
};

const names = { approve: 'Approve', reject: 'Reject', withdraw: 'Withdraw' } as const;
const said = { approve: 'Approved', reject: 'Rejected', withdraw: 'Withdrawn' } as const;
const stale: readonly Operation[] = ['GET /v1/approvals', 'GET /v1/approvals/{id}'];

export function VoteDialog({ shown, asking, why, close, onDone }: VoteProps) {
  const { id, summary } = shown;
  const key = `reason to ${asking} ${id}`;
  const [reason, setReason] = useSessionStorage({ key, defaultValue: '' });
  const decide = useAct('POST /v1/approvals/{id}/decide', stale);
  const withdraw = useAct('POST /v1/approvals/{id}/withdraw', stale);
  const may = useMay()(asking === 'withdraw' ? 'approval.withdraw' : 'policy:approve');
  const closed = may.allowed ? why : may.why;
  const { isPending, error } = asking === 'withdraw' ? withdraw : decide;
  const isMissing = asking !== 'withdraw' && reason.trim() === '';
  const onSuccess = () => {
    setReason('');
    tell(`${said[asking]}.`);
    close();
    onDone();
  };
  const send = () => {
    if (isPending || isMissing || closed !== undefined) return;
    if (asking === 'withdraw') return withdraw.mutate({ path: { id }, body: {} }, { onSuccess });
    decide.mutate(
      { path: { id }, body: { verdict: asking, reason: reason.trim() } },
      { onSuccess },
    );
  };
  return (
    <Dialog close={close} title={`${names[asking]} this request`} size={460}>
      <Stack gap="sm">
        <Text>
          <Linked text={summary} />
        </Text>
        {closed !== undefined && <Text role="alert">{closed}</Text>}
        {asking !== 'withdraw' && closed === undefined && (
          <Reason value={reason} set={setReason} send={send} />
        )}
        {error && <ProblemNote error={error} />}
        <Group gap="sm">
          {closed === undefined && (
            <Button
              color={asking === 'reject' ? 'red' : undefined}
              loading={isPending}
              onClick={send}
              {...(isMissing ? { 'data-disabled': true, 'aria-disabled': true } : {})}
            >
              {names[asking]}
            </Button>
          )}
          <Button variant="default" onClick={close}>
            {closed === undefined ? 'Cancel' : 'Close'}
          </Button>
          {closed === undefined && (
            <Text c="dimmed" fz="sm" ml="auto">
              {isMissing ? 'Give a reason' : 'Enter confirms'}
            </Text>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

function Reason({
  value,
  set,
  send,
}: {
  readonly value: string;
  readonly set: (text: string) => void;
  readonly send: () => void;
}) {
  return (
    <Textarea
      label="Reason"
      description="For who asked, and for the evidence. No names."
      value={value}
      onChange={(event) => set(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || event.shiftKey) return;
        event.preventDefault();
        send();
      }}
      data-autofocus
      autosize
      minRows={2}
      maxRows={6}
      maxLength={500}
    />
  );
}
