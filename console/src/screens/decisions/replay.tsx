// Making a decision again: the same facts, the same bundle; it has to come out the same.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { spanText } from '../../parts/figures.ts';
import { useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { type Explanation, useExplanation } from './rules.tsx';

type Replayed = { readonly of: Explanation; readonly tookMs: number };

export function useReplay(id: string | undefined) {
  const { refetch } = useExplanation(id);
  const [result, setResult] = useState<Replayed>();
  const [error, setError] = useState<unknown>();
  const [isRunning, setIsRunning] = useState(false);
  const run = async () => {
    if (id === undefined) return;
    setIsRunning(true);
    setError(undefined);
    const began = performance.now();
    const read = await refetch();
    setIsRunning(false);
    if (read.error) setError(read.error);
    else if (read.data) setResult({ of: read.data, tookMs: performance.now() - began });
  };
  return { run: () => void run(), result, error, isRunning, close: () => setResult(undefined) };
}

export type Replay = ReturnType<typeof useReplay>;

export function ReplayButton({ replay }: { readonly replay: Replay }) {
  useKeys([{ key: 'r', words: 'Replay the decision', act: replay.run }]);
  return (
    <ActButton right="policy:read" onClick={replay.run} loading={replay.isRunning}>
      Replay
    </ActButton>
  );
}

export function ReplayResult({ replay }: { readonly replay: Replay }) {
  if (replay.error) return <ProblemNote error={replay.error} retry={replay.run} />;
  if (!replay.result) return null;
  const { of, tookMs } = replay.result;
  return (
    <div className="act-result" role="status">
      <div className="rule-head">
        {of.repeated ? (
          <State word="identical">Came out the same</State>
        ) : (
          <State word="failed">Came out differently</State>
        )}
        <span>
          {of.outcome}, in {spanText(tookMs)}
        </span>
        <Button variant="subtle" size="compact-xs" ml="auto" onClick={replay.close}>
          Close
        </Button>
      </div>
      <div className="dimmed">
        {of.rules.length} rules of <span className="mono">{of.policy_version}</span> were judged
        anew on the facts as they were recorded
        {of.repeated
          ? ': outcome, reasons, obligations and trace are equal.'
          : '. The record and the engine disagree: this is a fault, tell whoever runs the platform.'}
      </div>
    </div>
  );
}
