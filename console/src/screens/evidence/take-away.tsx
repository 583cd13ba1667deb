// What leaves the house: the keys by which others verify, and decisions as a file that proves itself.
import { Button } from '@mantine/core';
import { useState } from 'react';
import { addressOf } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { InstantInput } from '../../parts/instant-input.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Section } from '../../parts/section.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Copied } from './head.tsx';

const dayMs = 86_400_000;

/** Deep-linked: a span that was asked for is a span that can be asked for again. */
export function DecisionExport() {
  const [url, setUrl] = useUrl();
  const [now] = useState(() => Date.now());
  const from = url['since'] ?? new Date(now - dayMs).toISOString();
  const to = url['until'] ?? new Date(now).toISOString();
  const may = useMay()('policy:read');
  const isTurned = from >= to;
  const words = 'Download decisions';
  return (
    <Section title="Decisions as a file" about="each with its proof, under one seal">
      <div className="range">
        <InstantInput label="From" value={from} onChange={(since) => setUrl({ since })} />
        <InstantInput
          label="Up to"
          value={to}
          onChange={(until) => setUrl({ until })}
          error={isTurned ? 'must be later' : undefined}
        />
      </div>
      <div className="act-line">
        {may.allowed && !isTurned ? (
          <Button
            variant="default"
            component="a"
            href={addressOf('/v1/decisions/export', {}, { from, to })}
            download="decisions.jsonl"
          >
            {words}
          </Button>
        ) : (
          <ActButton
            right="policy:read"
            unless={isTurned ? 'The span ends before it begins' : undefined}
            onClick={() => undefined}
          >
            {words}
          </ActButton>
        )}
        <span className="dimmed">JSON lines, for any verifier offline</span>
      </div>
    </Section>
  );
}

export function VerifierKeys() {
  const { data, error, refetch } = useApi('GET /v1/checkpoint/keys', {});
  return (
    <Section title="Verifier keys" about="the current one first">
      <p className="verify-words dimmed">
        For whoever checks receipts offline. Hand them over by a way that is trusted: a key that
        comes with a receipt proves nothing.
      </p>
      {error && <ProblemNote error={error} retry={refetch} />}
      {data?.keys.map((key) => (
        <div key={key} className="key">
          <Copied text={key} />
        </div>
      ))}
    </Section>
  );
}
