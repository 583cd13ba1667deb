// What is asked before a tool is approved or withdrawn: which of both is in the address.
import { Text } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { Facts } from '../../parts/screen.tsx';
import { tell } from '../../parts/tell.ts';
import { changesIn } from './change.ts';
import { stepsOf } from './tool-steps.tsx';
import { effectText, type Tool, toolReads } from './words.tsx';

export function ToolDialogs({ tool }: { readonly tool: Tool }) {
  const [url, setUrl] = useUrl();
  const close = () => setUrl({ do: undefined });
  if (url['do'] === 'approve') return <Approve tool={tool} close={close} />;
  if (url['do'] === 'withdraw') return <Withdraw tool={tool} close={close} />;
  return null;
}

type Of = { readonly tool: Tool; readonly close: () => void };

function Approve({ tool, close }: Of) {
  const { name, version, digest, effect, change } = tool;
  const steps = stepsOf(tool);
  const count = change?.was ? changesIn(change.was, change.is).length : 0;
  const may = useMay()('policy:write');
  const act = useAct('POST /v1/tool-registry/{name}/approve', toolReads);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setError(undefined);
    try {
      await withApproval<'POST /v1/tool-registry/{name}/approve'>((approval_id) =>
        act.mutateAsync({ path: { name }, body: approval_id ? { approval_id } : {} }),
      );
      tell(`Agents may call ${name} from now on.`);
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <FormDialog
      title={`Approve ${name}`}
      does="Approve it"
      about={`Let agents call ${name}, version ${version}`}
      missing={may.allowed ? undefined : may.why}
      {...{ error, isPending: act.isPending, close, submit: () => void submit() }}
    >
      <Text>
        Agents that have it in their terms may call it in the form that it has now. Another person
        approves exactly this form; should a word of it change, no agent may call it any more.
      </Text>
      {change?.was && (
        <Text>
          Since it was approved{' '}
          {count === 1 ? 'one thing has changed' : `${count} things have changed`}: read below the
          sentence of its state which.
        </Text>
      )}
      <Facts
        of={{
          Effect: effectText(name, effect),
          Calls: steps.length > 0 ? steps.map((step) => step.tool).join(', then ') : undefined,
          Version: version,
          Digest: <Id id={digest} whole link={false} />,
        }}
      />
    </FormDialog>
  );
}

function Withdraw({ tool: { name }, close }: Of) {
  const may = useMay()('policy:write');
  const act = useAct('POST /v1/tool-registry/{name}/withdraw', toolReads);
  const onSuccess = () => {
    tell(`No agent may call ${name} any more.`);
    close();
  };
  return (
    <FormDialog
      title={`Withdraw ${name}`}
      does="Withdraw it now"
      danger
      missing={may.allowed ? undefined : may.why}
      {...{ error: act.error, isPending: act.isPending, close }}
      submit={() => act.mutate({ path: { name } }, { onSuccess })}
    >
      <Text>
        From the next call on no agent may call it, whatever its terms say. To approve it again
        takes another person.
      </Text>
    </FormDialog>
  );
}
