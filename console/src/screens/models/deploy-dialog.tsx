// Lets a version be watched, tried on a share, or decide; and ends a shadow or a canary.
import { Button, Group, Modal, NumberInput, Radio, Select, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { SubmitButton } from './submit-button.tsx';
import { useApprovedAct } from './approved-act.ts';
import { figureText, intervalText } from './figures.ts';
import { promisedOf } from './performance.tsx';
import { cardOf, type Model, rolesOf, validationOf } from './shapes.ts';

export type DialogProps = {
  readonly model: Model;
  readonly opened: boolean;
  readonly close: () => void;
};

type Stage = 'shadow' | 'canary' | 'production';
const stages: readonly { readonly stage: Stage; readonly name: string; readonly what: string }[] = [
  {
    ...{ stage: 'shadow', name: 'Shadow' },
    what: 'It is asked for every case and heard by nobody. Needs no approval.',
  },
  {
    ...{ stage: 'canary', name: 'Canary' },
    what: 'It decides for a share of the keys, the same ones each time. Another person approves.',
  },
  {
    ...{ stage: 'production', name: 'Production' },
    what: 'It decides, in place of what does now. Another person approves.',
  },
];

const shareStart = 10;

export function DeployDialog({ model, opened, close }: DialogProps) {
  return (
    <Modal opened={opened} onClose={close} title={`Deploy a version of ${model.name}`} size="lg">
      <DeployForm model={model} close={close} />
    </Modal>
  );
}

function DeployForm({ model, close }: Omit<DialogProps, 'opened'>) {
  const { name, production, versions } = model;
  const [stage, setStage] = useState<Stage>(production ? 'shadow' : 'production');
  const [version, setVersion] = useState(versions);
  const [share, setShare] = useState<number | string>(shareStart);
  const deploy = useApprovedAct('POST /v1/models/{name}/deployments');
  const words = { shadow: 'is watched', canary: `is tried on ${share} %`, production: 'decides' };
  const done = () => {
    notifications.show({ message: `Version ${version} of ${name} ${words[stage]} now.` });
    close();
  };
  const send = () =>
    deploy.mutate(
      {
        path: { name },
        body: {
          ...{ stage, version },
          ...(stage === 'canary' ? { share_bps: Math.round(Number(share) * 100) } : {}),
          ...(stage === 'production' ? { supersedes: production?.version ?? null } : {}),
        },
      },
      { onSuccess: done },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Stack gap="md">
        <VersionSelect {...{ model, version, setVersion }} />
        <StageFields
          {...{ stage, share, setShare }}
          canTry={production !== null}
          setStage={(next) => {
            setStage(next);
            deploy.reset();
          }}
        />
        <Text>{consequence({ stage, version, model, share })}</Text>
        {deploy.error && (
          <Refusal
            error={deploy.error}
            about={`Let version ${version} of ${name} ${stage === 'canary' ? `decide for ${share} % of the keys` : 'decide'}`}
          />
        )}
        <Group justify="space-between">
          <EndTrials model={model} close={close} />
          <Group gap="sm">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <SubmitButton error={deploy.error} isPending={deploy.isPending} name="Deploy" />
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

type StageProps = {
  readonly stage: Stage;
  readonly setStage: (stage: Stage) => void;
  readonly share: number | string;
  readonly setShare: (share: number | string) => void;
  /** A share is one of what something else decides. */
  readonly canTry: boolean;
};

function StageFields({ stage, setStage, share, setShare, canTry }: StageProps) {
  return (
    <>
      <Radio.Group label="As" value={stage} onChange={(value) => setStage(value as Stage)}>
        <Stack gap={8} mt={6}>
          {stages.map((each) => (
            <Radio
              key={each.stage}
              value={each.stage}
              label={each.name}
              description={each.what}
              disabled={each.stage === 'canary' && !canTry}
            />
          ))}
        </Stack>
      </Radio.Group>
      {stage === 'canary' && (
        <NumberInput
          label="Share of the keys, in percent"
          {...{ value: share, onChange: setShare, min: 0.01, max: 99.99, decimalScale: 2 }}
          w={220}
        />
      )}
    </>
  );
}

function consequence({
  stage,
  version,
  model,
  share,
}: {
  readonly stage: Stage;
  readonly version: number;
  readonly model: Model;
  readonly share: number | string;
}): string {
  const { point, production } = model;
  const now = production ? `version ${production.version}` : 'nothing';
  switch (stage) {
    case 'shadow':
      return `Version ${version} is scored beside ${now} at ${point}. No decision changes.`;
    case 'canary':
      return `At ${point}, ${share} % of the keys are decided with version ${version}, the others with ${now}.`;
    case 'production':
      return `Every decision at ${point} hears version ${version}, where it heard ${now}. Shadow and canary end. Going back takes one click.`;
  }
}

function VersionSelect({
  model,
  version,
  setVersion,
}: {
  readonly model: Model;
  readonly version: number;
  readonly setVersion: (version: number) => void;
}) {
  const { name } = model;
  const listed = useApi('GET /v1/models/{name}/versions', {
    path: { name },
    query: { limit: 200 },
  });
  const { data } = useApi('GET /v1/models/{name}/versions/{version}', { path: { name, version } });
  const auc = data && promisedOf(cardOf(data), 'auc');
  const failed = data && validationOf(data).checks.filter(({ passed }) => !passed);
  const facts = [
    data?.suspension && 'it is suspended: resume it first',
    auc && `AUC ${figureText(auc.value)} (${intervalText(auc)}) in ${auc.split}`,
    failed && (failed.length === 0 ? 'all checks passed' : `${failed.length} checks not passed`),
  ];
  return (
    <Select
      label="Version"
      data={(listed.data?.items ?? [{ version }]).map((each) => ({
        value: String(each.version),
        label: [`Version ${each.version}`, ...rolesOf(model, each.version)].join(', '),
      }))}
      value={String(version)}
      allowDeselect={false}
      onChange={(value) => value !== null && setVersion(Number(value))}
      description={facts.filter(Boolean).join('; ') || '…'}
      data-autofocus
      inputWrapperOrder={['label', 'input', 'description']}
    />
  );
}

/** A null version ends a trial: nobody has to approve that. */
function EndTrials({ model, close }: Omit<DialogProps, 'opened'>) {
  const { name, shadow, canary } = model;
  const end = useApprovedAct('POST /v1/models/{name}/deployments');
  const trials = [
    { stage: 'shadow' as const, of: shadow },
    { stage: 'canary' as const, of: canary },
  ].flatMap(({ stage, of }) => (of ? [{ stage, version: of.version }] : []));
  return (
    <Group gap="sm">
      {trials.map(({ stage, version }) => (
        <Button
          key={stage}
          variant="default"
          loading={end.isPending}
          onClick={() =>
            end.mutate(
              { path: { name }, body: { stage, version: null } },
              {
                onSuccess: () => {
                  notifications.show({ message: `The ${stage} of version ${version} has ended.` });
                  close();
                },
              },
            )
          }
        >
          End the {stage} of v{version}
        </Button>
      ))}
      {end.error && <Refusal error={end.error} />}
    </Group>
  );
}
