// A bundle: what it changes, what it says, what it would have done, and its way into force.
import { Group, Tabs } from '@mantine/core';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useRefresh } from '../../api/live.ts';
import { useUrl } from '../../app/url.ts';
import { CopyId } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { Backtest } from './backtest.tsx';
import { BundleView } from './bundle-view.tsx';
import { countWords, DiffOf, useDiff } from './diff.tsx';
import { usePoints } from './policies.tsx';
import { type Bundle, type Point, shortVersion } from './shape.ts';
import { standingOf, Way } from './way.tsx';
import { Standing, Version } from './version.tsx';
import type { Api } from '../../api/openapi.ts';

export type OnRecord = Api['GET /v1/policy-bundles/{digest}']['answer'];

const tabs = [
  ['changes', 'Changes'],
  ['rules', 'Rules'],
  ['backtest', 'Back-test'],
  ['json', 'JSON'],
] as const;

export function BundlePage() {
  const { digest } = useParams({ strict: false }) as { readonly digest: string };
  const { data, error, refetch } = useApi('GET /v1/policy-bundles/{digest}', { path: { digest } });
  const points = usePoints();
  if (error ?? points.error) {
    return (
      <Screen title="Bundle">
        <Scroll>
          <ProblemNote
            error={error ?? points.error}
            retry={() => Promise.all([refetch(), points.refetch()])}
          />
        </Scroll>
      </Screen>
    );
  }
  if (!data || points.isPending) {
    return (
      <Screen title="Bundle">
        <Loading />
      </Screen>
    );
  }
  const point = points.items.find(({ name }) => name === data.name) ?? nowhere(data.name);
  return <OneBundle onRecord={data} point={point} />;
}

/** Of a point at which nothing was ever published. */
function nowhere(name: string): Point {
  return { name, live: null, scheduled: [], shadow: null, canary: null, published: null };
}

function OneBundle({ onRecord, point }: { readonly onRecord: OnRecord; readonly point: Point }) {
  const { digest, name, version } = onRecord;
  const bundle = onRecord.bundle as Bundle;
  const isLive = point.live?.digest === digest;
  const [{ tab = isLive ? 'rules' : 'changes' }, setUrl] = useUrl();
  const navigate = useNavigate();
  const edit = () =>
    void navigate({ to: `/policies/${name}/edit` as never, search: { from: digest } as never });
  useRefresh(['policy.', 'approval.'], ['GET /v1/approvals', 'GET /v1/approvals/{id}']);
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
      title={`${name} ${shortVersion(version)}`}
      about={<About onRecord={onRecord} point={point} />}
      actions={
        <>
          <KeysButton keys={keys} />
          <ActButton right="policy:write" onClick={edit}>
            Edit from here
          </ActButton>
        </>
      }
    >
      <Tabs className="tabbed" value={tab} onChange={(next) => setUrl({ tab: next ?? undefined })}>
        <Tabs.List px="md">
          {tabs.map(([id, label]) => (
            <Tabs.Tab key={id} value={id}>
              {label}
              {id === 'changes' && <ChangesCount digest={digest} against={point.live?.digest} />}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div className="bundle-body">
          <div className="screen-scroll" tabIndex={-1}>
            <Tabs.Panel value="changes">
              <Changes digest={digest} bundle={bundle} point={point} />
            </Tabs.Panel>
            <Tabs.Panel value="rules">
              <BundleView bundle={bundle} />
            </Tabs.Panel>
            <Tabs.Panel value="backtest">
              <Backtest digest={digest} name={name} />
            </Tabs.Panel>
            <Tabs.Panel value="json">
              <Json value={bundle} maxHeight={4_000} />
            </Tabs.Panel>
          </div>
          <Way onRecord={onRecord} point={point} />
        </div>
      </Tabs>
    </Screen>
  );
}

function About({ onRecord, point }: { readonly onRecord: OnRecord; readonly point: Point }) {
  const { digest, name, created_by, created_at } = onRecord;
  return (
    <Group gap={14} wrap="nowrap">
      <Standing word={standingOf(point, digest)} />
      <span>
        of <Link to={`/policies/${name}` as never}>{name}</Link>, drafted by{' '}
        <Who principal={created_by} /> <Time at={created_at} />
      </span>
      <span className="mono" title={digest}>
        <CopyId text={digest} label="Copy the digest" />
      </span>
    </Group>
  );
}

function ChangesCount({
  digest,
  against,
}: {
  readonly digest: string;
  readonly against: string | undefined;
}) {
  const { data } = useDiff(digest, against);
  if (!data || data.changes.length === 0) return null;
  return <span className="dimmed"> {data.changes.length}</span>;
}

function Changes({
  digest,
  bundle,
  point,
}: {
  readonly digest: string;
  readonly bundle: Bundle;
  readonly point: Point;
}) {
  const { live } = point;
  const { data } = useDiff(digest, live?.digest);
  if (live === null) {
    return <Empty title="Nothing is in force to hold it against">It would be the first.</Empty>;
  }
  if (live.digest === digest) {
    return <Empty title="This bundle is in force">There is nothing to hold it against.</Empty>;
  }
  return (
    <div className="bundle-view">
      <div>
        Held against <Version {...live} />, which is in force
        {data && data.changes.length > 0 ? `: ${countWords(data.changes)}.` : '.'}
      </div>
      <DiffOf digest={digest} against={live.digest} bundle={bundle} />
    </div>
  );
}
