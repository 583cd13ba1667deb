// An agent as it is registered or changed: who answers for it, what it may call, how often, what
// for, and by which keys it proves who it is.
import { Button, Checkbox, NumberInput, Text, TextInput } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { withApproval } from '../../parts/approved.ts';
import { flawOf, FormDialog } from '../../parts/form-dialog.tsx';
import { tell } from '../../parts/tell.ts';
import { ClientFields } from './agent-clients.tsx';
import {
  type AgentDraft,
  draftOf,
  missingOf,
  noClient,
  termsOf,
  usualRate,
} from './agent-draft.ts';
import { type Agent, agentReads, EffectWord, purposes, purposeWords } from './words.tsx';

type FormProps = {
  /** The one to change; a new one without. */
  readonly agent: Agent | undefined;
  readonly close: () => void;
  readonly select: (id: string) => void;
};
type FieldsProps = {
  readonly draft: AgentDraft;
  readonly change: (part: Partial<AgentDraft>) => void;
  readonly error: unknown;
};

export function AgentForm({ agent, close, select }: FormProps) {
  const me = useSession()?.principal ?? 'user:';
  const may = useMay()('admin');
  const [kept, setDraft, forget] = useSessionStorage<AgentDraft | null>({
    ...{ key: `agent ${agent?.id ?? 'new'}`, defaultValue: null, getInitialValueInEffect: false },
  });
  const draft = kept ?? draftOf(agent, me);
  const [error, setError] = useState<unknown>();
  const write = useWrite(agent, draft);
  const submit = async () => {
    setError(undefined);
    try {
      const { id } = await write.send();
      tell(agent ? `${draft.name} is on its new terms.` : `${draft.name} is registered.`);
      forget();
      if (agent) close();
      else select(id);
    } catch (problem) {
      setError(problem);
    }
  };
  const change = (part: Partial<AgentDraft>) => {
    setError(undefined);
    setDraft({ ...draft, ...part });
  };
  return (
    <FormDialog
      title={agent ? `Change the terms of ${agent.name}` : 'Register an agent'}
      does={agent ? 'Change them' : 'Register it'}
      size={620}
      about={agent ? `Change the terms of the agent ${agent.id}` : `Register ${draft.name}`}
      fields={fields}
      missing={may.allowed ? missingOf(draft) : may.why}
      {...{ error, isPending: write.isPending, close, submit: () => void submit() }}
    >
      <Text c="dimmed">
        {agent
          ? 'To let it do more, or to give it other keys, takes the approval of another person; to take something from it does not.'
          : 'Another person approves exactly these terms before it may do anything.'}
      </Text>
      <Names {...{ draft, change, error }} isNew={agent === undefined} />
      <PurposeChoice {...{ draft, change, error }} />
      <ToolChoice {...{ draft, change, error }} />
      <Clients {...{ draft, change, error }} isNew={agent === undefined} />
    </FormDialog>
  );
}

/** Whose flaws stand beside them. */
const fields = ['/id', '/name', '/owner'];

function useWrite(agent: Agent | undefined, draft: AgentDraft) {
  const register = useAct('POST /v1/agents', agentReads);
  const change = useAct('PATCH /v1/agents/{id}', agentReads);
  return {
    isPending: register.isPending || change.isPending,
    send: () => {
      const { id, clients, ...terms } = termsOf(draft);
      return withApproval<'POST /v1/agents'>((approval_id) => {
        const approved = approval_id ? { approval_id } : {};
        if (agent === undefined) {
          return register.mutateAsync({ body: { id, ...terms, clients, ...approved } });
        }
        const body = { ...terms, ...(clients.length > 0 ? { clients } : {}), ...approved };
        return change.mutateAsync({ path: { id }, body });
      });
    },
  };
}

function Names({ draft, change, error, isNew }: FieldsProps & { readonly isNew: boolean }) {
  return (
    <div className="name-fields">
      {isNew && (
        <TextInput
          label="Id"
          description="For good, in lower case"
          placeholder="spending-coach"
          value={draft.id}
          onChange={(event) => change({ id: event.currentTarget.value })}
          error={flawOf(error, '/id')}
          classNames={{ input: 'mono' }}
          data-autofocus
        />
      )}
      <TextInput
        label="Name"
        description="As people read it"
        placeholder="Spending coach"
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
        maxLength={80}
        error={flawOf(error, '/name')}
      />
      <TextInput
        label="Owner"
        description="Who answers for it"
        value={draft.owner}
        onChange={(event) => change({ owner: event.currentTarget.value })}
        error={flawOf(error, '/owner')}
      />
    </div>
  );
}

function PurposeChoice({ draft, change }: FieldsProps) {
  return (
    <Checkbox.Group
      label="Purposes"
      description="For nothing else may it call"
      value={[...draft.purposes]}
      onChange={(chosen) => change({ purposes: chosen as AgentDraft['purposes'] })}
    >
      <div className="purpose-choice">
        {purposes.map((purpose) => (
          <Checkbox
            key={purpose}
            size="xs"
            value={purpose}
            label={purpose}
            description={purposeWords[purpose]}
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}

/** Each tool of the registry, and what the agent has that is there no more. */
function ToolChoice({ draft, change }: FieldsProps) {
  const { data } = useApi('GET /v1/tool-registry', {});
  const names = [
    ...new Set([...(data?.items ?? []).map(({ name }) => name), ...Object.keys(draft.tools)]),
  ].toSorted();
  const effects = new Map(data?.items.map(({ name, effect }) => [name, effect]));
  const set = (name: string, rate: number | undefined) => {
    const { [name]: _before, ...others } = draft.tools;
    change({ tools: rate === undefined ? others : { ...others, [name]: rate } });
  };
  return (
    <div role="group" aria-label="Tools">
      <Text fw={600} fz="sm">
        Tools
      </Text>
      <Text c="dimmed" fz="sm" mb={4}>
        No other may it call; how much a minute at most. A call takes the cost of its tool times a
        weight: a read 1 or 2, a transfer 10 or more.
      </Text>
      <table className="tool-choice">
        <tbody>
          {names.map((name) => {
            const rate = draft.tools[name];
            return (
              <tr key={name}>
                <td>
                  <Checkbox
                    size="xs"
                    label={<span className="mono">{name}</span>}
                    checked={rate !== undefined}
                    onChange={({ currentTarget: { checked } }) =>
                      set(name, checked ? usualRate : undefined)
                    }
                  />
                </td>
                <td>
                  <EffectWord effect={effects.get(name) ?? ''} tool={name} />
                </td>
                <td>
                  {rate !== undefined && (
                    <NumberInput
                      size="xs"
                      aria-label={`Calls of ${name} a minute`}
                      min={1}
                      value={rate}
                      onChange={(value) => set(name, Math.max(1, Math.trunc(Number(value)) || 1))}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Clients({ draft, change, error, isNew }: FieldsProps & { readonly isNew: boolean }) {
  const { clients } = draft;
  return (
    <div role="group" aria-label="Clients">
      <Text fw={600} fz="sm">
        Clients
      </Text>
      <Text c="dimmed" fz="sm" mb={6}>
        {isNew
          ? 'How it proves who it is'
          : clients.length === 0
            ? 'Those that it has stay as they are'
            : 'These take the place of those that it has'}
      </Text>
      {clients.map((client, at) => (
        <ClientFields
          // biome-ignore lint/suspicious/noArrayIndexKey: what is typed keeps its place
          key={at}
          client={client}
          flaw={flawOf(error, `/clients/${at}`)}
          change={(next) => change({ clients: clients.with(at, next) })}
          {...(isNew && clients.length === 1
            ? {}
            : { remove: () => change({ clients: clients.toSpliced(at, 1) }) })}
        />
      ))}
      <Button
        mt={6}
        variant="default"
        size="compact-sm"
        onClick={() => change({ clients: [...clients, noClient] })}
      >
        {clients.length === 0 ? 'Give it other clients' : 'One more client'}
      </Button>
    </div>
  );
}
