// What an event is about, in the space of a line: the words of its payload that tell it from others
// of its type. Any type is told so; none is known by name.
import type { SealedEvent } from '../../api/events.ts';
import { wordsOf } from '../../parts/state.tsx';
import { unturned } from '../../parts/turning.ts';
import { nameOf } from '../../parts/who.tsx';

/** Members of payloads that say something to people, in the order in which they are said. */
const telling = [
  ...['title', 'summary', 'name', 'slo', 'control', 'outcome', 'code', 'fallback_reason', 'reason'],
  ...['reasons', 'model', 'subject_kind', 'kind', 'channel', 'operation', 'point', 'use_case'],
  ...['mode', 'role', 'principal', 'label', 'category', 'merchant', 'stage', 'version', 'status'],
  ...['holder_id', 'subject', 'assignee', 'by', 'maker', 'checker', 'rule', 'issuer'],
];
const wordsMax = 5;

export function aboutOf({ event }: SealedEvent): string {
  const { payload } = event.data;
  const score = memberOf(payload, 'facts')?.['fraud_score'];
  // What the caller said of it is told by the same words.
  const told = { ...memberOf(payload, 'metadata'), ...payload };
  const words = [
    ...(event.type.startsWith('score.') && typeof score === 'number' ? [scoreText(score)] : []),
    ...telling.flatMap((name) => said(name, told[name])),
  ];
  return unturned([...new Set(words)].slice(0, wordsMax).join(' · '));
}

function said(name: string, value: unknown): readonly string[] {
  if (Array.isArray(value)) {
    return value.filter((each) => typeof each === 'string').map(wordsOf);
  }
  if (typeof value === 'number') return name === 'version' ? [`version ${value}`] : [];
  if (typeof value === 'string' && value !== '') return [plain(value)];
  const named = memberOf({ value }, 'value')?.['name'];
  return typeof named === 'string' ? [named] : [];
}

/** Words with underscores are for machines; ids and principals stay as they are. */
function plain(value: string): string {
  if (/^[a-z]+:/.test(value)) return nameOf(value);
  return /^[a-z]+(?:_[a-z]+)+$/.test(value) ? wordsOf(value) : value;
}

function scoreText(score: number): string {
  return `score ${score.toFixed(score < 0.01 ? 4 : 2)}`;
}

function memberOf(of: Readonly<Record<string, unknown>>, name: string) {
  const value = of[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
