// Campaigns with the use of their budgets, and the claims of members who miss points.
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { PageTabs, useTabs } from '../../parts/page-tabs.tsx';
import { useUrl } from '../../app/url.ts';
import { ActButton } from '../../parts/may.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { CampaignDesk } from './campaign-desk.tsx';
import { CampaignList } from './campaign-list.tsx';
import { ClaimList } from './claim-list.tsx';
import './loyalty.css';

const tabs = [
  ['campaigns', 'Campaigns and budgets'],
  ['claims', 'Claims'],
] as const;

export function Campaigns() {
  const [shown, keysOfTabs] = useTabs(tabs);
  const [url, setUrl] = useUrl();
  const isNew = url['do'] === 'new';
  const ask = (what: string) => () => url['id'] !== undefined && setUrl({ do: what });
  const keys: readonly Key[] = [
    ...keysOfTabs,
    { key: 'j', words: 'Next in the list' },
    { key: 'k', words: 'The one before' },
    { key: 'n', words: 'Write a new campaign', act: () => setUrl({ do: 'new' }) },
    ...(shown === 'claims'
      ? [{ key: 'd', words: 'Decide on the claim', act: ask('decide') }]
      : [
          { key: 'f', words: 'Fund the campaign', act: ask('fund') },
          { key: 'w', words: 'Give points of its budget', act: ask('award') },
        ]),
  ];
  useKeys(keys, url['do'] === undefined);
  return (
    <Screen
      title={isNew ? 'A new campaign' : 'Campaigns'}
      about={
        isNew ? 'It gives nothing before it is funded' : 'Budgets that the ledger never overdraws'
      }
      actions={
        isNew ? (
          <ActButton right="loyalty:read" onClick={() => setUrl({ do: undefined })}>
            Back to the list
          </ActButton>
        ) : (
          <>
            <KeysButton keys={keys} />
            <ActButton right="loyalty:write" onClick={() => setUrl({ do: 'new' })}>
              New campaign
            </ActButton>
          </>
        )
      }
    >
      {isNew ? (
        <Scroll>
          <CampaignDesk done={(id) => setUrl({ do: undefined, id })} />
        </Scroll>
      ) : (
        <PageTabs tabs={tabs} shown={shown} flush>
          {shown === 'campaigns' ? <CampaignList /> : <ClaimList />}
        </PageTabs>
      )}
    </Screen>
  );
}
