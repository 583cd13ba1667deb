// The form for a replay: which decisions, from when to when, and made by what.
import { Button, Group, Radio, Select, Stack, Text, Title } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import type { Api } from '../../api/openapi.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { InstantInput, instantAt, localText } from '../../parts/instant-input.tsx';
import { ActButton } from '../../parts/may.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { useZone } from '../../parts/time.tsx';

type Body = Api['POST /v1/replays']['body'];
type Asked = {
  readonly kind: Body['kind'];
  readonly point?: string | undefined;
  readonly bundle?: string | undefined;
  readonly model?: string | undefined;
  readonly version?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

type FieldsProps = { readonly asked: Asked; readonly set: (change: Partial<Asked>) => void };

export function NewReplay({ done }: { readonly done: (id: string) => void }) {
  const [asked, setAsked] = useSessionStorage<Asked>({
    ...{ key: 'a new replay', defaultValue: { kind: 'same' } },
  });
  const set = (change: Partial<Asked>) => setAsked({ ...asked, ...change });
  const act = useAct('POST /v1/replays', ['GET /v1/replays']);
  const body = bodyOf(asked);
  const start = () => body && act.mutate({ body }, { onSuccess: ({ id }) => done(id) });
  return (
    <form
      className="beside"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Title order={2}>A new replay</Title>
      <Stack gap="md" className="below">
        <Radio.Group
          label="What makes the decisions"
          value={asked.kind}
          onChange={(kind) => set({ kind: kind as Body['kind'] })}
        >
          <Stack gap={8} mt={6}>
            <Radio size="xs" value="same" label="What made them: does the same come out?" />
            <Radio
              size="xs"
              value="policy"
              label="Another bundle of a policy: what would change?"
            />
            <Radio size="xs" value="model" label="Another version of a model: what would change?" />
          </Stack>
        </Radio.Group>
        <PolicyFields asked={asked} set={set} />
        {asked.kind === 'model' && <ModelFields asked={asked} set={set} />}
        <SpanFields asked={asked} set={set} />
        {act.error && <ProblemNote error={act.error} />}
        <Group justify="flex-end">
          <ActButton
            right="policy:decide"
            variant="filled"
            loading={act.isPending}
            unless={body === undefined ? missingWords(asked) : undefined}
            onClick={start}
          >
            Start
          </ActButton>
        </Group>
      </Stack>
    </form>
  );
}

function bodyOf(asked: Asked): Body | undefined {
  const { kind, point, bundle, model, version, from, to } = asked;
  const span = { ...(from ? { from } : {}), ...(to ? { to } : {}) };
  const at = point ? { point } : {};
  if (kind === 'same') return { kind, ...at, ...span };
  if (kind === 'policy') return bundle ? { kind, ...at, bundle, ...span } : undefined;
  if (!model || !version) return undefined;
  return { kind, ...at, model: { name: model, version: Number(version) }, ...span };
}

function missingWords({ kind }: Asked): string {
  return kind === 'policy' ? 'Choose a policy and a bundle' : 'Choose a model and a version';
}

function PolicyFields({ asked, set }: FieldsProps) {
  const points = useApi('GET /v1/policies', { query: { limit: 100 } });
  const name = asked.point ?? '';
  const bundles = useApi(
    'GET /v1/policies/{name}/bundles',
    { path: { name } },
    { enabled: asked.kind === 'policy' && name !== '' },
  );
  return (
    <Group grow align="flex-start">
      <Select
        label="Policy"
        placeholder={asked.kind === 'policy' ? 'Choose one' : 'All of them'}
        clearable
        searchable
        data={(points.data?.items ?? []).map((each) => each.name)}
        value={asked.point ?? null}
        onChange={(point) => set({ point: point ?? undefined, bundle: undefined })}
      />
      {asked.kind === 'policy' && (
        <Select
          label="Bundle"
          placeholder={name === '' ? 'Choose a policy first' : 'Choose one'}
          disabled={name === ''}
          data={(bundles.data?.items ?? []).map(({ digest, version, standing }) => ({
            value: digest,
            label: `${version.slice(version.indexOf('@') + 1)} · ${standing}`,
          }))}
          value={asked.bundle ?? null}
          onChange={(bundle) => set({ bundle: bundle ?? undefined })}
        />
      )}
    </Group>
  );
}

function ModelFields({ asked, set }: FieldsProps) {
  const models = useApi('GET /v1/models', { query: { limit: 100 } });
  const name = asked.model ?? '';
  const versions = useApi(
    'GET /v1/models/{name}/versions',
    { path: { name } },
    { enabled: name !== '' },
  );
  return (
    <Group grow align="flex-start">
      <Select
        label="Model"
        placeholder="Choose one"
        data={(models.data?.items ?? []).map((each) => each.name)}
        value={asked.model ?? null}
        onChange={(model) => set({ model: model ?? undefined, version: undefined })}
      />
      <Select
        label="Version"
        placeholder={name === '' ? 'Choose a model first' : 'Choose one'}
        disabled={name === ''}
        data={(versions.data?.items ?? []).map(({ version }) => String(version))}
        value={asked.version ?? null}
        onChange={(version) => set({ version: version ?? undefined })}
      />
    </Group>
  );
}

function SpanFields({ asked, set }: FieldsProps) {
  const zone = useZone();
  const isReversed = asked.from !== undefined && asked.to !== undefined && asked.to <= asked.from;
  /** Midnight of the bank's day, so many days ago. */
  const midnight = (daysAgo: number) => {
    const day = localText(new Date(Date.now() - daysAgo * dayMs).toISOString(), zone).slice(0, 10);
    return instantAt(`${day}T00:00`, zone);
  };
  const since = (ms: number) => new Date(Date.now() - ms).toISOString();
  const presets = [
    ['Last hour', () => ({ from: since(hourMs), to: undefined })],
    ['Today', () => ({ from: midnight(0), to: undefined })],
    ['Last 24 h', () => ({ from: since(dayMs), to: undefined })],
    ['Yesterday', () => ({ from: midnight(1), to: midnight(0) })],
    ['All', () => ({ from: undefined, to: undefined })],
  ] as const;
  return (
    <Stack gap="xs">
      <Group gap={6}>
        <Text fw={500} fz="sm">
          Which decisions
        </Text>
        {presets.map(([label, span]) => (
          <Button key={label} size="compact-xs" variant="default" onClick={() => set(span())}>
            {label}
          </Button>
        ))}
      </Group>
      <Group grow align="flex-start">
        <InstantInput label="From" value={asked.from} onChange={(from) => set({ from })} />
        <InstantInput
          label="To, not included"
          value={asked.to}
          onChange={(to) => set({ to })}
          error={isReversed ? 'Lies before the beginning' : undefined}
        />
      </Group>
    </Stack>
  );
}
