// The verdict: a reason from the catalogue by its digit, words if there are any, Enter.
import { Kbd, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { type KeyboardEvent, useRef } from 'react';
import { Amount } from '../../parts/money.tsx';
import { useApi } from '../../api/queries.ts';
import { wordsOf } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { useCaseAct } from './acts.ts';
import { ActDialog } from './dialog.tsx';
import { answersText } from './outlook.tsx';
import { type CaseDetail, goesOn, type ReasonCode, type Verdict } from './words.ts';

export type DialogOf = {
  readonly ids: readonly string[];
  /** The only one, where it is one. */
  readonly shown: CaseDetail | undefined;
  /** Told of what was not done. */
  readonly done: (refused: readonly string[], said: string) => void;
  readonly close: () => void;
  readonly leave: () => void;
};

export function VerdictDialog({
  verdict,
  ids,
  shown,
  done,
  close,
  leave,
}: DialogOf & { readonly verdict: Verdict }) {
  const act = useCaseAct();
  const draft = `${verdict} ${ids.join(' ')}`;
  const [code, setCode] = useSessionStorage<string>({
    key: `reason to ${draft}`,
    defaultValue: '',
  });
  const [words, setWords] = useSessionStorage({ key: `words to ${draft}`, defaultValue: '' });
  const field = useRef<HTMLTextAreaElement>(null);
  const name = verdict === 'approve' ? 'Approve' : 'Deny';
  const submit = () => {
    const said = words.trim() === '' ? wordsOf(code) : words.trim();
    const decide = { verdict, reason_code: code as ReasonCode, reason: said };
    act.mutate(
      { ids, act: { act: 'decide', ...decide } },
      {
        onSuccess: (refused) => {
          if (refused.length < ids.length) setWords('');
          done(
            refused.map(({ case_id }) => case_id),
            verdict === 'approve' ? 'Approved' : 'Denied',
          );
        },
      },
    );
  };
  return (
    <ActDialog
      title={
        shown === undefined ? (
          `${name} ${ids.length} cases`
        ) : (
          <strong>
            {name} <Amount minor={shown.amount} currency={shown.currency} />
          </strong>
        )
      }
      {...{ ids, act, submit, close, leave, does: name }}
      missing={code === '' ? 'Choose a reason' : undefined}
      {...(verdict === 'reject' ? { color: 'red' } : {})}
    >
      <Text c="dimmed">{effectOf(verdict, shown)}</Text>
      <Reasons
        verdict={verdict}
        code={code}
        choose={setCode}
        onward={() => field.current?.focus()}
      />
      <Textarea
        ref={field}
        label="In words"
        placeholder={code === '' ? '' : wordsOf(code)}
        description="No names: tokens and ids. Left empty, the reason itself is kept."
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
        autosize
        minRows={1}
        maxRows={5}
        maxLength={500}
      />
    </ActDialog>
  );
}

/** The catalogue; a digit chooses, and goes on to the words. */
function Reasons({
  verdict,
  code,
  choose,
  onward,
}: {
  readonly verdict: Verdict;
  readonly code: string;
  readonly choose: (code: string) => void;
  readonly onward: () => void;
}) {
  const { data, error } = useApi('GET /v1/case-reasons', {});
  const reasons = data?.items.filter((each) => each.verdict === verdict) ?? [];
  const onKeyDown = (event: KeyboardEvent) => {
    if (!/^\d$/.test(event.key)) return;
    const chosen = reasons[(Number(event.key) + 9) % 10];
    if (chosen === undefined) return;
    event.preventDefault();
    choose(chosen.code);
    onward();
  };
  return (
    <Radio.Group label="Reason" value={code} onChange={choose} onKeyDown={onKeyDown}>
      <Stack gap={8} mt={4}>
        {error && <ProblemNote error={error} />}
        {reasons.map((each, at) => (
          <Radio
            key={each.code}
            value={each.code}
            size="xs"
            data-autofocus={at === 0 ? true : undefined}
            label={
              <>
                <Kbd size="xs">{(at + 1) % 10}</Kbd> {each.words}
              </>
            }
          />
        ))}
      </Stack>
    </Radio.Group>
  );
}

/** What will come of it. */
function effectOf(verdict: Verdict, shown: CaseDetail | undefined): string {
  if (shown === undefined) return 'Each case gets the same verdict and reason, and its own answer.';
  if (shown.kind !== 'release') {
    return 'Nothing is left to release: the verdict is kept, and models learn from it.';
  }
  if (verdict === 'reject') return 'One rejection is enough: the reserved funds go back.';
  const missing = shown.required_checkers - shown.verdicts.length;
  const { outlook } = shown;
  if (outlook && !goesOn(outlook)) {
    return `Approving will not release it: ${outlook.reasons.map(({ text }) => text).join(' ')}`;
  }
  const answers = outlook ? answersText(outlook) : '';
  const then =
    outlook?.outcome === 'hold'
      ? 'Then the payer is asked to confirm it.'
      : 'Policy decides on it anew, with this approval: it goes on unless something else is in its way.';
  return missing > 1
    ? `Another ${missing - 1 === 1 ? 'person' : `${missing - 1} people`} must agree before the payment goes on.`
    : `${then}${answers}`;
}
