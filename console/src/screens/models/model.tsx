// One model: what of it decides, how it does, what it is, where it comes from, what was done.
import { Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Link, useParams } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Screen } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { ModelActions } from './actions.tsx';
import { Acts } from './acts.tsx';
import { CardTab } from './card.tsx';
import { Lineage } from './lineage.tsx';
import { Monitoring } from './monitoring.tsx';
import './models.css';
import { Runs } from './runs.tsx';
import { type Model, modelReads } from './shapes.ts';
import { Standing } from './standing.tsx';
import { Versions } from './versions.tsx';

const tabs = [
  { id: 'monitoring', name: 'Monitoring', Content: Monitoring },
  { id: 'card', name: 'Card', Content: CardTab },
  { id: 'lineage', name: 'Lineage', Content: Lineage },
  { id: 'versions', name: 'Versions', Content: Versions },
  { id: 'acts', name: 'Acts', Content: Acts },
  {
    id: 'runs',
    name: 'Controls',
    Content: ({ model }: { model: Model }) => <Runs model={model.name} />,
  },
] as const;

export function ModelPage() {
  const { name } = useParams({ strict: false }) as { name: string };
  const { data, error, refetch } = useApi('GET /v1/models/{name}', { path: { name } });
  useRefresh(['model.'], modelReads);
  useRefresh(['control.', 'alert.'], ['GET /v1/controls/runs', 'GET /v1/alerts']);
  if (error && !data) {
    return (
      <Screen title={name}>
        <div className="model-problem">
          <ProblemNote error={error} retry={refetch} />
        </div>
      </Screen>
    );
  }
  if (!data) return <Loading />;
  return (
    <Screen
      title={data.name}
      about={<About model={data} />}
      actions={<ModelActions model={data} />}
    >
      <div className="model">
        <Standing model={data} />
        <ModelTabs model={data} />
      </div>
    </Screen>
  );
}

function About({ model }: { readonly model: Model }) {
  const { point, production, suspension } = model;
  return (
    <span className="model-about">
      {suspension ? (
        <State word="suspended">stopped</State>
      ) : production ? (
        <State word="production" />
      ) : (
        <State word="none">not in production</State>
      )}
      <span>
        its scores are for <Link to={`/policies/${point}` as never}>{point}</Link>
      </span>
    </span>
  );
}

function ModelTabs({ model }: { readonly model: Model }) {
  const [url, setUrl] = useUrl();
  const tab = tabs.find(({ id }) => id === url['tab']) ?? tabs[0];
  const open = (id: string) => setUrl({ tab: id === 'monitoring' ? undefined : id, id: undefined });
  useHotkeys(tabs.map(({ id }, at) => [String(at + 1), () => open(id)]));
  return (
    <Tabs value={tab.id} onChange={(value) => open(value ?? '')} className="model-tabs">
      <Tabs.List>
        {tabs.map(({ id, name }) => (
          <Tabs.Tab key={id} value={id}>
            {name}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={tab.id} className="model-panel">
        <tab.Content model={model} />
      </Tabs.Panel>
    </Tabs>
  );
}
