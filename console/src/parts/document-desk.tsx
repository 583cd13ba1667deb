// A document that people write as JSON: checked as they go, compared with what is in force, and put
// in force with the approval of somebody else. What is typed outlives a reload.
import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { CircleCheck, CircleDashed } from 'lucide-react';
import { type ReactNode, useRef } from 'react';
import { ApiProblem } from '../api/client.ts';
import type { Right } from '../api/session.ts';
import { Changes, changesOf } from './changes.tsx';
import './document-desk.css';
import { ActButton } from './may.tsx';
import { pointed } from './pointed.ts';
import { Refusal, wantedApproval } from './refusal.tsx';
import { Card } from './screen.tsx';
import { State } from './state.tsx';
import { ProblemNote } from './states.tsx';

export type Flaw = { readonly pointer: string; readonly detail: string };
/** What a check has found: nothing wrong, and what it says besides; or flaws. */
export type Checked = {
  readonly flaws: readonly Flaw[];
  readonly notes?: ReactNode;
  /** What helps whoever writes it, be it right or not. */
  readonly help?: ReactNode;
};

type DeskProps = {
  /** What the draft is kept under. */
  readonly id: string;
  readonly title: string;
  /** Undefined where nothing is in force yet. */
  readonly inForce: object | undefined;
  /** Where nothing is in force: what one begins with. */
  readonly blank?: object;
  readonly right: Right;
  /** Asks what is wrong with it; writes nothing. */
  readonly check: (document: object) => Promise<Checked>;
  /** Where requests have it, such as `/document`: places of flaws are told from there on. */
  readonly within?: string;
  readonly publish: (document: object) => Promise<unknown>;
  /** The first words of a request for approval. */
  readonly about: (document: object) => string;
  /** What else is to be said before it is published, such as from when on. */
  readonly children?: ReactNode;
  readonly done: () => void;
};

export function DocumentDesk(props: DeskProps) {
  const { title, inForce } = props;
  const desk = useDesk(props);
  const { text, parsed, isSame, change } = desk;
  const box = useRef<HTMLTextAreaElement>(null);
  const show = (pointer: string) => {
    const place = pointed(text, pointer);
    if (place) select(box.current, place);
  };
  return (
    <div className="desk">
      <Stack gap="md" miw={0}>
        <Textarea
          ref={box}
          className="desk-text"
          label={title}
          value={text}
          onChange={({ currentTarget }) => change(currentTarget.value)}
          autosize
          minRows={18}
          maxRows={34}
          spellCheck={false}
          error={parsed.ok ? undefined : parsed.why}
        />
        {inForce !== undefined && parsed.ok && !isSame && (
          <Card title="What would change" flush>
            <Changes label="What would change" before={inForce} after={parsed.value} />
          </Card>
        )}
      </Stack>
      <aside aria-label="The way into force">
        <ol className="desk-steps">
          <DraftStep desk={desk} />
          <CheckStep right={props.right} desk={desk} show={show} />
          <PublishStep {...props} desk={desk} show={show} />
        </ol>
      </aside>
    </div>
  );
}

type Desk = ReturnType<typeof useDesk>;
type Show = (pointer: string) => void;

function useDesk({ id, inForce, blank = {}, check, within, publish, done }: DeskProps) {
  const base = JSON.stringify(inForce ?? blank, null, 2);
  const [kept, keep, forget] = useSessionStorage<string | null>({
    ...{ key: `draft of ${id}`, defaultValue: null, getInitialValueInEffect: false },
  });
  const text = kept ?? base;
  const parsed = parsedOf(text);
  const checking = useMutation<Checked, Error, object>({
    mutationFn: check,
  });
  const publishing = useMutation<unknown, Error, object>({
    mutationFn: publish,
    onSuccess: () => {
      forget();
      done();
    },
  });
  const change = (next: string | null) => {
    checking.reset();
    publishing.reset();
    if (next === null || next === base) forget();
    else keep(next);
  };
  const isSame =
    inForce !== undefined && parsed.ok && changesOf(inForce, parsed.value).length === 0;
  const missing = !parsed.ok ? parsed.why : isSame ? 'Nothing is changed yet' : undefined;
  const flaws = flawsOf(checking, publishing.error, within);
  const isChecked = missing === undefined && checking.data?.flaws.length === 0;
  return {
    ...{ text, parsed, isSame, missing, flaws, isChecked, checking, publishing, change },
    isKept: kept !== null,
  };
}

function DraftStep({ desk: { missing, isKept, change } }: { readonly desk: Desk }) {
  return (
    <Step title="Draft" isDone={missing === undefined}>
      <Text c="dimmed">{missing ?? 'Kept in this window until it is published.'}</Text>
      {isKept && (
        <Group>
          <Button size="compact-xs" variant="default" onClick={() => change(null)}>
            Back to how it was
          </Button>
        </Group>
      )}
    </Step>
  );
}

function CheckStep({
  right,
  desk: { parsed, missing, flaws, isChecked, checking },
  show,
}: {
  readonly right: Right;
  readonly desk: Desk;
  readonly show: Show;
}) {
  return (
    <Step title="Check" isDone={isChecked}>
      <Group>
        <ActButton
          right={right}
          variant={missing === undefined && !isChecked ? 'filled' : 'default'}
          unless={missing}
          loading={checking.isPending}
          onClick={() => parsed.ok && checking.mutate(parsed.value)}
        >
          Check it
        </ActButton>
      </Group>
      <CheckResult of={checking} flaws={flaws} show={show} />
    </Step>
  );
}

function PublishStep({
  right,
  about,
  children,
  desk: { parsed, missing, flaws, isChecked, publishing },
  show,
}: DeskProps & { readonly desk: Desk; readonly show: Show }) {
  const { error } = publishing;
  const unless =
    missing ??
    (flaws.length > 0 ? 'Mend what is wrong first' : !isChecked ? 'Check it first' : undefined);
  return (
    <Step title="Approval by another person, and publication" isDone={publishing.isSuccess}>
      {children}
      <Group>
        <ActButton
          right={right}
          variant={error || unless !== undefined ? 'default' : 'filled'}
          unless={unless}
          loading={publishing.isPending}
          onClick={() => parsed.ok && publishing.mutate(parsed.value)}
        >
          Publish
        </ActButton>
      </Group>
      {error && parsed.ok && (
        <>
          {!wantedApproval(error) && <Flaws flaws={flaws} show={show} />}
          <Refusal error={error} about={about(parsed.value)} />
        </>
      )}
    </Step>
  );
}

function CheckResult({
  of: { data, error },
  flaws,
  show,
}: {
  readonly of: { readonly data: Checked | undefined; readonly error: Error | null };
  readonly flaws: readonly Flaw[];
  readonly show: (pointer: string) => void;
}) {
  if (flaws.length > 0) {
    return (
      <>
        <Flaws flaws={flaws} show={show} />
        {data?.help}
      </>
    );
  }
  if (error) return <ProblemNote error={error} />;
  if (!data) return null;
  return (
    <div role="status">
      <State word="ok">Nothing is wrong with it</State>
      {data.notes}
      {data.help}
    </div>
  );
}

function Flaws({
  flaws,
  show,
}: {
  readonly flaws: readonly Flaw[];
  readonly show: (pointer: string) => void;
}) {
  if (flaws.length === 0) return null;
  return (
    <div role="alert">
      <ul className="flaws">
        {flaws.map(({ pointer, detail }) => (
          <li key={pointer + detail}>
            <button type="button" className="as-link mono" onClick={() => show(pointer)}>
              {pointer === '' ? 'the document' : pointer}
            </button>{' '}
            {detail}
          </li>
        ))}
      </ul>
    </div>
  );
}

function flawsOf(
  { data, error }: { readonly data: Checked | undefined; readonly error: Error | null },
  refused: Error | null,
  within = '',
): readonly Flaw[] {
  const told = [error, refused].flatMap((each) =>
    each instanceof ApiProblem ? (each.problem.errors ?? []) : [],
  );
  return [
    ...(data?.flaws ?? []),
    ...told.map(({ pointer, detail }) => {
      const isWithin = pointer === within || pointer.startsWith(`${within}/`);
      return { pointer: isWithin ? pointer.slice(within.length) : pointer, detail };
    }),
  ];
}

function Step({
  title,
  isDone,
  children,
}: {
  readonly title: string;
  readonly isDone: boolean;
  readonly children: ReactNode;
}) {
  const Icon = isDone ? CircleCheck : CircleDashed;
  return (
    <li className="desk-step" data-done={isDone || undefined}>
      <Icon size={16} role="img" aria-label={isDone ? 'done' : 'to do'} />
      <Stack gap={6} miw={0}>
        <h3>{title}</h3>
        {children}
      </Stack>
    </li>
  );
}

type Parsed =
  | { readonly ok: true; readonly value: object }
  | { readonly ok: false; readonly why: string };

function parsedOf(text: string): Parsed {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject
      ? { ok: true, value }
      : { ok: false, why: 'A document is an object, in braces' };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : 'This is no JSON' };
  }
}

/** Marks a place in the text, and brings it into sight. */
function select(box: HTMLTextAreaElement | null, [from, to]: readonly [number, number]): void {
  if (!box) return;
  box.focus();
  // The browser scrolls to where the caret is put.
  box.setSelectionRange(from, from);
  const line = box.value.slice(0, from).split('\n').length;
  const lineHeight = box.scrollHeight / Math.max(1, box.value.split('\n').length);
  box.scrollTop = Math.max(0, (line - 4) * lineHeight);
  box.setSelectionRange(from, to);
}
