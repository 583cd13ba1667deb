// What a screen says when it has nothing, waits, or fails: in words, with a next step.
import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from '@mantine/core';
import { Link, useRouter } from '@tanstack/react-router';
import { CircleAlert, Inbox } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';
import { nextStep } from './leads-to.ts';
import { Screen } from './screen.tsx';

export function Loading() {
  return (
    <Center h="100%" mih={120} role="status" aria-label="Loading">
      <Loader size="sm" type="dots" />
    </Center>
  );
}

/** Zero data is a state of its own: what would stand here, and how it comes to be. */
export function Empty({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <Center w="100%" h="100%" mih={180} p="lg">
      <Stack align="center" gap={6} maw={420} ta="center">
        <Inbox size={22} aria-hidden className="dimmed" />
        <Text fw={600}>{title}</Text>
        {children !== undefined && (
          <Text component="div" c="dimmed">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}

/** A problem as the API tells it: what happened, what to do, and another try where that may help. */
export function ProblemNote({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: () => unknown;
}) {
  const problem = error instanceof ApiProblem ? error.problem : undefined;
  if (problem && isAbsent(problem)) return <Absent />;
  const message = error instanceof Error ? error.message : String(error);
  const step = nextStep(problem?.leads_to);
  const isForbidden = problem?.code === 'forbidden';
  return (
    <Alert
      color="red"
      variant="light"
      icon={<CircleAlert size={16} />}
      title={problem?.title ?? 'This did not work'}
      role="alert"
    >
      <Stack gap={6}>
        <Text>{problem ? (problem.detail ?? `Its code is ${problem.code}.`) : message}</Text>
        {isForbidden && (
          <Text>Your roles do not allow this: ask an administrator of your bank.</Text>
        )}
        {step !== undefined && <Text>{step}</Text>}
        {problem?.reasons && problem.reasons.length > 0 && (
          <Text className="mono">{problem.reasons.join(', ')}</Text>
        )}
        {problem?.errors?.map(({ pointer, detail }) => (
          <Text key={pointer + detail}>
            <span className="mono">{pointer}</span> {flawText(detail)}
          </Text>
        ))}
        {problem?.approval && <Text>{problem.approval.instruction}</Text>}
        <Group gap="sm">
          {retry && !isForbidden && (
            <Button variant="light" color="red" onClick={() => void retry()}>
              Try again
            </Button>
          )}
          {problem?.decision_id && (
            <Link to={`/decisions/${problem.decision_id}` as never} style={{ color: 'inherit' }}>
              Why: the decision
            </Link>
          )}
        </Group>
      </Stack>
    </Alert>
  );
}

/** What was asked for is not there, or its id is none: nothing has failed, and no try would help. */
function isAbsent({ detail = '', errors = [] }: ApiProblem['problem']): boolean {
  if (detail.startsWith('there is no /v1/')) return true;
  return (
    errors.length > 0 && errors.every((each) => each.pointer === '/id' && idIn.test(each.detail))
  );
}

function Absent() {
  return (
    <Empty title="Nothing is here under this id or name">
      It may be mistyped, or belong to another bank. ⌘K finds anything by its id.
    </Empty>
  );
}

const idIn = /^must match pattern "\^([a-z]+_)/;

/** What is wrong with a field; of a pattern of ids only how they begin is for people. */
export function flawText(detail: string): string {
  const begin = idIn.exec(detail)?.[1];
  return begin === undefined ? detail : `is no id that begins with ${begin}`;
}

/** Of a whole screen that broke: the others go on. */
export function ScreenFault({ error, reset }: { readonly error: unknown; reset?: () => void }) {
  const router = useRouter();
  return (
    <Stack p="lg" maw={640}>
      <Title order={1}>This screen has failed</Title>
      <ProblemNote
        error={error}
        retry={() => {
          reset?.();
          return router.invalidate();
        }}
      />
    </Stack>
  );
}

export function NotFound() {
  return (
    <Screen title="There is no such page">
      <Empty
        title="Nothing stands at this address"
        action={<Link to={'/' as never}>To the overview</Link>}
      >
        It may be mistyped, or from another version of the console. ⌘K finds anything by its id.
      </Empty>
    </Screen>
  );
}
