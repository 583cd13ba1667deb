// One setting: where a use case may go how far. Going further needs another person; going back not.
import { Button, Group, Modal, NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { everything, type Mode, modeWords, type Setting } from './rollout.tsx';

const places = [
  ['channel', 'Channel'],
  ['product', 'Product'],
  ['cohort', 'Cohort'],
] as const;
const firstPercent = 5;

export function SettingForm({
  setting,
  close,
}: {
  /** The one to change; a new one without. */
  readonly setting: Setting | undefined;
  readonly close: () => void;
}) {
  const [wanted, setWanted] = useState({
    use_case: setting?.use_case ?? '',
    channel: setting?.channel ?? everything,
    product: setting?.product ?? everything,
    cohort: setting?.cohort ?? everything,
    mode: setting?.mode ?? ('shadow' as Mode),
    percent: setting?.percent ?? firstPercent,
  });
  const [error, setError] = useState<unknown>();
  const set = useAct('POST /v1/rollout', ['GET /v1/rollout']);
  const change = (part: Partial<typeof wanted>) => setWanted({ ...wanted, ...part });
  const save = async () => {
    setError(undefined);
    const { percent, ...rest } = wanted;
    const body = { ...rest, ...(rest.mode === 'canary' ? { percent } : {}) };
    try {
      await withApproval<'POST /v1/rollout'>((approval_id) =>
        set.mutateAsync({ body: { ...body, ...(approval_id && { approval_id }) } }),
      );
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  const { use_case, mode, percent } = wanted;
  return (
    <Modal opened onClose={close} title={setting ? 'Change a setting' : 'New setting'} size="lg">
      <Stack gap="sm">
        <TextInput
          label="Use case"
          description="Such as offers"
          value={use_case}
          onChange={(event) => change({ use_case: event.currentTarget.value })}
          disabled={setting !== undefined}
          data-autofocus
        />
        <Group grow gap="sm">
          {places.map(([name, label]) => (
            <TextInput
              key={name}
              label={label}
              description={wanted[name] === everything ? 'every one' : undefined}
              inputWrapperOrder={['label', 'input', 'description']}
              value={wanted[name]}
              onChange={(event) => change({ [name]: event.currentTarget.value })}
              disabled={setting !== undefined}
            />
          ))}
        </Group>
        <Radio.Group
          label="How far it may go"
          value={mode}
          onChange={(value) => change({ mode: value as Mode })}
        >
          <Stack gap={6} mt={6}>
            {(Object.keys(modeWords) as Mode[]).map((each) => (
              <Radio
                key={each}
                size="xs"
                value={each}
                label={wordsOf(each)}
                description={modeWords[each][1]}
              />
            ))}
          </Stack>
        </Radio.Group>
        {mode === 'canary' && (
          <NumberInput
            label="Share of customers, in percent"
            min={1}
            max={99}
            value={percent}
            onChange={(value) => change({ percent: Number(value) })}
          />
        )}
        {error !== undefined && (
          <Refusal error={error} about={`Let ${use_case} go to ${wordsOf(mode)}`} />
        )}
        <Group gap="sm" justify="end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <ActButton
            right="policy:write"
            variant="filled"
            loading={set.isPending}
            unless={use_case.trim() === '' ? 'Name the use case first.' : undefined}
            onClick={() => void save()}
          >
            Save
          </ActButton>
        </Group>
      </Stack>
    </Modal>
  );
}
