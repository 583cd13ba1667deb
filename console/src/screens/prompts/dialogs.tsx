// What is asked before a prompt is approved or withdrawn: which of both is in the address.
import { Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { Facts } from '../../parts/screen.tsx';
import { tell } from '../../parts/tell.ts';
import { promptReads, type Version, type Whole } from './words.ts';

type Of = { readonly prompt: Whole; readonly version: Version };
type Asked = Of & { readonly close: () => void };

export function PromptDialogs(of: Of) {
  const [url, setUrl] = useUrl();
  const close = () => setUrl({ do: undefined });
  if (url['do'] === 'approve') return <Approve {...of} close={close} />;
  if (url['do'] === 'withdraw') return <Withdraw {...of} close={close} />;
  return null;
}

function Approve({ prompt: { name, model, used }, version: { version, digest }, close }: Asked) {
  const may = useMay()('model:write');
  const act = useAct('POST /v1/prompts/{name}/approve', promptReads);
  const [error, setError] = useState<unknown>();
  const missing = !may.allowed
    ? may.why
    : model === null
      ? 'No language model is configured'
      : used === version
        ? 'It is approved as it is'
        : undefined;
  const submit = async () => {
    setError(undefined);
    try {
      await withApproval<'POST /v1/prompts/{name}/approve'>((approval_id) => {
        const body = {
          version,
          digest,
          model: model ?? '',
          ...(approval_id ? { approval_id } : {}),
        };
        return act.mutateAsync({ path: { name }, body });
      });
      tell(`Version ${version} of ${name} is answered by ${model} from now on.`);
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <FormDialog
      title={`Approve version ${version} of ${name}`}
      does="Approve it"
      about={`Let ${model} answer version ${version} of ${name}`}
      missing={missing}
      {...{ error, isPending: act.isPending, close, submit: () => void submit() }}
    >
      <Text>
        The language model is asked with exactly this text. Another person approves it, for this
        model alone; should a word change, or the model, the built-in one answers again.
      </Text>
      <Facts
        of={{
          Model: model === null ? null : <span className="mono text">{model}</span>,
          Digest: <Id id={digest} whole link={false} />,
        }}
      />
    </FormDialog>
  );
}

function Withdraw({ prompt: { name, last_act }, close }: Asked) {
  const may = useMay()('model:write');
  const act = useAct('POST /v1/prompts/{name}/withdraw', promptReads);
  const key = `reason to withdraw ${name}`;
  const [reason, setReason] = useSessionStorage({ key, defaultValue: '' });
  const missing = !may.allowed
    ? may.why
    : last_act?.act !== 'approved'
      ? 'It is not approved'
      : reason.trim() === ''
        ? 'Give a reason'
        : undefined;
  const onSuccess = () => {
    setReason('');
    tell(`The built-in model answers ${name} from now on.`);
    close();
  };
  return (
    <FormDialog
      title={`Withdraw ${name}`}
      does="Withdraw it now"
      danger
      missing={missing}
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { name }, body: { reason: reason.trim() } }, { onSuccess })}
    >
      <Text>
        From the next question on the built-in model answers. To approve it again takes another
        person.
      </Text>
      <Textarea
        label="Reason"
        description="For the evidence. No names."
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        data-autofocus
        autosize
        minRows={2}
        maxLength={500}
      />
    </FormDialog>
  );
}
