// The frame of everything that is asked before an act: about which cases, what went wrong, and two
// buttons. Enter does it, Escape does not, and focus goes back to where it was.
import { Button, Group, Stack, Text } from '@mantine/core';
import type { KeyboardEvent, ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { Dialog } from '../../parts/dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import type { useCaseAct } from './acts.ts';
import { hasEnded } from './words.ts';

type DialogProps = {
  readonly title: ReactNode;
  readonly ids: readonly string[];
  readonly act: ReturnType<typeof useCaseAct>;
  readonly does: string;
  readonly color?: string;
  /** What is missing still, in words. */
  readonly missing: string | undefined;
  readonly submit: () => void;
  readonly close: () => void;
  /** To the next case, where somebody else was quicker. */
  readonly leave: () => void;
  readonly children: ReactNode;
};

export function ActDialog(props: DialogProps) {
  const { title, ids, act, does, color, submit, close, leave, children } = props;
  const isBeaten = act.error?.problem.code === 'conflict';
  const missing = isBeaten ? 'Somebody was quicker' : props.missing;
  const send = () => {
    if (missing === undefined && !act.isPending) submit();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // A list of suggestions takes the first Enter for itself.
    if (event.key !== 'Enter' || event.shiftKey || event.defaultPrevented) return;
    if (event.target instanceof HTMLButtonElement) return;
    event.preventDefault();
    send();
  };
  return (
    <Dialog close={close} title={title} size={460}>
      <Stack gap="sm" onKeyDown={onKeyDown}>
        {children}
        {act.error && (
          <Beaten id={ids.length === 1 ? ids[0] : undefined} error={act.error} leave={leave} />
        )}
        {act.data && act.data.length > 0 && <RefusedNote of={act.data} all={ids.length} />}
        <Group gap="sm">
          <Button
            color={color}
            loading={act.isPending}
            onClick={send}
            {...(missing === undefined ? {} : { 'data-disabled': true, 'aria-disabled': true })}
          >
            {does}
          </Button>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Text c="dimmed" fz="sm" ml="auto" role="status">
            {missing ?? 'Enter confirms'}
          </Text>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** Somebody else was quicker: what they did, and the way on. Any other problem as it is told. */
function Beaten({
  id,
  error,
  leave,
}: {
  readonly id: string | undefined;
  readonly error: NonNullable<ReturnType<typeof useCaseAct>['error']>;
  readonly leave: () => void;
}) {
  const isConflict = error.problem.code === 'conflict';
  const { data } = useApi(
    'GET /v1/cases/{id}',
    { path: { id: id ?? '' } },
    { enabled: id !== undefined && isConflict },
  );
  if (!isConflict || data === undefined) return <ProblemNote error={error} />;
  const { status, assignee, verdict, reason_code, ended_at } = data;
  const who = assignee === null ? 'somebody' : nameOf(assignee);
  const words = hasEnded(data)
    ? verdict === null
      ? `Its payment has ended meanwhile: the case is ${wordsOf(status)}`
      : `${who} has ${verdict === 'approve' ? 'approved' : 'denied'} it (${wordsOf(reason_code ?? '')})`
    : assignee === null
      ? error.message
      : `${who} has it now`;
  return (
    <Group gap="sm" role="alert" className="case-beaten">
      <Text>
        {words}
        {ended_at !== null && (
          <>
            , <Time at={ended_at} />
          </>
        )}
        . Nothing was changed by you.
      </Text>
      <Button size="compact-sm" variant="default" onClick={leave} autoFocus>
        Next case
      </Button>
    </Group>
  );
}

function RefusedNote({
  of,
  all,
}: {
  readonly of: readonly { readonly case_id: string; readonly why: string }[];
  readonly all: number;
}) {
  return (
    <div role="alert" className="case-beaten">
      <Text fw={600}>
        {all - of.length} of {all} done. These were not, and stay selected:
      </Text>
      <ul>
        {of.map(({ case_id, why }) => (
          <li key={case_id}>
            <Id id={case_id} /> {why}
          </li>
        ))}
      </ul>
    </div>
  );
}
