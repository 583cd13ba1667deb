// The kill switch: stopping takes one click and one word of certainty; starting again takes another
// person.
import { Group, Text } from '@mantine/core';
import { OctagonX, Play } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { ActButton } from '../../parts/may.tsx';
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
  // What was pressed is what is asked, whoever else may press it meanwhile.
  const [asked, ask] = useState<{ readonly isKilled: boolean }>();
  const name = useCase === '*' ? 'everything' : wordsOf(useCase);
  const button = (
    <ActButton
      right="policy:write"
      onClick={() => ask({ isKilled })}
      color="red"
      variant={isKilled ? 'default' : compact ? 'light' : 'filled'}
      size={compact ? 'compact-xs' : 'xs'}
      leftSection={isKilled ? <Play size={13} /> : <OctagonX size={13} />}
    >
      {isKilled ? `Start ${name} again` : `Stop ${name}`}
    </ActButton>
  );
  const dialog = asked && (
    <SwitchDialog {...{ useCase, name, ...asked }} close={() => ask(undefined)} />
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
    <FormDialog
      title={isKilled ? `Start ${name} again` : `Stop ${name}`}
      does={isKilled ? 'Start' : 'Stop now'}
      danger={!isKilled}
      about={`Start ${name} again`}
      {...{ error, isPending, close, submit: () => void act() }}
    >
      <Text>
        {isKilled
          ? 'Another person has to approve this. The settings count again as they are.'
          : 'It stops for all customers within a second, and takes another person to start again.'}
      </Text>
    </FormDialog>
  );
}
