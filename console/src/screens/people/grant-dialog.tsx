// To give somebody a role: at once, or once another person has approved it.
import { Radio, Stack, TextInput } from '@mantine/core';

import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { tell } from '../../parts/tell.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { nameOf } from '../../parts/who.tsx';
import { kindOf, rightsReads, type Role } from './words.ts';

export function GrantDialog({
  principal,
  close,
}: {
  readonly principal: string | undefined;
  readonly close: () => void;
}) {
  const [url, setUrl] = useUrl();
  const [typed, setTyped] = useState(principal ?? 'user:');
  const [error, setError] = useState<unknown>();
  const may = useMay()('admin');
  const grant = useAct('POST /v1/role-grants', rightsReads);
  const role = url['give'] as Role | undefined;
  const who = typed.trim();
  const submit = async () => {
    if (!role) return;
    setError(undefined);
    try {
      await withApproval<'POST /v1/role-grants'>((approval_id) =>
        grant.mutateAsync({
          body: { principal: who, role, ...(approval_id ? { approval_id } : {}) },
        }),
      );
      tell(`${nameOf(who)} is ${role} from now on.`);
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  const missing = !may.allowed
    ? may.why
    : !/^[a-z]+:./.test(who)
      ? 'Say who'
      : role === undefined
        ? 'Choose a role'
        : undefined;
  return (
    <FormDialog
      title={principal ? `Give ${nameOf(principal)} a role` : 'Give a role'}
      does="Give the role"
      about={`Give ${nameOf(who)} the role ${role ?? ''}`}
      {...{ missing, error, close, isPending: grant.isPending, submit: () => void submit() }}
    >
      {principal === undefined && (
        <TextInput
          label="To whom"
          description="user:, service:, partner: or agent:, and a name in lower case"
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          data-autofocus
        />
      )}
      <RoleChoice
        kind={kindOf(typed)}
        role={role}
        choose={(next) => {
          setError(undefined);
          setUrl({ give: next });
        }}
      />
    </FormDialog>
  );
}

function RoleChoice({
  kind,
  role,
  choose,
}: {
  readonly kind: string;
  readonly role: string | undefined;
  readonly choose: (role: string) => void;
}) {
  const { data } = useApi('GET /v1/roles', {});
  const fitting = data?.items.filter(({ principal_kinds: kinds }) => kinds.includes(kind));
  return (
    <Radio.Group label="Role" value={role ?? ''} onChange={choose}>
      <Stack gap={7} mt={6}>
        {fitting?.map(({ role: name, summary, needs_approval }) => (
          <Radio
            key={name}
            size="xs"
            value={name}
            label={name}
            description={`${summary}.${needs_approval ? ' Another person approves it first.' : ''}`}
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}
