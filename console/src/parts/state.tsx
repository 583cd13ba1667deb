// A word of state with an icon and a tone: color is never alone.
import {
  Ban,
  Check,
  CircleDashed,
  CircleSlash,
  Clock,
  Eye,
  type LucideIcon,
  Minus,
  Pause,
  TriangleAlert,
  Undo2,
} from 'lucide-react';

export type Tone = 'good' | 'bad' | 'wait' | 'look' | 'still';

/** How the words of the API look. A word that is not here is shown plainly: the API may know more. */
const looks: Readonly<Record<string, readonly [Tone, LucideIcon]>> = {
  allow: ['good', Check],
  allowed: ['good', Check],
  posted: ['good', Check],
  authorized: ['good', Check],
  captured: ['good', Check],
  partially_captured: ['good', Check],
  represented: ['good', Check],
  approved: ['good', Check],
  used: ['good', Check],
  production: ['good', Check],
  active: ['good', Check],
  open: ['wait', CircleDashed],
  ok: ['good', Check],
  met: ['good', Check],
  pass: ['good', Check],
  passed: ['good', Check],
  delivered: ['good', Check],
  enabled: ['good', Check],
  cleared: ['good', Check],
  completed: ['good', Check],
  identical: ['good', Check],
  deny: ['bad', Ban],
  denied: ['bad', Ban],
  rejected: ['bad', Ban],
  failed: ['bad', TriangleAlert],
  missed: ['bad', TriangleAlert],
  breached: ['bad', TriangleAlert],
  dead: ['bad', Ban],
  killed: ['bad', Ban],
  suspended: ['bad', Pause],
  charged_back: ['bad', Undo2],
  hold: ['wait', Pause],
  held: ['wait', Pause],
  pending: ['wait', Clock],
  waiting: ['wait', Clock],
  step_up_required: ['wait', Clock],
  warn: ['wait', TriangleAlert],
  canary: ['wait', CircleDashed],
  shadow: ['look', Eye],
  running: ['wait', CircleDashed],
  off: ['still', Minus],
  human_in_the_loop: ['look', Eye],
  automatic: ['good', Check],
  review: ['look', Eye],
  claimed: ['look', Eye],
  escalated: ['look', TriangleAlert],
  snoozed: ['still', Clock],
  expired: ['still', Clock],
  cancelled: ['still', CircleSlash],
  withdrawn: ['still', CircleSlash],
  voided: ['still', CircleSlash],
  closed: ['still', CircleSlash],
  disabled: ['still', CircleSlash],
  refunded: ['still', Undo2],
  partially_refunded: ['still', Undo2],
  returned: ['still', Undo2],
  reversed: ['still', Undo2],
  retired: ['still', Minus],
  none: ['still', Minus],
};

export function State({
  word,
  tone,
  children,
}: {
  readonly word: string;
  /** Where the word alone does not say what it means here. */
  readonly tone?: Tone;
  readonly children?: string;
}) {
  const [usual, Icon] = looks[word] ?? (['still', Minus] as const);
  return (
    <span className="state" data-tone={tone ?? usual}>
      <Icon size={13} strokeWidth={2.4} aria-hidden />
      {children ?? wordsOf(word)}
    </span>
  );
}

/** `step_up_required` reads `step up required`. */
export function wordsOf(name: string): string {
  return name.replaceAll('_', ' ');
}
