// The rules behind all of this: those that are shipped, to be read; and those of the bank, to be
// written. What does not fit is marked on its line; what fits is published once others approved it.
import { Button, Group, Stack, Text, VisuallyHidden } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';

import { useState } from 'react';
import { type Answer, ApiProblem } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { tell } from '../../parts/tell.ts';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Id } from '../../parts/id.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { CodeBox, type Flaw } from './code-box.tsx';
import { ShippedRules } from './shipped-rules.tsx';

type Sets = Answer<'GET /v1/entitlements'>;

export function Rules() {
  const { data, error, refetch } = useApi('GET /v1/entitlements', { query: { limit: 50 } });
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <div className="rules">
      <section aria-label="Rules of this bank" tabIndex={-1}>
        <OwnRules sets={data} />
      </section>
      <section aria-label="Shipped rules" tabIndex={-1}>
        <ShippedRules text={data.shipped} />
      </section>
    </div>
  );
}

const example = `@id("roles-only")
@reason("Everybody needs a role.")
forbid (principal, action, resource) unless { principal.governed };
`;

function OwnRules({ sets }: { readonly sets: Sets }) {
  const inForce = sets.items[0]?.text ?? '';
  const [draft, setDraft, forget] = useSessionStorage<string | null>({
    key: 'entitlements draft',
    defaultValue: null,
    getInitialValueInEffect: false,
  });
  const [error, setError] = useState<unknown>();
  const publish = useAct('POST /v1/entitlements', ['GET /v1/entitlements']);
  const text = draft ?? inForce;
  const change = (next: string) => {
    setError(undefined);
    setDraft(next);
  };
  const submit = async () => {
    setError(undefined);
    try {
      await withApproval<'POST /v1/entitlements'>((approval_id) =>
        publish.mutateAsync({ body: { text, ...(approval_id ? { approval_id } : {}) } }),
      );
      tell('The rules are in force from the next call on.');
      forget();
    } catch (problem) {
      setError(problem);
    }
  };
  const flaws = flawsOf(error);
  return (
    <Stack gap="md">
      <div>
        <h2>Rules of this bank</h2>
        <Text c="dimmed">
          They stand beside the shipped ones: they may forbid anything, and permit what no guard
          forbids. Another person approves them first. Empty: the shipped rules alone.
        </Text>
      </div>
      <CodeBox label="Rules of this bank, in Cedar" text={text} change={change} flaws={flaws} />
      {flaws.length === 0 && error !== undefined && (
        <Refusal error={error} about="Change who may do what" />
      )}
      <Group gap="sm">
        <ActButton
          right="policy:write"
          variant={error === undefined ? 'filled' : 'default'}
          loading={publish.isPending}
          unless={text === inForce ? 'Nothing is changed yet.' : undefined}
          onClick={() => void submit()}
        >
          Check and publish
        </ActButton>
        <Button
          variant="default"
          disabled={draft === null}
          onClick={() => {
            setError(undefined);
            forget();
          }}
        >
          Back to what is in force
        </Button>
        {text === '' && (
          <Button variant="subtle" onClick={() => change(example)}>
            Begin with an example
          </Button>
        )}
      </Group>
      <Published sets={sets} take={change} />
    </Stack>
  );
}

/** `line 3, column 7: …`, as the API tells it. */
function flawsOf(error: unknown): readonly Flaw[] {
  const told = error instanceof ApiProblem ? (error.problem.errors ?? []) : [];
  // One flaw is told once for each kind of principal: the first says what is wrong.
  const places = new Set<string>();
  return told.flatMap(({ detail }) => {
    const [, line, column, words] = /^line (\d+), column (\d+): (.*)$/s.exec(detail) ?? [];
    const place = `${line} ${column}`;
    if (words === undefined || places.has(place)) return [];
    places.add(place);
    return [{ line: Number(line), column: Number(column), words }];
  });
}

function Published({ sets, take }: { readonly sets: Sets; readonly take: (text: string) => void }) {
  if (sets.items.length === 0) {
    return <Text c="dimmed">Nothing was ever published: the shipped rules count alone.</Text>;
  }
  return (
    <table className="plain">
      <thead>
        <tr>
          <th>Published</th>
          <th>By</th>
          <th>Digest</th>
          <th>Approval</th>
          <th>
            <VisuallyHidden>Edit</VisuallyHidden>
          </th>
        </tr>
      </thead>
      <tbody>
        {sets.items.map(({ number, text, digest, approval_id, published_by, published_at }, at) => (
          <tr key={number}>
            <td>
              <Time at={published_at} />
              {at === 0 && <span className="dimmed"> in force</span>}
            </td>
            <td>
              <Who principal={published_by} />
            </td>
            <td>
              <span className="mono">{text === '' ? 'empty' : digest.slice(0, 12)}</span>
            </td>
            <td>
              <Id id={approval_id} />
            </td>
            <td className="end">
              <button type="button" className="as-link" onClick={() => take(text)}>
                Edit this text
              </button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
