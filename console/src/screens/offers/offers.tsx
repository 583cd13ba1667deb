// Offers that were made with what became of them, the actions that they come from, and how often
// customers are spoken to at all.
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { PageTabs, useTabs } from '../../parts/page-tabs.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { ActionDesk } from './action-desk.tsx';
import { ActionList } from './action-list.tsx';
import { ContactPolicyView } from './contact-policy.tsx';
import { OfferList } from './offer-list.tsx';
import './offers.css';

const tabs = [
  ['offers', 'Made lately'],
  ['actions', 'Actions'],
  ['policy', 'Contact policy'],
] as const;

export function Offers() {
  const [shown, keysOfTabs] = useTabs(tabs);
  const [url, setUrl] = useUrl();
  const isNew = url['do'] === 'new';
  const begin = () => setUrl({ do: 'new' });
  const keys: readonly Key[] = [
    ...keysOfTabs,
    { key: 'j', words: 'Next in the list' },
    { key: 'k', words: 'The one before' },
    { key: 'Enter', words: 'Open it' },
    { key: 'f', words: 'Search by customer' },
    { key: 'n', words: 'Write a new action', act: begin },
  ];
  useKeys(keys, !isNew);
  if (isNew) {
    return (
      <Screen
        title="A new action"
        actions={
          <ActButton right="offers:read" onClick={() => setUrl({ do: undefined })}>
            Back to the list
          </ActButton>
        }
      >
        <Scroll>
          <ActionDesk
            action={undefined}
            done={(code) => setUrl({ do: undefined, tab: 'actions', id: code })}
          />
        </Scroll>
      </Screen>
    );
  }
  return (
    <Screen
      title="Offers"
      about="Policy says who may be offered what; of that, P × C × V × L says what comes first"
      actions={
        <>
          <KeysButton keys={keys} />
          <ActButton right="offers:write" onClick={begin}>
            New action
          </ActButton>
        </>
      }
    >
      <PageTabs tabs={tabs} shown={shown} flush={shown !== 'policy'}>
        {shown === 'offers' && <OfferList />}
        {shown === 'actions' && <ActionList />}
        {shown === 'policy' && <ContactPolicyView />}
      </PageTabs>
    </Screen>
  );
}
