// How far each use case may go on its own, and the switch that stops it.
import { Button, Group, Stack, Table, Text, TextInput } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import { useUrl } from '../../app/url.ts';
import type { Answer } from '../../api/client.ts';
import { useRefresh } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { Id } from '../../parts/id.tsx';
import { Card, Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { State, type Tone, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { SettingForm } from './setting-form.tsx';
import { KillSwitch } from './kill-switch.tsx';

export type Setting = Answer<'GET /v1/rollout'>['items'][number];
export type Mode = Setting['mode'];

/** What each mode means for the people who meet it. */
export const modeWords: Readonly<Record<Mode, readonly [Tone, string]>> = {
  off: ['still', 'Does nothing.'],
  shadow: ['look', 'Says what it would do; nobody acts on it.'],
  human_in_the_loop: ['look', 'Proposes; a person decides.'],
  canary: ['wait', 'Acts alone for a share of customers; for the others a person decides.'],
  automatic: ['good', 'Acts alone.'],
};

/** Every use case, in the API. */
export const everything = '*';

export function Rollout() {
  const list = useApiPages('GET /v1/rollout', {}, { limit: 200 });
  const [url, setUrl] = useUrl();
  useRefresh(['rollout.', 'approval.'], ['GET /v1/rollout', 'GET /v1/approvals']);
  const killed = list.first?.killed ?? [];
  const names = new Set([
    ...list.items.map(({ use_case }) => use_case),
    ...killed.filter((name) => name !== everything),
  ]);
  return (
    <Screen
      title="Rollout"
      about="How far AI may go, by use case. The most specific setting counts."
      actions={
        <Button
          variant="default"
          leftSection={<Plus size={13} />}
          onClick={() => setUrl({ set: 'new' })}
        >
          New setting
        </Button>
      }
    >
      <Scroll>
        <Stack gap="md" maw={1080}>
          <KillSwitch useCase={everything} isKilled={killed.includes(everything)} />
          {list.error && <ProblemNote error={list.error} retry={list.refetch} />}
          {list.isPending && <Loading />}
          {!list.isPending && !list.error && names.size === 0 && (
            <Card>
              <Empty title="No use case is switched on">
                Where nothing is set, nothing acts. A setting lets a use case, such as offers,
                watch, propose, act for some, or act for all.
              </Empty>
            </Card>
          )}
          {[...names].sort().map((name) => (
            <UseCase
              key={name}
              name={name}
              settings={list.items.filter(({ use_case }) => use_case === name)}
              isKilled={killed.includes(name)}
              isAllKilled={killed.includes(everything)}
              edit={(id) => setUrl({ set: id })}
            />
          ))}
          <Effective />
        </Stack>
      </Scroll>
      {url['set'] !== undefined && (
        <SettingForm
          setting={list.items.find(({ id }) => id === url['set'])}
          close={() => setUrl({ set: undefined })}
        />
      )}
    </Screen>
  );
}

type UseCaseProps = {
  readonly name: string;
  readonly settings: readonly Setting[];
  readonly isKilled: boolean;
  readonly isAllKilled: boolean;
  readonly edit: (id: string) => void;
};

function UseCase({ name, settings, isKilled, isAllKilled, edit }: UseCaseProps) {
  return (
    <Card
      title={wordsOf(name)}
      flush
      actions={
        isAllKilled ? (
          <State word="killed">stopped with everything</State>
        ) : (
          <KillSwitch useCase={name} isKilled={isKilled} compact />
        )
      }
    >
      {settings.length === 0 ? (
        <Text p="sm" c="dimmed">
          Nothing is set: it does nothing.
        </Text>
      ) : (
        <Table>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Where</Table.Th>
              <Table.Th>Mode</Table.Th>
              <Table.Th>What that means</Table.Th>
              <Table.Th>Set</Table.Th>
              <Table.Th aria-label="Change" />
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {settings.map((setting) => (
              <SettingRow key={setting.id} setting={setting} edit={edit} />
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Card>
  );
}

function SettingRow({
  setting,
  edit,
}: {
  readonly setting: Setting;
  readonly edit: (id: string) => void;
}) {
  const { id, mode, percent, set_at, set_by } = setting;
  const [tone, words] = modeWords[mode];
  return (
    <Table.Tr>
      <Table.Td>{placeText(setting)}</Table.Td>
      <Table.Td>
        <State word={mode} tone={tone}>
          {percent === null ? wordsOf(mode) : `${wordsOf(mode)} ${percent} %`}
        </State>
      </Table.Td>
      <Table.Td className="dimmed">{words}</Table.Td>
      <Table.Td>
        <Time at={set_at} /> <span className="dimmed">by</span>{' '}
        <span className="mono">{set_by}</span>
      </Table.Td>
      <Table.Td ta="end">
        <Button variant="subtle" size="compact-xs" onClick={() => edit(id)}>
          Change
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}

/** `everywhere`, or `channel mobile, cohort staff`. */
export function placeText(place: Pick<Setting, 'channel' | 'product' | 'cohort'>): string {
  const named = (['channel', 'product', 'cohort'] as const)
    .filter((name) => place[name] !== everything)
    .map((name) => `${name} ${place[name]}`);
  return named.length === 0 ? 'everywhere' : named.join(', ');
}

/** What holds for one customer, as the decision itself asks. */
function Effective() {
  const [asked, setAsked] = useState<{ readonly use_case: string; readonly key: string }>();
  return (
    <Card title="What holds for one customer">
      <Stack gap="sm">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const given = new FormData(event.currentTarget);
            const [useCase, key] = [given.get('use_case'), given.get('key')];
            if (useCase && key) setAsked({ use_case: String(useCase), key: String(key) });
          }}
        >
          <Group gap="sm" align="end">
            <TextInput name="use_case" label="Use case" required maxLength={80} />
            <TextInput
              name="key"
              label="Customer, or whatever the canary is drawn by"
              required
              miw={280}
            />
            <Button type="submit" variant="default">
              Ask
            </Button>
          </Group>
        </form>
        {asked && <Held asked={asked} />}
      </Stack>
    </Card>
  );
}

function Held({ asked }: { readonly asked: { readonly use_case: string; readonly key: string } }) {
  const { data, error } = useApi('GET /v1/rollout/effective', { query: asked });
  if (error) return <ProblemNote error={error} />;
  if (!data) return <Loading />;
  return (
    <Facts
      of={{
        Mode: <State word={data.mode} tone={modeWords[data.mode][0]} />,
        'Acts alone': data.acts ? 'yes' : 'no',
        Because: wordsOf(data.why),
        Setting: data.setting_id === null ? null : <Id id={data.setting_id} whole />,
      }}
    />
  );
}
