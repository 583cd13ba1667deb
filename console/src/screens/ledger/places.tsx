// Small words of the ledger that stand in many rows: whose account, what kind of row, metadata.
import { Tooltip } from '@mantine/core';
import { Id, placeOf, shortId } from '../../parts/id.tsx';
import { State, type Tone, wordsOf } from '../../parts/state.tsx';
import { instantText, useZone } from '../../parts/time.tsx';
import { unturned } from '../../parts/turning.ts';
import { type Kind, kindSentences } from './words.ts';

const tones: Readonly<Record<Kind, Tone>> = {
  ...{ post: 'good', capture: 'good', reverse: 'look', hold: 'wait', increase: 'wait' },
  ...{ void: 'still', expire: 'still' },
};
const icons: Readonly<Record<Kind, string>> = {
  ...{ post: 'posted', capture: 'captured', reverse: 'reversed', hold: 'hold', increase: 'hold' },
  ...{ void: 'voided', expire: 'expired' },
};

export function KindState({ kind }: { readonly kind: Kind }) {
  return (
    <Tooltip label={kindSentences[kind]}>
      <span>
        <State word={icons[kind]} tone={tones[kind]}>
          {kind}
        </State>
      </span>
    </Tooltip>
  );
}

/** A party has a page; other holders are references of the bank's own. */
export function Holder({ id }: { readonly id: string | null }) {
  if (id === null) return <span className="dimmed">none</span>;
  return placeOf(id) ? <Id id={id} /> : <span className="mono clip">{id}</span>;
}

export function Metadata({ of }: { readonly of: Readonly<Record<string, string>> | null }) {
  const pairs = Object.entries(of ?? {});
  if (pairs.length === 0) return <span className="dimmed">none</span>;
  return (
    <span className="ledger-metadata">
      {pairs.map(([name, value]) => (
        <span key={name}>
          <span className="dimmed">{name}</span> <span className="mono">{value}</span>
        </span>
      ))}
    </span>
  );
}

/** In a row there is place for the values alone. */
export function aboutOf(metadata: Readonly<Record<string, string>> | null): string {
  return unturned(Object.values(metadata ?? {}).join(' · '));
}

/** The whole instant in a narrow column: its zone is that of the bank, told on hover. */
export function Instant({ at }: { readonly at: string }) {
  const zone = useZone();
  return (
    <time dateTime={at} className="time" title={`${instantText(at, zone)} ${zone}`}>
      {instantText(at, zone)}
    </time>
  );
}

/** In a chip: ids keep their underscores, words lose them. */
export function idText(_name: string, value: string): string {
  const short = shortId(value);
  return short === value ? wordsOf(value) : short;
}
