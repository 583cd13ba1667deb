// Help: what the planes are, what the words mean, and which keys there are.
import { useUrl } from '../../app/url.ts';
import { Screen } from '../../parts/screen.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { GlossaryView } from './glossary.tsx';
import '../../parts/split.css';
import './help.css';
import { KeysView } from './keys-view.tsx';
import { Planes } from './planes.tsx';

const tabs = [
  ['planes', 'How it works'],
  ['words', 'What the words mean'],
  ['keys', 'Keys'],
] as const;

export function Help() {
  const [url, setUrl] = useUrl();
  const tab = tabs.find(([name]) => name === url['tab'])?.[0] ?? (url['q'] ? 'words' : 'planes');
  const show = (name: string) => () => setUrl({ tab: name });
  const keys: readonly Key[] = [
    ...tabs.map(([name, words], at) => ({ key: String(at + 1), words, act: show(name) })),
    { key: 'f', words: 'Find a word', act: show('words') },
  ];
  useKeys(keys);
  return (
    <Screen
      title="Help"
      actions={
        <>
          <a href="/docs" className="help-link">
            The API
          </a>
          <KeysButton keys={keys} />
        </>
      }
    >
      <div className="help">
        <div className="split-bar">
          <div className="segments" role="group" aria-label="About what">
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
        </div>
        <div className="help-body">
          {tab === 'planes' && <Planes />}
          {tab === 'words' && <GlossaryView />}
          {tab === 'keys' && <KeysView />}
        </div>
      </div>
    </Screen>
  );
}
