// Who may do what: people and machines with their roles, keys and sessions; and the rules behind it.
import { useNavigate, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useRefresh } from '../../api/live.ts';
import { type UrlState, useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { Dialogs } from './dialogs.tsx';
import { KeyList } from './key-list.tsx';
import './people.css';
import { PeopleList, PeopleSide, usePeople } from './people-list.tsx';
import { PersonView } from './person.tsx';
import { Rules } from './rules.tsx';
import { SessionList } from './session-list.tsx';
import { Explorer } from '../../parts/explorer.tsx';
import { rightsReads } from './words.ts';

const tabs = [
  ['people', 'People and machines'],
  ['keys', 'API keys'],
  ['sessions', 'Sessions'],
  ['rules', 'Rules'],
] as const;
type Tab = (typeof tabs)[number][0];

export function People() {
  const [url, setUrl] = useUrl();
  const tab = tabs.find(([name]) => name === url['tab'])?.[0] ?? 'people';
  const [current, select] = useCurrent();
  const people = usePeople();
  useRefresh(['role.', 'api_key.', 'principal.', 'session.', 'entitlements.'], rightsReads);
  const show = (next: Tab) => () =>
    setUrl({ tab: next === 'people' ? undefined : next, q: undefined });
  const keys: readonly Key[] = [
    ...tabs.map(([name, words], at) => ({ key: String(at + 1), words, act: show(name) })),
    { key: 'j', words: 'Next in the list' },
    { key: 'k', words: 'The one before' },
    { key: 'f', words: 'Find by name, role, scope or customer' },
    { key: 'r', words: 'Give the one that is shown a role', act: () => setUrl({ do: 'grant' }) },
    { key: 'i', words: 'Issue an API key', act: () => setUrl({ do: 'issue' }) },
    { key: 'Esc', words: 'Close the panel' },
  ];
  useKeys(keys, url['do'] === undefined && url['ask'] === undefined);
  const panel = current !== undefined && tab !== 'rules' && (
    <Panel label={current} close={() => select(undefined)}>
      <PersonView key={current} principal={current} person={people.of(current)} />
    </Panel>
  );
  const bar = <Tabs tab={tab} show={show} />;
  return (
    <Screen
      title="People and keys"
      about="Who may do what, by which role or key, and why"
      actions={<Actions keys={keys} />}
    >
      {tab === 'rules' ? (
        <div className="explorer-list">
          <div className="split-bar">{bar}</div>
          <Rules />
        </div>
      ) : (
        <Explorer side={<PeopleSide tab={tab} people={people} />} bar={bar} panel={panel}>
          {tab === 'people' && <PeopleList {...{ people, current, select }} />}
          {tab === 'keys' && <KeyList {...{ current, select }} />}
          {tab === 'sessions' && <SessionList {...{ current, select }} />}
        </Explorer>
      )}
      <Dialogs
        principal={current}
        person={current === undefined ? undefined : people.of(current)}
      />
    </Screen>
  );
}

function Actions({ keys }: { readonly keys: readonly Key[] }) {
  const [, setUrl] = useUrl();
  return (
    <>
      <ActButton right="policy:read" onClick={() => setUrl({ do: 'secret' })}>
        Make a secret
      </ActButton>
      <ActButton right="admin" onClick={() => setUrl({ do: 'grant' })}>
        Give a role
      </ActButton>
      <ActButton right="admin" variant="filled" onClick={() => setUrl({ do: 'issue' })}>
        Issue a key
      </ActButton>
      <KeysButton keys={keys} />
    </>
  );
}

function Tabs({
  tab,
  show,
}: {
  readonly tab: Tab;
  readonly show: (tab: Tab) => () => void;
}): ReactNode {
  return (
    <div className="segments" role="group" aria-label="What is listed">
      {tabs.map(([name, words]) => (
        <button
          key={name}
          type="button"
          className="segment"
          aria-pressed={tab === name}
          onClick={show(name)}
        >
          {words}
        </button>
      ))}
    </div>
  );
}

/** Who is looked at: in the address, as a page of its own or beside the list. */
function useCurrent() {
  const [url] = useUrl();
  const { principal: path } = useParams({ strict: false }) as { readonly principal?: string };
  const navigate = useNavigate();
  const select = (principal: string | undefined) =>
    void navigate({
      to: '/people' as never,
      search: (({ id: _id, ...before }: UrlState) => ({
        ...before,
        ...(principal === undefined ? {} : { id: principal }),
      })) as never,
      replace: true,
    });
  return [url['id'] ?? path, select] as const;
}
