// The kill switch: stopping takes one click and one word of certainty; starting again takes another
// person.
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { OctagonX, Play } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Card } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';

type SwitchProps = {
  /** Or `*`. */
  readonly useCase: string;
  readonly isKilled: boolean;
  /** As a button alone, in the head of a card. */
  readonly compact?: boolean;
};

export function KillSwitch({ useCase, isKilled, compact = false }: SwitchProps) {
  const [isAsking, setAsking] = useState(false);
  const name = useCase === '*' ? 'everything' : wordsOf(useCase);
  const button = (
    <ActButton
      right="policy:write"
      onClick={() => setAsking(true)}
      color="red"
      variant={isKilled ? 'default' : compact ? 'light' : 'filled'}
      size={compact ? 'compact-xs' : 'xs'}
      leftSection={isKilled ? <Play size={13} /> : <OctagonX size={13} />}
    >
      {isKilled ? `Start ${name} again` : `Stop ${name}`}
    </ActButton>
  );
  const dialog = isAsking && (
    <SwitchDialog {...{ useCase, isKilled, name }} close={() => setAsking(false)} />
  );
  if (compact) {
    return (
      <>
        {button}
        {dialog}
      </>
    );
  }
  return (
    <Card>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text fw={600} component="h2" fz="md">
            {isKilled ? 'All AI is stopped' : 'Kill switch'}
          </Text>
          <Text c="dimmed">
            {isKilled
              ? 'No use case acts or proposes. Payments are decided by rules alone and go on.'
              : 'Stops every use case at once, whatever is set. Payments go on, decided by rules alone.'}
          </Text>
        </div>
        {button}
      </Group>
      {dialog}
    </Card>
  );
}

function SwitchDialog({
  useCase,
  isKilled,
  name,
  close,
}: SwitchProps & { readonly name: string; readonly close: () => void }) {
  const kill = useAct('POST /v1/rollout/kill', ['GET /v1/rollout']);
  const revive = useAct('POST /v1/rollout/revive', ['GET /v1/rollout']);
  const [error, setError] = useState<unknown>();
  const isPending = kill.isPending || revive.isPending;
  const act = async () => {
    setError(undefined);
    try {
      if (!isKilled) await kill.mutateAsync({ body: { use_case: useCase } });
      else {
        await withApproval<'POST /v1/rollout/revive'>((approval_id) =>
          revive.mutateAsync({ body: { use_case: useCase, ...(approval_id && { approval_id }) } }),
        );
      }
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <Modal opened onClose={close} title={isKilled ? `Start ${name} again` : `Stop ${name}`}>
      <Stack gap="sm">
        <Text>
          {isKilled
            ? 'Another person has to approve this. The settings count again as they are.'
            : 'It stops for all customers within a second, and takes another person to start again.'}
        </Text>
        {error !== undefined && <Refusal error={error} about={`Start ${name} again`} />}
        <Group gap="sm" justify="end">
          <Button variant="default" onClick={close}>
            Leave it
          </Button>
          <Button
            color={isKilled ? 'ink' : 'red'}
            loading={isPending}
            onClick={() => void act()}
            data-autofocus
          >
            {isKilled ? 'Start' : 'Stop now'}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
