// A bundle by its version, as a link to its page; and what became of it.
import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { State, type Tone } from '../../parts/state.tsx';
import { bundlePlace, shortVersion } from './shape.ts';

export function Version({
  digest,
  version,
}: {
  readonly digest: string;
  readonly version: string;
}) {
  return (
    <Tooltip label={version}>
      <Link to={bundlePlace(digest) as never} className="mono">
        {shortVersion(version)}
      </Link>
    </Tooltip>
  );
}

const tones: Readonly<Record<string, readonly [Tone, string]>> = {
  live: ['good', 'in force'],
  canary: ['wait', 'canary'],
  shadow: ['look', 'shadow'],
  scheduled: ['wait', 'scheduled'],
  past: ['still', 'was in force or tried'],
  draft: ['still', 'draft'],
};

export function Standing({ word }: { readonly word: string }) {
  const [tone, text] = tones[word] ?? ['still', word];
  return (
    <State word={word === 'live' ? 'active' : word} tone={tone}>
      {text}
    </State>
  );
}
