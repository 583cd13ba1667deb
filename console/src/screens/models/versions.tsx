// All versions of a model, and two of them side by side.
import { Button, VisuallyHidden } from '@mantine/core';
import { useUrl } from '../../app/url.ts';
import { Id } from '../../parts/id.tsx';
import { Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Compare } from './compare.tsx';
import { type Listed, type Model, rolesOf } from './shapes.ts';
import { useListed, VersionPicker } from './version-picker.tsx';

export function Versions({ model }: { readonly model: Model }) {
  const [url] = useUrl();
  const { data, error, refetch } = useListed(model.name);
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const now = model.production?.version ?? model.versions;
  const a = Number(url['a']) || otherThan(now, data.items);
  const b = Number(url['b']) || now;
  return (
    <Scroll>
      <table className="plain">
        <thead>
          <tr>
            <th>Version</th>
            <th>Now</th>
            <th>Registered</th>
            <th>By</th>
            <th>Card</th>
            <th>Artefact</th>
            <th>
              <VisuallyHidden>Look at</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((version) => (
            <Row key={version.version} {...{ model, version }} />
          ))}
        </tbody>
      </table>
      {data.items.length < 2 ? (
        <Empty title="One version so far">
          When another one is registered, the two stand here side by side: their figures, inputs,
          training and how they do with the bank’s own cases.
        </Empty>
      ) : (
        <>
          <div className="compare-head">
            <h2>Compare</h2>
            <VersionPicker {...{ model, value: a, name: 'a', label: 'Compare' }} />
            <span className="dimmed">with</span>
            <VersionPicker {...{ model, value: b, name: 'b', label: 'With' }} />
          </div>
          <Compare {...{ model, a, b }} />
        </>
      )}
    </Scroll>
  );
}

/** What one wants to compare with what decides: the newest, or else the one before. */
function otherThan(version: number, listed: readonly Listed[]): number {
  return listed.find((each) => each.version !== version)?.version ?? version;
}

function Row({ model, version }: { readonly model: Model; readonly version: Listed }) {
  const [, setUrl] = useUrl();
  const roles = rolesOf(model, version.version);
  const look = (tab: string) => () => setUrl({ tab, version: String(version.version) });
  return (
    <tr>
      <th scope="row">v{version.version}</th>
      <td>
        {roles.length === 0 && !version.suspended && <span className="dimmed">–</span>}
        {version.suspended && (
          <span style={{ marginRight: 10 }}>
            <State word="suspended" />
          </span>
        )}
        {roles.map((role) => (
          <span key={role} style={{ marginRight: 10 }}>
            <State word={role === 'previous' ? 'none' : role}>
              {role === 'previous' ? 'was before' : role}
            </State>
          </span>
        ))}
      </td>
      <td>
        <Time at={version.registered_at} />
      </td>
      <td>{version.registered_by}</td>
      <td>
        <Id id={version.card_digest.slice(0, 12)} link={false} />
      </td>
      <td>
        <Id id={version.artefact.slice(0, 12)} link={false} />
      </td>
      <td data-align="end">
        <Button variant="subtle" size="compact-xs" onClick={look('card')}>
          Card
        </Button>
        <Button variant="subtle" size="compact-xs" onClick={look('lineage')}>
          Lineage
        </Button>
      </td>
    </tr>
  );
}
