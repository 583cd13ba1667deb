// Webhooks: which receivers hear of what happens, how they are doing, and what was sent to them.
import { useNavigate, useParams } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { type UrlState, useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Screen } from '../../parts/screen.tsx';
import { Empty } from '../../parts/states.tsx';
import { HookDialogs } from './dialogs.tsx';
import { HookView } from './hook.tsx';
import { HookList, Waiting } from './list.tsx';
import '../../parts/explorer.css';
import '../../parts/split.css';
import { useLooking } from './looking.ts';
import './webhooks.css';

const right = 'webhooks:write';

export function Webhooks() {
  const may = useMay()(right);
  const hooks = useApiPages('GET /v1/webhooks', {}, { limit: 200, enabled: may.allowed });
  useLooking(hooks.refetch, may.allowed);
  const [url, setUrl] = useUrl();
  const [current, select] = useCurrent(hooks.items[0]?.id);
  const ask = (what: string) => () => current !== undefined && setUrl({ do: what });
  const step = (by: number) => {
    const at = hooks.items.findIndex(({ id }) => id === current);
    const next = hooks.items[Math.max(0, at + by)];
    if (next) select(next.id);
  };
  const keys: readonly Key[] = [
    { key: 'j', words: 'Next webhook', act: () => step(1) },
    { key: 'k', words: 'The one before', act: () => step(-1) },
    { key: 'n', words: 'Set up a webhook', act: () => setUrl({ do: 'new' }) },
    { key: 'p', words: 'Send a ping', act: ask('ping') },
    { key: 'e', words: 'Edit it', act: ask('edit') },
    { key: 'r', words: 'Send again from a position', act: ask('replay') },
  ];
  useKeys(keys, may.allowed && url['do'] === undefined);
  return (
    <Screen
      title="Webhooks"
      about="Receivers that hear of events as they happen, each with a signature"
      actions={
        <>
          <ActButton
            right={right}
            variant="filled"
            leftSection={<Plus size={13} />}
            onClick={() => setUrl({ do: 'new' })}
          >
            Set up a webhook
          </ActButton>
          <KeysButton keys={keys} />
        </>
      }
    >
      {!may.allowed ? (
        <div className="hooks-none">
          <Empty title="Webhooks are closed to you">{may.why}</Empty>
        </div>
      ) : hooks.items.length === 0 ? (
        <div className="hooks-none">
          <Waiting hooks={hooks} />
        </div>
      ) : (
        <div className="hooks">
          <div className="hooks-list">
            <HookList hooks={hooks} current={current} select={select} />
          </div>
          {current === undefined ? (
            <Empty title="Choose a webhook" />
          ) : (
            <HookView key={current} id={current} />
          )}
        </div>
      )}
      <HookDialogs id={current} select={select} />
    </Screen>
  );
}

function useCurrent(first: string | undefined) {
  const [url] = useUrl();
  const { id: path } = useParams({ strict: false }) as { readonly id?: string };
  const navigate = useNavigate();
  const select = (id: string | undefined) =>
    void navigate({
      to: '/webhooks' as never,
      search: (({ id: _id, do: _do, ...before }: UrlState) => ({
        ...before,
        ...(id === undefined ? {} : { id }),
      })) as never,
      replace: true,
    });
  return [url['id'] ?? path ?? first, select] as const;
}
