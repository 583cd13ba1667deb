// What was done with a case, each kind of act with its own words.
import {
  AlarmClock,
  ArrowUpRight,
  Bot,
  Check,
  CircleDot,
  CircleOff,
  Hand,
  type LucideIcon,
  MessageSquare,
  Moon,
  Undo2,
  X,
} from 'lucide-react';
import { Button } from '@mantine/core';
import { useApiPages } from '../../api/queries.ts';
import type { Answer } from '../../api/client.ts';
import { Linked } from '../../parts/linked.tsx';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { instantText, Time, useZone } from '../../parts/time.tsx';
import { nameOf, Who } from '../../parts/who.tsx';

type Line = Answer<'GET /v1/cases/{id}/history'>['items'][number];

const icons: Readonly<Record<string, LucideIcon>> = {
  opened: CircleDot,
  assigned: Hand,
  released: Undo2,
  snoozed: Moon,
  escalated: ArrowUpRight,
  noted: MessageSquare,
  reviewed: Check,
  decided: Check,
  overdue: AlarmClock,
  closed: CircleOff,
  summarized: Bot,
};

export function Timeline({ id }: { readonly id: string }) {
  const history = useApiPages('GET /v1/cases/{id}/history', { path: { id } });
  const { items, error, isPending, hasMore, more, refetch } = history;
  return (
    <Section title="Timeline">
      {isPending && <Loading />}
      {error && <ProblemNote error={error} retry={refetch} />}
      <ol className="timeline">
        {items.map((line) => (
          <Step key={line.number} line={line} />
        ))}
      </ol>
      {hasMore && (
        <Button variant="default" size="compact-xs" onClick={more}>
          Show later acts
        </Button>
      )}
    </Section>
  );
}

function Step({ line }: { readonly line: Line }) {
  const zone = useZone();
  const isNo = line.detail['verdict'] === 'reject';
  const Icon = isNo ? X : (icons[line.act] ?? CircleDot);
  const words = quoted(line);
  return (
    <li>
      <Icon size={15} aria-hidden />
      <span>
        <strong style={{ fontWeight: 560 }}>{titleOf(line, zone)}</strong>{' '}
        <span className="dimmed">
          by <Who principal={line.by} />
        </span>
      </span>
      <span className="dimmed">
        <Time at={line.at} />
      </span>
      {words !== undefined && (
        <span className="text">
          <Linked text={words} />
        </span>
      )}
    </li>
  );
}

function titleOf({ act, by, detail }: Line, zone: string): string {
  const word = (name: string) => {
    const value = detail[name];
    return typeof value === 'string' ? value : '';
  };
  switch (act) {
    case 'assigned':
      return word('assignee') === by ? 'Claimed' : `Given to ${nameOf(word('assignee'))}`;
    case 'released':
      return 'Given back';
    case 'snoozed':
      return `Sleeps until ${instantText(word('until'), zone, false)}`;
    case 'escalated':
      return `Escalated from ${wordsOf(word('from_queue'))}`;
    case 'noted':
      return 'Note';
    case 'reviewed':
      return `Agreed, for a second person: ${wordsOf(word('reason'))}`;
    case 'decided':
      return `${word('verdict') === 'approve' ? 'Approved' : 'Denied'}: ${wordsOf(word('reason'))}`;
    case 'overdue':
      return 'Its promise passed';
    case 'closed':
      return `Closed: ${wordsOf(word('because'))}`;
    case 'summarized':
      return 'Summary written';
    default:
      return `${wordsOf(act).charAt(0).toUpperCase()}${wordsOf(act).slice(1)}`;
  }
}

/** The words that somebody wrote with it. */
function quoted({ act, detail }: Line): string | undefined {
  // Of a verdict `reason` is the code from the catalogue, and its words stand apart.
  const names = act === 'decided' || act === 'reviewed' ? ['words'] : ['text', 'reason', 'words'];
  const found = names.map((name) => detail[name]).find((value) => typeof value === 'string');
  return typeof found === 'string' ? found : undefined;
}
