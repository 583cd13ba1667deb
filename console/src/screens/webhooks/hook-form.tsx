// A webhook as it is set up or edited: where it leads, and which events it hears.
import { Textarea, TextInput } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useMemo } from 'react';
import { ApiProblem } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { flawOf, FormDialog } from '../../parts/form-dialog.tsx';
import { SecretOnce } from '../../parts/secret.tsx';
import { type Hook, hookReads, typesOf } from './words.ts';

const fields = ['/url', '/types', '/description'];

type Draft = { readonly url: string; readonly types: string; readonly description: string };

export function HookForm({
  hook,
  close,
  select,
}: {
  /** The one to change; a new one without. */
  readonly hook: Hook | undefined;
  readonly close: () => void;
  readonly select: (id: string) => void;
}) {
  const [kept, setDraft, forget] = useSessionStorage<Draft | null>({
    key: `webhook ${hook?.id ?? 'new'}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const begun = {
    ...{ url: hook?.url ?? '', types: hook?.types.join(' ') ?? '' },
    description: hook?.description ?? '',
  };
  const draft = kept ?? begun;
  const create = useAct('POST /v1/webhooks', hookReads);
  const change = useAct('PATCH /v1/webhooks/{id}', hookReads);
  const act = hook === undefined ? create : change;
  const types = typesOf(draft.types);
  const submit = () => {
    const body = { url: draft.url.trim(), types, description: draft.description.trim() };
    if (hook === undefined) create.mutate({ body }, { onSuccess: forget });
    else {
      const done = () => {
        forget();
        close();
      };
      change.mutate({ path: { id: hook.id }, body }, { onSuccess: done });
    }
  };
  const made = create.data;
  return (
    <FormDialog
      title={hook === undefined ? 'Set up a webhook' : 'Edit the webhook'}
      does={hook === undefined ? 'Set it up' : 'Save'}
      size={560}
      isDone={made !== undefined}
      missing={missingOf(draft, types)}
      fields={fields}
      {...{ error: act.error, isPending: act.isPending, submit }}
      close={() => (made === undefined ? close() : select(made.id))}
    >
      {made ? (
        <SecretOnce secret={made.secret}>
          The receiver verifies with it that a delivery comes from this bank (Standard Webhooks,
          version 1).
        </SecretOnce>
      ) : (
        <Fields
          draft={draft}
          change={(part) => {
            act.reset();
            setDraft({ ...draft, ...part });
          }}
          error={act.error}
        />
      )}
    </FormDialog>
  );
}

function missingOf({ url }: Draft, types: readonly string[]): string | undefined {
  if (url.trim() === '') return 'Say where to';
  return types.length === 0 ? 'Say which events' : undefined;
}

function Fields({
  draft,
  change,
  error,
}: {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly error: unknown;
}) {
  const types = typesOf(draft.types);
  return (
    <>
      <TextInput
        label="Address"
        description="HTTPS, on the public Internet. Put no password into it: the signature says who sends."
        placeholder="https://bank.example/countersign"
        value={draft.url}
        onChange={(event) => change({ url: event.currentTarget.value })}
        error={flawOf(error, '/url')}
        data-autofocus
      />
      <Textarea
        label="Events"
        description="Names of events, payment.* for all of a kind, * for all."
        placeholder="payment.* case.opened"
        value={draft.types}
        onChange={(event) => change({ types: event.currentTarget.value })}
        error={wrongTypes(error, types)}
        classNames={{ input: 'mono' }}
        autosize
        minRows={2}
      />
      <Kinds
        toggle={(kind) => {
          const left = types.filter((each) => each !== kind);
          change({ types: (left.length < types.length ? left : [...types, kind]).join(' ') });
        }}
        chosen={types}
      />
      <TextInput
        label="What it is for"
        placeholder="Fraud desk"
        value={draft.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
        maxLength={200}
        error={flawOf(error, '/description')}
      />
    </>
  );
}

/** The API points to the place of a type in the list: here it is called by its name. */
function wrongTypes(error: unknown, types: readonly string[]): string | undefined {
  const told = error instanceof ApiProblem ? (error.problem.errors ?? []) : [];
  const flaws = told.flatMap(({ pointer, detail }) => {
    const at = /^\/types\/(\d+)$/.exec(pointer)?.[1];
    return at === undefined ? [] : [`${types[Number(at)] ?? ''} ${detail}`];
  });
  return flaws.length > 0 ? flaws.join(', ') : flawOf(error, '/types');
}

/** The kinds of events there are, to be taken by a click. */
function Kinds({
  toggle,
  chosen,
}: {
  readonly toggle: (kind: string) => void;
  readonly chosen: readonly string[];
}) {
  const { data } = useApi('GET /v1/event-types', {});
  const kinds = useMemo(() => {
    const all = data?.items.map(({ type }) => `${type.slice(0, type.indexOf('.'))}.*`) ?? [];
    return [...new Set(all)].toSorted();
  }, [data]);
  return (
    <div className="hook-kinds" role="group" aria-label="Kinds of events">
      {kinds.map((kind) => (
        <button
          key={kind}
          type="button"
          className="mono"
          aria-pressed={chosen.includes(kind)}
          onClick={() => toggle(kind)}
        >
          {kind}
        </button>
      ))}
    </div>
  );
}
