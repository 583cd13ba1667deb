// What is asked before something is done with an agent: which one, and what, is in the address.
import { Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { flawOf, FormDialog } from '../../parts/form-dialog.tsx';
import { tell } from '../../parts/tell.ts';
import { AgentForm } from './agent-form.tsx';
import { type Agent, agentReads } from './words.tsx';

export function AgentDialogs({
  id,
  select,
}: {
  readonly id: string | undefined;
  readonly select: (id: string) => void;
}) {
  const [url, setUrl] = useUrl();
  const what = url['do'];
  const { data } = useApi(
    'GET /v1/agents/{id}',
    { path: { id: id ?? '' } },
    { enabled: what !== undefined && what !== 'new' && id !== undefined },
  );
  const close = () => setUrl({ do: undefined });
  if (what === 'new') return <AgentForm agent={undefined} close={close} select={select} />;
  if (!data) return null;
  switch (what) {
    case 'change':
      return <AgentForm agent={data} close={close} select={select} />;
    case 'suspend':
      return <Suspend agent={data} close={close} />;
    case 'resume':
      return <Resume agent={data} close={close} />;
    case 'revoke':
      return <Revoke agent={data} close={close} />;
    default:
      return null;
  }
}

type Of = { readonly agent: Agent; readonly close: () => void };

function Suspend({ agent: { id, name }, close }: Of) {
  const act = useAct('POST /v1/agents/{id}/suspend', agentReads);
  const onSuccess = () => {
    tell(`${name} is suspended: its next call is refused.`);
    close();
  };
  return (
    <FormDialog
      title={`Suspend ${name}`}
      does="Suspend it now"
      danger
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { id }, body: {} }, { onSuccess })}
    >
      <Text>
        All its tokens are refused from now on, and it has no role any more. What it has done stays
        on record. To resume it takes the approval of another person.
      </Text>
    </FormDialog>
  );
}

function Resume({ agent: { id, name }, close }: Of) {
  const act = useAct('POST /v1/agents/{id}/resume', agentReads);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setError(undefined);
    try {
      await withApproval<'POST /v1/agents/{id}/resume'>((approval_id) =>
        act.mutateAsync({ path: { id }, body: approval_id ? { approval_id } : {} }),
      );
      tell(`${name} may call again, on the terms that it had.`);
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <FormDialog
      title={`Resume ${name}`}
      does="Resume it"
      about={`Resume the agent ${name}`}
      {...{ error, isPending: act.isPending, close, submit: () => void submit() }}
    >
      <Text>
        It gets its role back, on the terms that it has now. Whoever suspended it had a reason:
        another person has to find that settled.
      </Text>
    </FormDialog>
  );
}

function Revoke({ agent: { id, name }, close }: Of) {
  const [jti, setJti] = useState('');
  const act = useAct('POST /v1/agents/{id}/revoke-token', agentReads);
  const onSuccess = () => {
    tell(`The token is refused from now on.`);
    close();
  };
  return (
    <FormDialog
      title={`Revoke a token of ${name}`}
      does="Revoke it"
      danger
      missing={jti.trim() === '' ? 'Say which token' : undefined}
      fields={['/jti']}
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { id }, body: { jti: jti.trim() } }, { onSuccess })}
    >
      <TextInput
        label="Its jti"
        description="The claim by which a token names itself. To end all of its tokens, suspend it."
        value={jti}
        onChange={(event) => setJti(event.currentTarget.value)}
        error={flawOf(act.error, '/jti')}
        classNames={{ input: 'mono' }}
        data-autofocus
      />
    </FormDialog>
  );
}
