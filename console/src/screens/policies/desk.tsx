// The desk of the editor: its sheets, what the server says of them, and what can be done.
import { Button, Group, Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { Redo2, Undo2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Api } from '../../api/openapi.ts';
import { useAct } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { ActButton } from '../../parts/may.tsx';
import { Screen } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { type CellPlace, cellOf } from './cell-place.ts';
import { AboutForm, RawJson } from './desk-forms.tsx';
import { Flaws } from './flaws.tsx';
import { layoutOf } from './layout.ts';
import { Overtaken } from './overtaken.tsx';
import { bundlePlace, type Point } from './shape.ts';
import { SheetDesk } from './sheet-desk.tsx';
import { sheetsOf } from './sheets.ts';
import { type Copy, dropCopy, useVerdict, useWorkingCopy } from './working-copy.ts';

type Words = Api['GET /v1/policy-schema']['answer'];
export type Verdict = ReturnType<typeof useVerdict>;

export function Desk(props: {
  readonly title: string;
  readonly storageKey: string;
  readonly first: Copy;
  readonly live: Point['live'];
  readonly words: Words;
}) {
  const { title, storageKey, first, live, words } = props;
  const [{ tab = 'rules' }, setUrl] = useUrl();
  const work = useWorkingCopy(storageKey, first);
  const { copy, step, change } = work;
  const checked = useVerdict(copy.bundle);
  // Laid on what editing began from: columns keep their places.
  const layout = useMemo(() => layoutOf(copy.base), [copy.base]);
  const sheets = useMemo(
    () => sheetsOf(copy.bundle, copy.added, { choices: words, layout }),
    [copy.bundle, copy.added, words, layout],
  );
  const sheet = sheets.find(({ id }) => id === tab);
  // The cell that somebody is sent to from the list of flaws.
  const [goal, setGoal] = useState<CellPlace>();
  const goTo = (place: CellPlace | undefined) => {
    setUrl({ tab: place?.sheet ?? 'json' });
    setGoal(place);
  };
  const save = useSave(storageKey);
  const saveNow = () => {
    if (checked.verdict?.valid && !checked.isChecking) save.mutate({ body: copy.bundle });
  };
  useHotkeys([['mod+s', saveNow]], []);
  return (
    <Screen
      title={title}
      about={<Checked checked={checked} />}
      actions={
        <DeskActions
          work={work}
          isSaving={save.isPending}
          why={whyNotSaved(work.isChanged, checked)}
          save={saveNow}
        />
      }
    >
      <Tabs
        className="tabbed"
        value={tab}
        onChange={(next) => setUrl({ tab: next ?? undefined })}
        keepMounted={false}
      >
        <Overtaken
          copy={copy}
          live={live}
          replace={(next) => step({ kind: 'replace', copy: next })}
        />
        {save.error && <ProblemNote error={save.error} retry={saveNow} />}
        <DeskTabs sheets={sheets} checked={checked} />
        {sheet && (
          <SheetDesk
            key={sheet.id}
            {...{ sheet, sheets, checked, goal, change }}
            bundle={copy.bundle}
            addColumn={(key) => step({ kind: 'add column', sheet: sheet.id, key })}
          />
        )}
        {tab === 'about' && <AboutForm bundle={copy.bundle} change={change} />}
        {tab === 'json' && <RawJson bundle={copy.bundle} change={change} />}
        <Flaws sheets={sheets} checked={checked} goTo={goTo} />
      </Tabs>
    </Screen>
  );
}

function useSave(storageKey: string) {
  const navigate = useNavigate();
  const act = useAct('POST /v1/policies', ['GET /v1/policies/{name}/bundles']);
  const saved = act.data;
  const isGone = useRef(false);
  useEffect(() => {
    if (!saved || isGone.current) return;
    isGone.current = true;
    dropCopy(storageKey);
    void navigate({ to: bundlePlace(saved.digest) as never });
  }, [saved, storageKey, navigate]);
  return act;
}

function whyNotSaved(isChanged: boolean, { verdict, isChecking }: Verdict): string | undefined {
  if (!isChanged) return 'Nothing has been changed yet';
  if (isChecking || verdict === undefined) return 'It is being checked';
  return verdict.valid ? undefined : 'Its flaws have to be mended first: they are listed below';
}

function Checked({ checked: { verdict, error, isChecking } }: { readonly checked: Verdict }) {
  return (
    <span role="status">
      {error ? (
        <State word="warn" tone="wait">
          {error.problem.status === 403 ? 'you may look only' : 'not checked'}
        </State>
      ) : verdict === undefined || isChecking ? (
        <State word="pending">checking</State>
      ) : verdict.valid ? (
        <State word="pass">valid, all tests pass</State>
      ) : (
        <State word="failed">{flawWords(verdict.errors)}</State>
      )}
    </span>
  );
}

/** Tests are run when the rest is well-formed: then what is wrong are the tests that fail. */
function flawWords(errors: readonly { readonly pointer: string }[]): string {
  const places = new Set(errors.map(({ pointer }) => pointer));
  const areTests = [...places].every((pointer) => /^\/tests\/\d+$/.test(pointer));
  const [one, many] = areTests ? ['test fails', 'tests fail'] : ['flaw', 'flaws'];
  return `${places.size} ${places.size === 1 ? one : many}`;
}

function DeskActions({
  work,
  isSaving,
  why,
  save,
}: {
  readonly work: ReturnType<typeof useWorkingCopy>;
  readonly isSaving: boolean;
  readonly why: string | undefined;
  readonly save: () => void;
}) {
  const { copy, isChanged, step } = work;
  const undo = () => step({ kind: 'undo' });
  const redo = () => step({ kind: 'redo' });
  useHotkeys([
    ['mod+z', undo],
    ['mod+shift+z', redo],
    ['mod+y', redo],
  ]);
  return (
    <>
      <StepButtons {...work} undo={undo} redo={redo} />
      <Button
        variant="default"
        disabled={!isChanged}
        onClick={() => step({ kind: 'replace', copy: { ...copy, bundle: copy.base } })}
      >
        Discard changes
      </Button>
      <ActButton
        right="policy:write"
        variant="filled"
        loading={isSaving}
        unless={why}
        onClick={save}
      >
        Save draft
      </ActButton>
    </>
  );
}

function StepButtons({
  canUndo,
  canRedo,
  undo,
  redo,
}: {
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly undo: () => void;
  readonly redo: () => void;
}) {
  return (
    <Group gap={2} wrap="nowrap">
      <Button
        variant="subtle"
        color="gray"
        px={6}
        disabled={!canUndo}
        onClick={undo}
        aria-label="Undo (Ctrl Z)"
      >
        <Undo2 size={14} />
      </Button>
      <Button
        variant="subtle"
        color="gray"
        px={6}
        disabled={!canRedo}
        onClick={redo}
        aria-label="Redo (Ctrl Shift Z)"
      >
        <Redo2 size={14} />
      </Button>
    </Group>
  );
}

function DeskTabs({
  sheets,
  checked,
}: {
  readonly sheets: ReturnType<typeof sheetsOf>;
  readonly checked: Verdict;
}) {
  const flaws = checked.verdict?.errors ?? [];
  const places = [...new Set(flaws.map(({ pointer }) => pointer))];
  const countIn = (id: string) =>
    places.filter((pointer) => cellOf(sheets, pointer)?.sheet === id).length;
  const tab = (id: string, label: string, rows?: number) => (
    <Tabs.Tab key={id} value={id}>
      {label}
      {rows !== undefined && <span className="dimmed"> {rows}</span>}
      {countIn(id) > 0 && <span className="flaw-count"> · {countIn(id)}</span>}
    </Tabs.Tab>
  );
  return (
    <Tabs.List px="md">
      {sheets.map(({ id, title, rows }) => tab(id, title, rows.length))}
      {tab('about', 'About')}
      {tab('json', 'JSON')}
    </Tabs.List>
  );
}
