// What is asked before something is done with a webhook: which one is in the address.
import { NumberInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { SecretOnce } from '../../parts/secret.tsx';
import { tell } from '../../parts/tell.ts';
import { HookForm } from './hook-form.tsx';
import { type Hook, hookReads, sentReads } from './words.ts';
import { nameOf } from './list.tsx';

export function HookDialogs({
  id,
  select,
}: {
  readonly id: string | undefined;
  readonly select: (id: string | undefined) => void;
}) {
  const [url, setUrl] = useUrl();
  const what = url['do'];
  const { data } = useApi(
    'GET /v1/webhooks/{id}',
    { path: { id: id ?? '' } },
    { enabled: what !== undefined && id !== undefined },
  );
  const close = () => setUrl({ do: undefined });
  if (what === 'new') return <HookForm hook={undefined} close={close} select={select} />;
  if (!data) return null;
  switch (what) {
    case 'edit':
      return <HookForm hook={data} close={close} select={select} />;
    case 'ping':
      return <Ping hook={data} close={close} />;
    case 'rotate':
      return <Rotate hook={data} close={close} />;
    case 'replay':
      return <ReplayFrom hook={data} close={close} />;
    case 'delete':
      return <Delete hook={data} close={close} select={select} />;
    default:
      return null;
  }
}

type Of = { readonly hook: Hook; readonly close: () => void };

function Ping({ hook, close }: Of) {
  const act = useAct('POST /v1/webhooks/{id}/ping', sentReads);
  return (
    <FormDialog
      title={`Ping ${nameOf(hook)}`}
      does="Send it"
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() =>
        act.mutate(
          { path: { id: hook.id }, body: {} },
          {
            onSuccess: () => {
              tell('Sent: it stands first among the deliveries.');
              close();
            },
          },
        )
      }
    >
      <Text>
        Sends the event <span className="mono">webhook.pinged</span> to this webhook alone, whatever
        it hears otherwise.
      </Text>
    </FormDialog>
  );
}

function Rotate({ hook, close }: Of) {
  const act = useAct('POST /v1/webhooks/{id}/rotate', hookReads);
  return (
    <FormDialog
      title={`A new secret for ${nameOf(hook)}`}
      does="Make it"
      isDone={act.data !== undefined}
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { id: hook.id }, body: {} })}
    >
      {act.data ? (
        <SecretOnce secret={act.data.secret}>
          The receiver verifies with it from now on, and with the one before for another day.
        </SecretOnce>
      ) : (
        <Text>
          For 24 hours each delivery is signed twice, with the secret of now and with the new one.
          Give the receiver the new one within that time.
        </Text>
      )}
    </FormDialog>
  );
}

function ReplayFrom({ hook, close }: Of) {
  const [, setUrl] = useUrl();
  const [after, setAfter] = useState(0);
  const act = useAct('POST /v1/webhooks/{id}/replay', sentReads);
  return (
    <FormDialog
      title={`Send again to ${nameOf(hook)}`}
      does="Send again"
      {...{ error: act.error, isPending: act.isPending }}
      close={close}
      missing={after > hook.position ? 'The log is not that long' : undefined}
      submit={() =>
        act.mutate(
          { path: { id: hook.id }, body: { after } },
          { onSuccess: () => setUrl({ do: undefined, tab: 'replays' }) },
        )
      }
    >
      <NumberInput
        label="Everything behind the position"
        description={`0 begins with the first event of all; the webhook is at ${countText(hook.position)}. The receiver knows what it has seen by the webhook-id.`}
        min={0}
        max={hook.position}
        value={after}
        onChange={(value) => setAfter(Number(value) || 0)}
        thousandSeparator=","
        data-autofocus
      />
    </FormDialog>
  );
}

function Delete({
  hook,
  close,
  select,
}: Of & { readonly select: (id: string | undefined) => void }) {
  const act = useAct('DELETE /v1/webhooks/{id}', ['GET /v1/webhooks']);
  return (
    <FormDialog
      title={`Delete ${nameOf(hook)}`}
      does="Delete it"
      danger
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { id: hook.id } }, { onSuccess: () => select(undefined) })}
    >
      <Text>
        Nothing more is sent to <span className="mono text">{hook.url}</span>. Switched off it would
        keep its place in the log; deleted it is gone.
      </Text>
    </FormDialog>
  );
}
