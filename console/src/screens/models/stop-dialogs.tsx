// Going back, stopping, and letting go on: the first two at once, the last by approval of others.
import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { Refusal } from '../../parts/refusal.tsx';
import { Time } from '../../parts/time.tsx';
import { useApprovedAct } from './approved-act.ts';
import type { DialogProps } from './deploy-dialog.tsx';
import { SubmitButton } from './submit-button.tsx';
import { type Model, modelReads, roles, rolesOf } from './shapes.ts';

type FormProps = {
  readonly submit: () => void;
  readonly button: string;
  readonly isPending: boolean;
  readonly unless?: boolean;
  readonly close: () => void;
  readonly danger?: boolean;
  /** Of an act that other people may have to approve first. */
  readonly error?: unknown;
  readonly children: ReactNode;
};

function ActForm(props: FormProps) {
  const {
    submit,
    button,
    isPending,
    unless = false,
    close,
    danger = false,
    error,
    children,
  } = props;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Stack gap="md">
        {children}
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          {error === undefined ? (
            <Button
              {...{ type: 'submit', loading: isPending, disabled: unless }}
              {...(danger ? { color: 'red' } : {})}
            >
              {button}
            </Button>
          ) : (
            <SubmitButton {...{ name: button, error, isPending }} />
          )}
        </Group>
      </Stack>
    </form>
  );
}

export function RollbackDialog({ model, opened, close }: DialogProps) {
  const { name, point, production, previous } = model;
  const back = useAct('POST /v1/models/{name}/rollback', modelReads);
  const submit = () =>
    back.mutate(
      // Whoever goes back has seen what is in production.
      { path: { name }, body: production ? { supersedes: production.version } : {} },
      {
        onSuccess: ({ version }) => {
          notifications.show({ message: `Version ${version} of ${name} decides again.` });
          close();
        },
      },
    );
  return (
    <Modal opened={opened} onClose={close} title={`Go back to version ${previous?.version}`}>
      <ActForm button="Go back now" isPending={back.isPending} {...{ submit, close }}>
        <Text>
          Every decision at {point} hears version {previous?.version} again, at once, where it hears
          version {production?.version} now. It was approved when it was deployed
          {previous && (
            <>
              , <Time at={previous.since} />
            </>
          )}
          : nobody has to approve this.
        </Text>
        {back.error && <Refusal error={back.error} />}
      </ActForm>
    </Modal>
  );
}

export function SuspendDialog(props: DialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.close} title={`Suspend ${props.model.name}`}>
      <SuspendForm {...props} />
    </Modal>
  );
}

const reasonMax = 500;

function SuspendForm({ model, close }: DialogProps) {
  const inUse = [...new Set(roles.flatMap((role) => model[role]?.version ?? []))];
  const [version, setVersion] = useState(String(inUse[0] ?? ''));
  const [reason, setReason] = useState('');
  const { name } = model;
  const suspend = useAct('POST /v1/models/{name}/suspend', modelReads);
  const submit = () =>
    suspend.mutate(
      { path: { name }, body: { version: Number(version), reason: reason.trim() } },
      {
        onSuccess: () => {
          notifications.show({
            color: 'red',
            message: `Version ${version} of ${name} is stopped.`,
          });
          close();
        },
      },
    );
  return (
    <ActForm
      {...{ submit, close, danger: true, isPending: suspend.isPending }}
      button="Stop it now"
      unless={reason.trim() === ''}
    >
      <Text>
        It is heard no more, at once, in whatever role it stands: its stand-in is. It stays stopped
        until other people approve that it resumes.
      </Text>
      {inUse.length > 1 && (
        <Select
          label="Version"
          data={inUse.map((each) => ({
            value: String(each),
            label: [`Version ${each}`, ...rolesOf(model, each)].join(', '),
          }))}
          value={version}
          allowDeselect={false}
          onChange={(value) => setVersion(value ?? '')}
        />
      )}
      <Textarea
        label="Reason"
        description="It goes on record. No personal data."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={reasonMax}
        autosize
        minRows={2}
        required
        data-autofocus
      />
      {suspend.error && <Refusal error={suspend.error} />}
    </ActForm>
  );
}

type ResumeProps = Omit<DialogProps, 'model'> & {
  readonly name: string;
  readonly version: number;
  readonly suspension: NonNullable<Model['suspension']>;
};

export function ResumeDialog({ name, version, suspension, opened, close }: ResumeProps) {
  const resume = useApprovedAct('POST /v1/models/{name}/resume');
  const submit = () =>
    resume.mutate(
      { path: { name }, body: { version } },
      {
        onSuccess: () => {
          notifications.show({ message: `Version ${version} of ${name} is stopped no more.` });
          close();
        },
      },
    );
  return (
    <Modal opened={opened} onClose={close} title={`Let version ${version} go on`}>
      <ActForm
        {...{ submit, close, isPending: resume.isPending, error: resume.error ?? undefined }}
        button="Resume"
      >
        <Text>
          It was stopped by {suspension.by}: <span className="text">“{suspension.reason}”</span>{' '}
          Another person has to approve that it is heard again; the approval is for this stop and no
          later one.
        </Text>
        {resume.error && (
          <Refusal
            error={resume.error}
            about={`Let version ${version} of ${name} be heard again`}
          />
        )}
      </ActForm>
    </Modal>
  );
}
