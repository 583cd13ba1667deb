// Trying a bundle before it decides for all: beside the one in force, or for a share of cases.
import { Group, NumberInput, Select, Stack, Text } from '@mantine/core';
import { useAct } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import type { OnRecord } from './bundle.tsx';
import { staleAfterRelease } from './roll-back.tsx';
import type { Bundle, Point } from './shape.ts';

const wholeBps = 10_000;
const shareFirst = 5;

type Of = { readonly onRecord: OnRecord; readonly point: Point };

export function Try({ onRecord, point }: Of) {
  if (point.live === null) return null;
  return (
    <Stack gap="md" mt="md">
      {point.live.digest !== onRecord.digest && (
        <>
          <ShadowTrial onRecord={onRecord} point={point} />
          <CanaryTrial onRecord={onRecord} point={point} />
        </>
      )}
    </Stack>
  );
}

function ShadowTrial({ onRecord: { name, digest }, point: { shadow } }: Of) {
  const act = useAct('POST /v1/policies/{name}/shadow', staleAfterRelease);
  const isMine = shadow?.digest === digest;
  return (
    <section aria-label="Shadow">
      <Stack gap={6}>
        <Text component="h3" m={0} fw={600} fz="md">
          Shadow
        </Text>
        <Text c="dimmed">
          {isMine
            ? 'It judges every case beside the bundle in force, and decides nothing.'
            : shadow
              ? 'Another bundle is the shadow now: this one would take its place.'
              : 'Let it judge every case from now on, without deciding.'}
        </Text>
        <Group gap={6}>
          <ActButton
            right="policy:write"
            size="compact-xs"
            loading={act.isPending}
            onClick={() => act.mutate({ path: { name }, body: { digest: isMine ? null : digest } })}
          >
            {isMine ? 'Stop the shadow' : 'Start as shadow'}
          </ActButton>
        </Group>
        {act.error && <ProblemNote error={act.error} />}
      </Stack>
    </section>
  );
}

/** Facts that tell cases apart: whose case it is, rather than what it is about. */
function keyFacts({ facts }: Bundle): readonly string[] {
  return Object.entries(facts)
    .filter(([, { type, personal }]) => type === 'string' && personal === undefined)
    .map(([name]) => name)
    .sort((one, other) => Number(other.endsWith('_id')) - Number(one.endsWith('_id')));
}

function CanaryTrial({ onRecord, point: { canary } }: Of) {
  const { name, digest, version } = onRecord;
  const facts = keyFacts(onRecord.bundle as Bundle);
  const [{ share = String(shareFirst), key = facts[0] ?? '' }, setUrl] = useUrl();
  const act = useAct('POST /v1/policies/{name}/canary', staleAfterRelease);
  const share_bps = Math.round(Number(share) * 100);
  const isMine = canary?.digest === digest;
  const start = () =>
    withApproval<'POST /v1/policies/{name}/canary'>((approval_id) =>
      act.mutateAsync({
        path: { name },
        body: { digest, share_bps, key_fact: key, ...(approval_id ? { approval_id } : {}) },
      }),
    ).catch(() => undefined);
  return (
    <section aria-label="Canary">
      <Stack gap={6}>
        <Text component="h3" m={0} fw={600} fz="md">
          Canary
        </Text>
        <Text c="dimmed">
          {isMine
            ? `It decides for ${canary.share_bps / 100} % of all values of ${canary.key_fact}.`
            : 'Let it decide for a share of cases, the same ones every time. Another person approves it.'}
        </Text>
        <CanaryTerms {...{ share, share_bps, keyFact: key, facts }} set={setUrl} />
        <Group gap={6}>
          <ActButton
            right="policy:write"
            size="compact-xs"
            loading={act.isPending}
            unless={isShare(share_bps) ? undefined : 'The share is more than 0 and less than 100 %'}
            onClick={() => void start()}
          >
            {isMine ? 'Change the share' : 'Start as canary'}
          </ActButton>
          {isMine && (
            <ActButton
              right="policy:write"
              size="compact-xs"
              onClick={() => act.mutate({ path: { name }, body: { digest: null } })}
            >
              Stop the canary
            </ActButton>
          )}
        </Group>
        {act.error && (
          <Refusal error={act.error} about={`Let ${version} decide for ${share} % of ${key}`} />
        )}
      </Stack>
    </section>
  );
}

function isShare(bps: number): boolean {
  return Number.isInteger(bps) && bps > 0 && bps < wholeBps;
}

function CanaryTerms({
  share,
  share_bps,
  keyFact,
  facts,
  set,
}: {
  readonly share: string;
  readonly share_bps: number;
  readonly keyFact: string;
  readonly facts: readonly string[];
  readonly set: (change: Readonly<Record<string, string>>) => void;
}) {
  return (
    <Group gap={6} grow align="flex-start">
      <NumberInput
        label="Share"
        suffix=" %"
        decimalScale={2}
        value={share}
        onChange={(next) => set({ share: String(next) })}
        error={!isShare(share_bps)}
      />
      <Select
        label="Of all values of"
        data={[...facts]}
        allowDeselect={false}
        searchable
        value={keyFact}
        onChange={(next) => next && set({ key: next })}
      />
    </Group>
  );
}
