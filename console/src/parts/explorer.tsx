// The frame of an explorer: what narrows it on the left, the list in the middle with a bar above,
// and what is looked at on the right.
import { type ComponentType, type ReactNode, useDeferredValue, useMemo } from 'react';
import './split.css';
import './explorer.css';

type ExplorerProps = {
  /** Without it the list takes its place. */
  readonly side?: ReactNode;
  readonly bar?: ReactNode;
  readonly panel?: ReactNode;
  /** The list. */
  readonly children: ReactNode;
};

export function Explorer({ side, bar, panel, children }: ExplorerProps) {
  const hasPanel = panel !== undefined && panel !== null && panel !== false;
  return (
    <div className="explorer" data-panel={hasPanel || undefined}>
      {side !== undefined && <div className="side">{side}</div>}
      <div className="explorer-list">
        {bar !== undefined && <div className="split-bar">{bar}</div>}
        {children}
      </div>
      {panel}
    </div>
  );
}

/** What tells of the chosen row: the choice is painted at once, and this as soon as it is made. */
export function Following({
  id,
  View,
}: {
  readonly id: string;
  readonly View: ComponentType<{ readonly id: string }>;
}) {
  const told = useDeferredValue<string | undefined>(id, undefined);
  return useMemo(() => told !== undefined && <View key={told} id={told} />, [View, told]);
}

/** What only some look for, out of the way until it is. */
export function Folded({
  title,
  isOpen = false,
  children,
}: {
  readonly title: ReactNode;
  /** At first. */
  readonly isOpen?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <details className="folded" open={isOpen}>
      <summary>{title}</summary>
      {children}
    </details>
  );
}
