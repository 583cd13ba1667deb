// What a replay was asked for, in words.
import { useZone, instantText } from '../../parts/time.tsx';
import type { Replay } from './replays.tsx';

export type Request = {
  readonly point?: string;
  readonly bundle?: string;
  readonly model?: { readonly name: string; readonly version: number };
  readonly from?: number | string;
  readonly to?: number | string;
};

/** Digits of a digest that tell bundles apart, as versions do. */
const digitsShown = 12;

export function requestOf({ request }: Pick<Replay, 'request'>): Request {
  return request as Request;
}

export function kindWords(replay: Pick<Replay, 'kind' | 'request'>): string {
  const { point, bundle, model } = requestOf(replay);
  const where = point === undefined ? 'all points' : point;
  switch (replay.kind) {
    case 'policy':
      return `${where}, by the bundle ${bundle?.slice(0, digitsShown) ?? ''}`;
    case 'model':
      return `${where}, on the model ${model?.name ?? ''} ${model?.version ?? ''}`;
    default:
      return `${where}, as it was`;
  }
}

export function spanWords(replay: Pick<Replay, 'request'>) {
  return <Span {...requestOf(replay)} />;
}

function Span({ from, to }: Request) {
  const zone = useZone();
  const text = (bound: number | string) =>
    typeof bound === 'number' ? `position ${bound}` : instantText(bound, zone, false);
  if (from === undefined && to === undefined) return <>all that is recorded</>;
  if (to === undefined) return <>since {text(from as number | string)}</>;
  if (from === undefined) return <>until {text(to)}</>;
  return (
    <>
      {text(from)} to {text(to)}
    </>
  );
}
