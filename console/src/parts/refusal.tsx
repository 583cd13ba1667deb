// A write that needs other people first: the refusal, and one click to ask for their approval of
// exactly that.
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import type { Problem } from '../api/openapi.ts';
import { useAct } from '../api/queries.ts';
import { useMay } from '../api/session.ts';
import { CopyText } from './secret.tsx';
import { ProblemNote } from './states.tsx';

/** How long colleagues have, unless they are asked for something else. */
const lifeMs = 7 * 86_400_000;

export type Wanted = {
  readonly subject_kind: string;
  readonly subject_digest: string;
  readonly subject?: Problem['subject'];
  readonly required_checkers?: number;
};

/** What would have to be approved, where that is what the API wants. */
export function wantedApproval(error: unknown): Wanted | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const { code, approval, subject_kind, subject_digest, subject } = error.problem;
  if (approval) return approval;
  if (code !== 'approval_required' || !subject_kind || !subject_digest) return undefined;
  return { subject_kind, subject_digest, ...(subject ? { subject } : {}) };
}

/** Any refusal; with a form for the request where an approval is what is missing. */
export function Refusal({
  error,
  retry,
  about,
}: {
  readonly error: unknown;
  readonly retry?: () => unknown;
  /** What is asked for, as the first words of the request: `Publish bundle 3f2a of payments`. */
  readonly about?: string;
}) {
  const wanted = wantedApproval(error);
  if (!wanted) return <ProblemNote error={error} {...(retry ? { retry } : {})} />;
  return <AskForm wanted={wanted} about={about ?? ''} />;
}

/** Who may do something is not always who may ask others to approve it. */
export function AskForm(props: { readonly wanted: Wanted; readonly about: string }) {
  const may = useMay()('approval.request');
  if (may.allowed) return <AskHere {...props} />;
  const { wanted, about } = props;
  const link = `${location.origin}/people?${new URLSearchParams({
    ask: JSON.stringify({ ...wanted, about }),
  })}`;
  return (
    <Stack gap="sm" role="alert">
      <Text>
        This needs the approval of {people(wanted.required_checkers ?? 1)}, and with your roles you
        may not ask for it yourself. Send this link to a colleague who may, such as in operations:
        it opens the request as it is here.
      </Text>
      <Group gap="sm">
        <CopyText text={link} words="Copy the link" />
      </Group>
    </Stack>
  );
}

function AskHere({ wanted, about }: { readonly wanted: Wanted; readonly about: string }) {
  const [summary, setSummary] = useState(about);
  const ask = useAct('POST /v1/approvals', ['GET /v1/approvals']);
  if (ask.data) {
    return (
      <Stack gap={4} role="status">
        <Text>
          Asked. Once {people(ask.data.required_checkers)} agreed, do this again: the approval is
          found by what it is for.
        </Text>
        <Link to={`/approvals/${ask.data.id}` as never}>See the request</Link>
      </Stack>
    );
  }
  const { subject_kind, subject_digest, subject, required_checkers } = wanted;
  return (
    <Stack gap="sm" role="alert">
      <Text>
        This needs the approval of {people(required_checkers ?? 1)}. Say why, for those who decide:
      </Text>
      <Textarea
        label="Why"
        value={summary}
        onChange={(event) => setSummary(event.currentTarget.value)}
        maxLength={500}
        autosize
        minRows={2}
        required
      />
      {ask.error && <ProblemNote error={ask.error} />}
      <Group gap="sm">
        <Button
          disabled={summary.trim() === ''}
          loading={ask.isPending}
          onClick={() =>
            ask.mutate({
              body: {
                ...{ subject_kind, subject_digest, summary: summary.trim() },
                ...(subject ? { subject: subject as never } : {}),
                ...(required_checkers ? { required_checkers } : {}),
                expires_at: new Date(Date.now() + lifeMs).toISOString(),
              },
            })
          }
        >
          Ask for approval
        </Button>
      </Group>
    </Stack>
  );
}

function people(count: number): string {
  return count === 1 ? 'one other person' : `${count} other people`;
}
