// One feature: how it is counted, what stands in when nothing is known, and which models read it.
import { Link } from '@tanstack/react-router';
import { CopyId } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Facts } from '../../parts/screen.tsx';
import {
  aggregateOf,
  type Feature,
  howText,
  type LookUp,
  valueText,
  windowText,
} from './shapes.ts';
import type { User } from './users.ts';

export function FeatureDetail({
  feature,
  users,
  found,
}: {
  readonly feature: Feature;
  readonly users: readonly User[];
  readonly found: LookUp | undefined;
}) {
  const value = found?.features.find(({ id }) => id === feature.id);
  const { parts } = aggregateOf(feature);
  return (
    <div className="feature">
      <h2 className="mono">
        {feature.id} <CopyId text={feature.id} />
      </h2>
      <p className="text">{feature.description}</p>
      <Facts
        of={{
          Value:
            found && value ? (
              <>
                <b>{valueText(value.value)}</b> {value.value === null ? '' : value.unit}{' '}
                <span className="dimmed">of {found.id}</span>
              </>
            ) : undefined,
          Of: feature.entity,
          What: howText(feature),
          Window: windowText(feature),
          Unit: feature.unit,
          'If nothing is known': feature.default === null ? 'missing' : valueText(feature.default),
          'Made of': parts?.map((part) => (
            <div key={part}>
              <Link to="." search={{ id: part } as never} className="mono">
                {part}
              </Link>
            </div>
          )),
        }}
      />
      <h3>Read by</h3>
      {users.length === 0 ? (
        <p className="dimmed">No model in production, on trial or watched reads it.</p>
      ) : (
        <ul>
          {users.map(({ model, versions }) => (
            <li key={model}>
              <Link to={`/models/${model}` as never}>{model}</Link>{' '}
              {versions.map((version) => `v${version}`).join(', ')}:{' '}
              <Link
                to={`/models/${model}` as never}
                search={{ input: feature.id, inputs: 'all' } as never}
                hash="drift"
              >
                how far it has moved
              </Link>
            </li>
          ))}
        </ul>
      )}
      <h3>As it is declared</h3>
      <Json value={feature.aggregate} />
    </div>
  );
}
