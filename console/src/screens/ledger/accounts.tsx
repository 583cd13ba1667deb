// Accounts: an explorer of them, and the trial balance that shows that their sums agree.
import { Tabs } from '@mantine/core';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton } from '../../parts/keys.tsx';
import { Screen } from '../../parts/screen.tsx';
import { AccountExplorer } from './explorer.tsx';
import { TrialBalance } from './trial-balance.tsx';
import './ledger.css';

const keys: readonly Key[] = [
  { key: 'f', words: 'Find an account by its id or its holder' },
  { key: 'j', words: 'Next in the list' },
  { key: 'k', words: 'The one before' },
  { key: 'Enter', words: 'Open the account' },
  { key: 'Esc', words: 'Close the panel' },
];

export function Accounts() {
  const [{ tab = 'accounts' }, setUrl] = useUrl();
  return (
    <Screen
      title="Accounts"
      about="Where amounts are, and that they add up"
      actions={<KeysButton keys={keys} />}
    >
      <Tabs
        className="ledger-tabs"
        value={tab}
        onChange={(next) => setUrl({ tab: next === 'accounts' ? undefined : (next ?? undefined) })}
      >
        <Tabs.List px={8}>
          <Tabs.Tab value="accounts">Explorer</Tabs.Tab>
          <Tabs.Tab value="trial-balance">Trial balance</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="accounts">
          <AccountExplorer />
        </Tabs.Panel>
        <Tabs.Panel value="trial-balance">
          <TrialBalance />
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}
