// To issue an API key: for whom, with which scopes, how long. Its secret is shown once, or was made
// by its holder and is shown to nobody.
import { Checkbox, NativeSelect, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useState } from 'react';
import { type Answer, ApiProblem } from '../../api/client.ts';
import { useAct } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { withApproval } from '../../parts/approved.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { SecretOnce } from '../../parts/secret.tsx';
import { nameOf } from '../../parts/who.tsx';
import { kindOf, rightsReads, type Scope, scopes, scopeWords } from './words.ts';

const lives = [
  ['30', 'in 30 days'],
  ['90', 'in 90 days'],
  ['365', 'in a year'],
  ['', 'never'],
] as const;
const dayMs = 86_400_000;
type Kind = 'user' | 'agent' | 'partner' | 'service';
type Draft = {
  readonly name: string;
  readonly who: string;
  readonly scopes: readonly Scope[];
  readonly days: string;
  readonly secret: 'ours' | 'theirs';
  readonly digest: string;
  /** Fixed with the first try: an approval is for one exact moment. */
  readonly expiresAt?: string | undefined;
};

export function IssueDialog({
  principal,
  close,
}: {
  readonly principal: string | undefined;
  readonly close: () => void;
}) {
  const [kept, setDraft, forget] = useSessionStorage<Draft | null>({
    key: `issue a key to ${principal ?? 'anybody'}`,
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const draft: Draft = kept ?? {
    ...{ name: '', who: principal ?? 'service:', scopes: [], days: '90' },
    ...{ secret: 'ours', digest: '' },
  };
  const [error, setError] = useState<unknown>();
  const [issued, setIssued] = useState<Answer<'POST /v1/api-keys'>>();
  const issue = useAct('POST /v1/api-keys', rightsReads);
  const change = (part: Partial<Draft>) => {
    setError(undefined);
    setDraft({ ...draft, expiresAt: undefined, ...part });
  };
  const submit = async () => {
    setError(undefined);
    const expiresAt = draft.expiresAt ?? endOf(draft.days);
    if (expiresAt !== undefined) setDraft({ ...draft, expiresAt });
    try {
      const answer = await withApproval<'POST /v1/api-keys'>((approval_id) =>
        issue.mutateAsync({ body: bodyOf({ ...draft, expiresAt }, approval_id) }),
      );
      setIssued(answer);
      forget();
    } catch (problem) {
      // It says that the holder has to make the secret: the field for it is opened.
      if (isAboutSecret(problem)) setDraft({ ...draft, expiresAt, secret: 'theirs' });
      setError(problem);
    }
  };
  return (
    <FormDialog
      title={principal ? `Issue a key to ${nameOf(principal)}` : 'Issue a key'}
      does="Issue it"
      size={640}
      about={`Issue a key to ${nameOf(draft.who)} with ${draft.scopes.join(', ')}`}
      isDone={issued !== undefined}
      {...{ error, close, missing: useMissing(draft), isPending: issue.isPending }}
      submit={() => void submit()}
    >
      {issued ? (
        <Issued issued={issued} who={draft.who} />
      ) : (
        <Fields draft={draft} change={change} isFixed={principal !== undefined} />
      )}
    </FormDialog>
  );
}

function Issued({
  issued,
  who,
}: {
  readonly issued: Answer<'POST /v1/api-keys'>;
  readonly who: string;
}) {
  if (issued.secret === undefined) {
    return <Text role="status">Issued. {nameOf(who)} uses it with the secret that they made.</Text>;
  }
  return (
    <SecretOnce secret={issued.secret}>
      Whoever has it can do what the key may: hand it over by a safe way.
    </SecretOnce>
  );
}

type FieldsProps = {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
  readonly isFixed: boolean;
};

function Fields({ draft, change, isFixed }: FieldsProps) {
  return (
    <>
      <div className="ask-form">
        <TextInput
          label="Name of the key"
          placeholder="posting system"
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
          maxLength={80}
          data-autofocus
        />
        <TextInput
          label="For"
          value={draft.who}
          disabled={isFixed}
          onChange={(event) => change({ who: event.currentTarget.value })}
        />
        <NativeSelect
          size="xs"
          label="Ends"
          value={draft.days}
          data={lives.map(([value, label]) => ({ value, label }))}
          onChange={(event) => change({ days: event.currentTarget.value })}
        />
      </div>
      <ScopeChoice chosen={draft.scopes} choose={(chosen) => change({ scopes: chosen })} />
      <Stack gap={6}>
        <SegmentedControl
          aria-label="Who makes the secret"
          value={draft.secret}
          data={[
            { value: 'ours', label: 'The secret is made here and shown once' },
            { value: 'theirs', label: 'The holder has made one' },
          ]}
          onChange={(value) => change({ secret: value as Draft['secret'] })}
        />
        {draft.secret === 'theirs' && (
          <TextInput
            label="Digest of their secret"
            description="SHA-256, 64 hexadecimal digits. The holder gets both from “Make a secret” on this screen."
            value={draft.digest}
            onChange={(event) => change({ digest: event.currentTarget.value.trim().toLowerCase() })}
            classNames={{ input: 'mono' }}
          />
        )}
      </Stack>
    </>
  );
}

/** Nobody gives away what they do not have: what is missing is greyed, and says why. */
function ScopeChoice({
  chosen,
  choose,
}: {
  readonly chosen: readonly Scope[];
  readonly choose: (scopes: readonly Scope[]) => void;
}) {
  const may = useMay();
  return (
    <Checkbox.Group
      label="Scopes"
      description="What the key may do at most. Nobody gives away a right that they do not have."
      value={[...chosen]}
      onChange={(next) => choose(scopes.filter((scope) => next.includes(scope)))}
    >
      <div className="scope-list">
        {scopes.map((scope) => {
          const { allowed, why } = may(scope);
          return (
            <Checkbox
              key={scope}
              value={scope}
              label={scope}
              description={scopeWords[scope]}
              disabled={!allowed}
              {...(allowed ? {} : { title: `You do not have it. ${why}` })}
            />
          );
        })}
      </div>
    </Checkbox.Group>
  );
}

function useMissing({ name, who, scopes: chosen, secret, digest }: Draft): string | undefined {
  const may = useMay()('admin');
  if (!may.allowed) return may.why;
  if (name.trim() === '') return 'Name the key';
  if (!/^(?:user|service|partner|agent):./.test(who)) return 'Say for whom';
  if (chosen.length === 0) return 'Choose a scope';
  return secret === 'theirs' && !/^[0-9a-f]{64}$/.test(digest)
    ? 'The digest is missing'
    : undefined;
}

function endOf(days: string): string | undefined {
  return days === '' ? undefined : new Date(Date.now() + Number(days) * dayMs).toISOString();
}

function bodyOf(draft: Draft, approvalId: string | undefined) {
  const { name, who, scopes: chosen, secret, digest, expiresAt } = draft;
  return {
    ...{ name: name.trim(), scopes: chosen },
    ...{
      principal_kind: kindOf(who) as Kind,
      principal_id: who.slice(who.indexOf(':') + 1).trim(),
    },
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(secret === 'theirs' ? { secret_digest: digest } : {}),
    ...(approvalId === undefined ? {} : { approval_id: approvalId }),
  };
}

function isAboutSecret(problem: unknown): boolean {
  const errors = problem instanceof ApiProblem ? problem.problem.errors : undefined;
  return errors?.some(({ pointer }) => pointer === '/secret_digest') ?? false;
}
