// The judgement that a hit means somebody else: one of the reasons that there are, no free text.
import { Button, Group, Radio, Stack, Text } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useAct } from '../../api/queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { explanationOf, type Hit, keyOf, type Reason, reasons, reasonWords } from './words.ts';

export function ClearDialog({
  hit,
  screeningId,
  close,
}: {
  readonly hit: Hit;
  readonly screeningId: string;
  readonly close: () => void;
}) {
  const [reason, setReason] = useSessionStorage<Reason | ''>({
    key: `clearing of ${screeningId} ${keyOf(hit)}`,
    defaultValue: '',
  });
  const act = useAct('POST /v1/screening-clearances', [
    ...(['GET /v1/screenings', 'GET /v1/screenings/{id}'] as const),
  ]);
  const { list, entry_id } = hit;
  const clear = () => {
    if (reason === '') return;
    const body = { screening_id: screeningId, list, entry_id, reason };
    act.mutate({ body }, { onSuccess: close });
  };
  return (
    <Dialog close={close} title="It is somebody else">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          clear();
        }}
      >
        <Stack gap="md">
          <Text>
            The entry <strong className="text">{explanationOf(hit).name ?? entry_id}</strong> of{' '}
            {list} will not count for this one any more, until the list changes it.
          </Text>
          <Radio.Group
            label="Why"
            value={reason}
            onChange={(value) => setReason(value as Reason)}
            required
          >
            <Stack gap={6} mt={6}>
              {reasons.map((each, at) => (
                <Radio
                  key={each}
                  size="xs"
                  value={each}
                  label={reasonWords[each]}
                  data-autofocus={at === 0 || undefined}
                />
              ))}
            </Stack>
          </Radio.Group>
          {act.error && <Refusal error={act.error} about={`Clear the hit ${list} ${entry_id}`} />}
          <Group>
            <Button type="submit" loading={act.isPending} disabled={reason === ''}>
              Clear the hit
            </Button>
            <Button variant="default" onClick={close}>
              Leave it open
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
