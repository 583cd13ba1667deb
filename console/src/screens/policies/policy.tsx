// One policy: what is in force and why, how it came to be, what waits, and what is tried beside it.
import { Button, Group, Tabs } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useRefresh } from '../../api/live.ts';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { BundleView } from './bundle-view.tsx';
import { Drafts } from './drafts.tsx';
import { History } from './history.tsx';
import { usePoints, useTitles } from './policies.tsx';
import { RollBack } from './roll-back.tsx';
import type { Bundle, Point } from './shape.ts';
import { Trials } from './trials.tsx';
import { Standing, Version } from './version.tsx';

const tabs = [
  ['rules', 'In force'],
  ['history', 'History'],
  ['drafts', 'Drafts'],
  ['trials', 'Shadow and canary'],
] as const;

export function PolicyPage() {
  const { name } = useParams({ strict: false }) as { readonly name: string };
  const points = usePoints();
  const point = points.items.find((each) => each.name === name);
  const titles = useTitles();
  const title = titles.get(name) ?? name;
  if (points.error) {
    return (
      <Screen title={title}>
        <Scroll>
          <ProblemNote error={points.error} retry={points.refetch} />
        </Scroll>
      </Screen>
    );
  }
  if (!point) {
    return (
      <Screen title={title}>
        {points.isPending || points.hasMore ? (
          <Loading />
        ) : (
          <Empty title="There is no such policy">Nothing is decided at a point of this name.</Empty>
        )}
      </Screen>
    );
  }
  return <Policy point={point} title={title} />;
}

function Policy({ point, title }: { readonly point: Point; readonly title: string }) {
  const [{ tab = 'rules' }, setUrl] = useUrl();
  const navigate = useNavigate();
  const { name } = point;
  const edit = () => void navigate({ to: `/policies/${name}/edit` as never });
  useRefresh(['policy.'], ['GET /v1/policies/{name}', 'GET /v1/policies/{name}/bundles']);
  const keys: readonly Key[] = [
    ...tabs.map(([id, label], index) => ({
      ...{ key: `${index + 1}`, words: label, act: () => setUrl({ tab: id }) },
    })),
    { key: 'f', words: 'Find in the rules' },
    { key: 'e', words: 'Edit', act: edit },
  ];
  useKeys(keys);
  return (
    <Screen
      title={title}
      about={<About point={point} />}
      actions={
        <>
          <KeysButton keys={keys} />
          <RollBack point={point} />
          <ActButton right="policy:write" variant="filled" onClick={edit}>
            Edit
          </ActButton>
        </>
      }
    >
      <Tabs
        className="tabbed"
        value={tab}
        onChange={(next) => setUrl({ tab: next ?? undefined, q: undefined })}
      >
        <Tabs.List px="md">
          {tabs.map(([id, label]) => (
            <Tabs.Tab key={id} value={id}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div className="screen-scroll" tabIndex={-1}>
          <Tabs.Panel value="rules">
            <InForce point={point} />
          </Tabs.Panel>
          <Tabs.Panel value="history">
            <History name={name} />
          </Tabs.Panel>
          <Tabs.Panel value="drafts">
            <Drafts name={name} />
          </Tabs.Panel>
          <Tabs.Panel value="trials">
            <Trials point={point} />
          </Tabs.Panel>
        </div>
      </Tabs>
    </Screen>
  );
}

function About({ point }: { readonly point: Point }) {
  const { live, shadow, canary, scheduled } = point;
  return (
    <Group gap={14} wrap="nowrap">
      {live && (
        <span>
          <Version {...live} /> in force{' '}
          {live.effective_at ? <Time at={live.effective_at} /> : 'from the first day'}
        </span>
      )}
      {shadow && <Standing word="shadow" />}
      {canary && <Standing word="canary" />}
      {scheduled.map(({ digest, version, effective_at }) => (
        <span key={digest}>
          <Version digest={digest} version={version} /> follows <Time at={effective_at} />
        </span>
      ))}
    </Group>
  );
}

function InForce({ point: { live, name } }: { readonly point: Point }) {
  const digest = live?.digest ?? '';
  const { data, error, refetch } = useApi(
    'GET /v1/policy-bundles/{digest}',
    { path: { digest } },
    { enabled: live !== null },
  );
  const navigate = useNavigate();
  if (live === null) {
    return (
      <Empty
        title="Nothing decides here yet"
        action={
          <Button onClick={() => void navigate({ to: `/policies/${name}/edit` as never })}>
            Write the first bundle
          </Button>
        }
      />
    );
  }
  if (error) return <ProblemNote error={error} retry={refetch} />;
  return data ? <BundleView bundle={data.bundle as Bundle} /> : <Loading />;
}
