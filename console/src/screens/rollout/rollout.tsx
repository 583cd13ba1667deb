// How far each use case may go on its own, and the switch that stops it.
import { Grid as Columns, Stack } from '@mantine/core';
import { Plus } from 'lucide-react';
import { useRefresh } from '../../api/live.ts';
import { useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card, Screen, Scroll } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Effective } from './effective.tsx';
import { KillSwitch } from './kill-switch.tsx';
import { everything, modes, modeWords } from './modes.ts';
import { SettingForm } from './setting-form.tsx';
import { UseCase } from './use-case.tsx';

export function Rollout() {
  const list = useApiPages('GET /v1/rollout', {}, { limit: 200 });
  const [url, setUrl] = useUrl();
  useRefresh(['rollout.', 'approval.'], ['GET /v1/rollout', 'GET /v1/approvals']);
  const mayWrite = useMay()('policy:write').allowed;
  const killed = list.first?.killed ?? [];
  const names = useCaseNames(list.items, killed);
  const start = () => mayWrite && setUrl({ set: 'new' });
  const keys: readonly Key[] = [{ key: 'n', words: 'A new setting', act: start }];
  useKeys(keys, url['set'] === undefined);
  return (
    <Screen
      title="Rollout"
      about="How far AI may go, by use case. The most specific setting counts."
      actions={
        <>
          <ActButton right="policy:write" leftSection={<Plus size={13} />} onClick={start}>
            New setting
          </ActButton>
          <KeysButton keys={keys} />
        </>
      }
    >
      <Scroll>
        <Columns gap="md">
          <Columns.Col span={{ base: 12, lg: 8 }}>
            <Stack gap="md">
              <KillSwitch useCase={everything} isKilled={killed.includes(everything)} />
              {list.error && <ProblemNote error={list.error} retry={list.refetch} />}
              {list.isPending && <Loading />}
              {list.first && names.length === 0 && <NothingSet />}
              {names.map((name) => (
                <UseCase
                  key={name}
                  name={name}
                  settings={list.items.filter(({ use_case }) => use_case === name)}
                  isKilled={killed.includes(name)}
                  isAllKilled={killed.includes(everything)}
                  edit={(id) => setUrl({ set: id })}
                />
              ))}
            </Stack>
          </Columns.Col>
          <Columns.Col span={{ base: 12, lg: 4 }}>
            <Stack gap="md">
              <Ladder />
              <Effective names={names} />
            </Stack>
          </Columns.Col>
        </Columns>
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

function useCaseNames(
  settings: readonly { readonly use_case: string }[],
  killed: readonly string[],
): readonly string[] {
  const named = [...settings.map(({ use_case }) => use_case), ...killed];
  return [...new Set(named)].filter((name) => name !== everything).toSorted();
}

function NothingSet() {
  return (
    <Card>
      <Empty title="No use case is switched on">
        Where nothing is set, nothing acts. A setting lets a use case, such as offers, go as far as
        is told on the right: everywhere, or in one channel, for one product or one cohort.
      </Empty>
    </Card>
  );
}

/** The modes, from nothing to everything. */
function Ladder() {
  return (
    <Card
      title="How far it may go"
      actions={
        <span className="dimmed" style={{ fontWeight: 400 }}>
          further takes a second person
        </span>
      }
    >
      <dl className="facts">
        {modes.flatMap((mode) => {
          const [tone, words] = modeWords[mode];
          return [
            <dt key={`${mode} name`}>
              <State word={mode} tone={tone}>
                {wordsOf(mode)}
              </State>
            </dt>,
            <dd key={`${mode} words`}>{words}</dd>,
          ];
        })}
      </dl>
    </Card>
  );
}
