// The parts of one screen behind tabs: which one is shown is in the address, and each has a digit.
import { Tabs } from '@mantine/core';
import type { ReactNode } from 'react';
import { useUrl } from '../app/url.ts';
import type { Key } from './keys.tsx';
import './page-tabs.css';

export type Tab = readonly [name: string, label: string];

/** Which tab is shown, and the keys that choose one. */
export function useTabs(tabs: readonly Tab[]): readonly [string, readonly Key[]] {
  const [url, setUrl] = useUrl();
  const first = tabs[0]?.[0] ?? '';
  const shown = tabs.find(([name]) => name === url['tab'])?.[0] ?? first;
  const keys = tabs.map(([name, words], at) => ({
    ...{ key: String(at + 1), words },
    act: () => setUrl({ tab: name === first ? undefined : name }),
  }));
  return [shown, keys];
}

export function PageTabs({
  tabs,
  shown,
  flush = false,
  children,
}: {
  readonly tabs: readonly Tab[];
  readonly shown: string;
  /** Whether what is shown fills the place and scrolls by itself, as lists do. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}) {
  const [, setUrl] = useUrl();
  return (
    <Tabs
      className="page-tabs"
      value={shown}
      onChange={(next) => setUrl({ tab: next === tabs[0]?.[0] ? undefined : (next ?? undefined) })}
    >
      <Tabs.List px="md">
        {tabs.map(([name, label]) => (
          <Tabs.Tab key={name} value={name}>
            {label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel
        value={shown}
        className={flush ? 'page-tab-whole' : 'screen-scroll'}
        // Scrolled by keyboard as well (WCAG 2.1.1).
        tabIndex={flush ? undefined : 0}
      >
        {children}
      </Tabs.Panel>
    </Tabs>
  );
}
