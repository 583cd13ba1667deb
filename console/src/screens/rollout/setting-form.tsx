// One setting: where a use case may go how far. Going further needs another person; going back not.
import { Group, NumberInput, Radio, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { withApproval } from '../../parts/approved.ts';
import { flawOf, FormDialog } from '../../parts/form-dialog.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { everything, type Mode, modes, modeWords, placeText, type Setting } from './modes.ts';

const places = [
  ['channel', 'Channel'],
  ['product', 'Product'],
  ['cohort', 'Cohort'],
] as const;
const fields = ['/use_case', ...places.map(([name]) => `/${name}`)];
const firstPercent = 5;

type Wanted = Pick<Setting, 'use_case' | 'channel' | 'product' | 'cohort' | 'mode'> & {
  readonly percent: number;
};

export function SettingForm({
  setting,
  close,
}: {
  /** The one to change; a new one without. */
  readonly setting: Setting | undefined;
  readonly close: () => void;
}) {
  const [wanted, setWanted] = useState<Wanted>({
    use_case: setting?.use_case ?? '',
    channel: setting?.channel ?? everything,
    product: setting?.product ?? everything,
    cohort: setting?.cohort ?? everything,
    mode: setting?.mode ?? 'shadow',
    percent: setting?.percent ?? firstPercent,
  });
  const [error, setError] = useState<unknown>();
  const may = useMay()('policy:write');
  const set = useAct('POST /v1/rollout', ['GET /v1/rollout']);
  const { use_case, mode } = wanted;
  const save = async () => {
    setError(undefined);
    const { percent, ...rest } = wanted;
    const body = { ...rest, ...(mode === 'canary' ? { percent } : {}) };
    try {
      await withApproval<'POST /v1/rollout'>((approval_id) =>
        set.mutateAsync({ body: { ...body, ...(approval_id && { approval_id }) } }),
      );
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  const unnamed = use_case.trim() === '' ? 'Name the use case' : undefined;
  return (
    <FormDialog
      title={setting ? `${wordsOf(setting.use_case)}, ${placeText(setting)}` : 'New setting'}
      does="Save"
      size={560}
      about={`Let ${use_case} go to ${wordsOf(mode)}`}
      missing={may.allowed ? unnamed : may.why}
      {...{ error, fields, close, isPending: set.isPending, submit: () => void save() }}
    >
      <Fields
        wanted={wanted}
        isNew={setting === undefined}
        error={error}
        change={(part) => {
          setError(undefined);
          setWanted({ ...wanted, ...part });
        }}
      />
    </FormDialog>
  );
}

type FieldsProps = {
  readonly wanted: Wanted;
  readonly isNew: boolean;
  readonly error: unknown;
  readonly change: (part: Partial<Wanted>) => void;
};

function Fields({ wanted, isNew, error, change }: FieldsProps) {
  return (
    <>
      {isNew && (
        <>
          <TextInput
            label="Use case"
            placeholder="offers"
            value={wanted.use_case}
            onChange={(event) => change({ use_case: event.currentTarget.value })}
            error={flawOf(error, '/use_case')}
            data-autofocus
          />
          <Group grow gap="sm" align="start">
            {places.map(([name, label]) => (
              <TextInput
                key={name}
                label={label}
                description={wanted[name] === everything ? 'every one' : 'this one alone'}
                inputWrapperOrder={['label', 'input', 'description', 'error']}
                value={wanted[name]}
                onChange={(event) => change({ [name]: event.currentTarget.value })}
                error={flawOf(error, `/${name}`)}
              />
            ))}
          </Group>
        </>
      )}
      <Radio.Group
        label="How far it may go"
        value={wanted.mode}
        onChange={(value) => change({ mode: value as Mode })}
      >
        <Stack gap={7} mt={6}>
          {modes.map((each) => (
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
      {wanted.mode === 'canary' && (
        <NumberInput
          label="Share of customers, in percent"
          min={1}
          max={99}
          value={wanted.percent}
          onChange={(value) => change({ percent: Number(value) })}
        />
      )}
    </>
  );
}
