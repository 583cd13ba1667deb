// What can be done with several cases at once, below the list in which they are marked.
import { ActionIcon, Kbd, Tooltip } from '@mantine/core';
import { X } from 'lucide-react';
import { ActButton } from '../../parts/may.tsx';
import { type CaseList, marksMax } from './list.ts';
import type { Asked } from './standing.ts';

const acts: readonly (readonly [Asked, string, string])[] = [
  ['approve', 'Approve', 'a'],
  ['reject', 'Deny', 'd'],
  ['claim', 'Claim', 'c'],
  ['escalate', 'Escalate', 'e'],
  ['snooze', 'Snooze', 's'],
];

export function Batch({
  list,
  ask,
}: {
  readonly list: CaseList;
  readonly ask: (asked: Asked) => void;
}) {
  const count = list.marks.size;
  if (count === 0) return null;
  return (
    <div className="case-batch" role="toolbar" aria-label="With the selected cases">
      <span>
        {count} selected{count === marksMax ? ', as many as go at once' : ''}
      </span>
      {acts.map(([asked, words, letter]) => (
        <ActButton key={asked} right="reviews:write" size="compact-sm" onClick={() => ask(asked)}>
          {words}
          <Kbd size="xs" ml={6} aria-hidden>
            {letter}
          </Kbd>
        </ActButton>
      ))}
      <Tooltip label="Clear the selection (Esc)">
        <ActionIcon ml="auto" aria-label="Clear the selection" onClick={() => list.keepMarks([])}>
          <X size={14} />
        </ActionIcon>
      </Tooltip>
    </div>
  );
}
