// Which one of a list is looked at: the one in the address, or the first.
import { useNavigate, useParams } from '@tanstack/react-router';
import type { UrlState } from '../../app/url.ts';
import { useUrl } from '../../app/url.ts';

/** `place`: the address of the list. What is asked of another one is not asked of this. */
export function useCurrent(place: string, ids: readonly string[]) {
  const [url] = useUrl();
  const { id: path } = useParams({ strict: false }) as { readonly id?: string };
  const navigate = useNavigate();
  const current = url['id'] ?? path ?? ids[0];
  const select = (id: string) =>
    void navigate({
      to: place as never,
      search: (({ do: _do, ...before }: UrlState) => ({ ...before, id })) as never,
      replace: true,
    });
  const step = (by: number) => {
    const next = ids[Math.max(0, ids.indexOf(current ?? '') + by)];
    if (next !== undefined) select(next);
  };
  return { current, select, step };
}
