// What is tried beside the bundle in force: the shadow, held against what was decided, and the
// canary with its share. Both are started from the page of a bundle, or here from a list.
import { Group, Select, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { ApiProblem } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { DriftView } from '../../parts/drift.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { staleAfterRelease } from './roll-back.tsx';
import { type Point, shortVersion } from './shape.ts';
import { Version } from './version.tsx';

const freshMs = 15_000;

export function Trials({ point }: { readonly point: Point }) {
  return (
    <Stack gap="md">
      <Card title="Shadow" actions={point.shadow && <StopTrial name={point.name} kind="shadow" />}>
        {point.shadow ? <Shadow point={point} /> : <StartShadow point={point} />}
      </Card>
      <Card title="Canary" actions={point.canary && <StopTrial name={point.name} kind="canary" />}>
        <Canary point={point} />
      </Card>
    </Stack>
  );
}

function Shadow({ point }: { readonly point: Point }) {
  const { name } = point;
  const { data, error, refetch } = useApi(
    'GET /v1/policies/{name}/shadow',
    { path: { name } },
    { refetchMs: freshMs, keep: true },
  );
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <Stack gap="sm">
      <Text>
        <Version {...data.shadow} /> judges every case beside <Version {...data.live} /> since{' '}
        <Time at={data.since} whole />. It decides nothing. Newest 10,000 decisions at most.
      </Text>
      {data.report.decisions === 0 ? (
        <Text c="dimmed">No case has come since: it is looked at again every few seconds.</Text>
      ) : (
        <DriftView report={data.report} />
      )}
    </Stack>
  );
}

function StartShadow({ point: { name, live } }: { readonly point: Point }) {
  const { data } = useApi('GET /v1/policies/{name}/bundles', { path: { name } });
  const [digest, setDigest] = useState<string | null>(null);
  const act = useAct('POST /v1/policies/{name}/shadow', staleAfterRelease);
  const choices = (data?.items ?? []).filter((each) => each.digest !== live?.digest);
  return (
    <Stack gap="sm">
      <Text c="dimmed" maw={640}>
        Nothing is tried as a shadow. A shadow judges every case from now on beside the bundle in
        force, and decides nothing: it shows what would change before anybody is concerned.
      </Text>
      {choices.length === 0 ? (
        <Text c="dimmed">
          There is no other bundle on record: edit the policy and save a draft.
        </Text>
      ) : (
        <Group gap={6} align="flex-end">
          <Select
            label="Bundle"
            placeholder="Choose a draft"
            w={320}
            data={choices.map((each) => ({
              value: each.digest,
              label: `${shortVersion(each.version)} · ${each.standing} · ${each.title}`,
            }))}
            value={digest}
            onChange={setDigest}
          />
          <ActButton
            right="policy:write"
            unless={digest === null ? 'Choose a bundle first' : undefined}
            loading={act.isPending}
            onClick={() => act.mutate({ path: { name }, body: { digest } })}
          >
            Start the shadow
          </ActButton>
        </Group>
      )}
      {act.error && <ProblemNote error={act.error} />}
    </Stack>
  );
}

function Canary({ point: { canary } }: { readonly point: Point }) {
  if (canary === null) {
    return (
      <Text c="dimmed" maw={640}>
        Nothing decides for a share of cases. A canary is started from the page of a bundle, and
        needs the approval of another person.
      </Text>
    );
  }
  return (
    <Text>
      <Version {...canary} /> decides for {canary.share_bps / 100} % of all values of{' '}
      <span className="mono">{canary.key_fact}</span>; the same ones every time. Decisions of the
      canary are marked in the explorer.
    </Text>
  );
}

function StopTrial({ name, kind }: { readonly name: string; readonly kind: 'shadow' | 'canary' }) {
  const act = useAct(`POST /v1/policies/{name}/${kind}`, staleAfterRelease);
  return (
    <>
      {act.error instanceof ApiProblem && (
        <Text c="red" role="alert">
          {act.error.message}
        </Text>
      )}
      <ActButton
        right="policy:write"
        size="compact-xs"
        loading={act.isPending}
        onClick={() => act.mutate({ path: { name }, body: { digest: null } })}
      >
        Stop the {kind}
      </ActButton>
    </>
  );
}
