// The frames of all screens: a title row, a filter side, cards, facts, a panel beside a list.
import { ActionIcon, Group, Title, Tooltip } from '@mantine/core';
import { useDocumentTitle, useHotkeys } from '@mantine/hooks';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';

type WithChildren = { readonly children: ReactNode };

export function Screen({
  title,
  about,
  actions,
  children,
}: WithChildren & {
  readonly title: string;
  /** Beside the title, small: a count, a state, an id. */
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
}) {
  useDocumentTitle(`${title} · Countersign`);
  return (
    <section className="screen" aria-label={title}>
      <header className="screen-head">
        <Title order={1} className="clip">
          {title}
        </Title>
        {about !== undefined && (
          <div className="dimmed clip" style={{ flex: 1 }}>
            {about}
          </div>
        )}
        <Group gap={6} ml="auto" wrap="nowrap">
          {actions}
        </Group>
      </header>
      <div className="screen-body">{children}</div>
    </section>
  );
}

export function Scroll({ children }: WithChildren) {
  return (
    <div className="screen-scroll" tabIndex={-1}>
      {children}
    </div>
  );
}

export function Card({
  title,
  actions,
  flush = false,
  children,
}: WithChildren & {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  /** Whether what is inside reaches the edge, as tables do. */
  readonly flush?: boolean;
}) {
  return (
    <section className="card">
      {title !== undefined && (
        <div className="card-head">
          <h2 style={{ margin: 0, font: 'inherit' }}>{title}</h2>
          <Group gap={6} ml="auto" wrap="nowrap">
            {actions}
          </Group>
        </div>
      )}
      <div className={flush ? undefined : 'card-body'}>{children}</div>
    </section>
  );
}

/** Names and values; what is undefined is left out, what is null is told as none. */
export function Facts({ of }: { readonly of: Readonly<Record<string, ReactNode>> }) {
  return (
    <dl className="facts">
      {Object.entries(of)
        .filter(([, value]) => value !== undefined)
        .flatMap(([name, value]) => [
          <dt key={`${name}-name`}>{name}</dt>,
          <dd key={`${name}-value`}>{value ?? <span className="dimmed">none</span>}</dd>,
        ])}
    </dl>
  );
}

/** What is looked at, beside the list from which it was taken. Escape closes it. */
export function Panel({
  label,
  close,
  children,
}: WithChildren & { readonly label: string; readonly close: () => void }) {
  useHotkeys([['Escape', close]]);
  return (
    <aside className="panel" aria-label={label}>
      <div className="panel-close">
        <Tooltip label="Close (Esc)">
          <ActionIcon onClick={close} aria-label="Close the panel">
            <X size={14} />
          </ActionIcon>
        </Tooltip>
      </div>
      {children}
    </aside>
  );
}
