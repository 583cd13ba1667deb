// All models: which version of each decides, what the controls say of it, and what was raised.
import { Tabs } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Screen } from '../../parts/screen.tsx';
import { Alerts } from './alerts.tsx';
import { Controls } from './controls.tsx';
import { HealthTable } from './health.tsx';
import './models.css';
import { RunNow } from './run-now.tsx';
import { Runs } from './runs.tsx';

const tabs = [
  { id: 'health', name: 'Health' },
  { id: 'alerts', name: 'Alerts' },
  { id: 'runs', name: 'What controls found' },
  { id: 'controls', name: 'Controls' },
] as const;

export function Models() {
  const [url, setUrl] = useUrl();
  const tab = tabs.find(({ id }) => id === url['tab'])?.id ?? 'health';
  const { data } = useApi('GET /v1/models', { query: { limit: 200 } });
  useRefresh(['model.'], ['GET /v1/models']);
  useRefresh(['control.', 'alert.'], ['GET /v1/controls/runs', 'GET /v1/alerts']);
  const open = (id: string) => setUrl({ tab: id === 'health' ? undefined : id, id: undefined });
  useHotkeys(tabs.map(({ id }, at) => [String(at + 1), () => open(id)]));
  const stopped = data?.items.filter(({ suspension }) => suspension !== null).length ?? 0;
  const serving = data?.items.filter(({ production }) => production !== null).length ?? 0;
  return (
    <Screen
      title="Models"
      about={data && `${serving} in production${stopped > 0 ? `, ${stopped} of them stopped` : ''}`}
      actions={<RunNow />}
    >
      <Tabs value={tab} onChange={(value) => open(value ?? 'health')} className="model-tabs">
        <Tabs.List>
          {tabs.map(({ id, name }) => (
            <Tabs.Tab key={id} value={id}>
              {name}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="health" className="model-panel">
          <HealthTable />
        </Tabs.Panel>
        <Tabs.Panel value="alerts" className="model-panel">
          <Alerts />
        </Tabs.Panel>
        <Tabs.Panel value="runs" className="model-panel">
          <Runs />
        </Tabs.Panel>
        <Tabs.Panel value="controls" className="model-panel">
          <Controls />
        </Tabs.Panel>
      </Tabs>
    </Screen>
  );
}
