// The webhooks of the bank, each by where it leads and how it is doing.
import type { useApiPages } from '../../api/queries.ts';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { healthOf, type Hook } from './words.ts';

type HookPages = ReturnType<typeof useApiPages<'GET /v1/webhooks'>>;

/** As long as there is none. */
export function Waiting({ hooks }: { readonly hooks: HookPages }) {
  if (hooks.error) return <ProblemNote error={hooks.error} retry={hooks.refetch} />;
  if (hooks.isPending) return <Loading />;
  return (
    <Empty title="Nobody is told yet">
      A webhook sends the events that you choose to an address of yours, signed, and tries again for
      a day where it is not answered. Press n to set one up.
    </Empty>
  );
}

export function HookList({
  hooks,
  current,
  select,
}: {
  readonly hooks: HookPages;
  readonly current: string | undefined;
  readonly select: (id: string) => void;
}) {
  return (
    <ul aria-label="Webhooks">
      {hooks.items.map((hook) => (
        <li key={hook.id}>
          <button
            type="button"
            className="hook-row"
            aria-current={hook.id === current || undefined}
            onClick={() => select(hook.id)}
          >
            <span className="hook-name clip">{nameOf(hook)}</span>
            <HealthState hook={hook} />
            <span className="dimmed clip">{hook.types.join(', ')}</span>
          </button>
        </li>
      ))}
      {hooks.hasMore && (
        <li>
          <button type="button" className="hook-row" onClick={hooks.more}>
            More
          </button>
        </li>
      )}
    </ul>
  );
}

/** By what somebody wrote about it, or by its host. */
export function nameOf({ description, url }: Hook): string {
  return description === '' ? new URL(url).host : description;
}

export function HealthState({ hook }: { readonly hook: Hook }) {
  const { word, tone, text } = healthOf(hook);
  return (
    <State word={word} tone={tone}>
      {text}
    </State>
  );
}
