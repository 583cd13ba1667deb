// What a publication would change: the rules that differ, and what the back-test found.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { State } from '../../parts/state.tsx';

/** More are the matter of the bundle's own page. */
const changesMax = 12;

type ChangeProps = {
  readonly digest: string;
  /** The bundle that decides now; undefined where none does. */
  readonly against: string | undefined;
  readonly backtest: string | undefined;
};

export function PolicyChange({ digest, against, backtest }: ChangeProps) {
  const { data } = useApi(
    'GET /v1/policy-bundles/{digest}/diff',
    { path: { digest }, query: { against: against ?? '' } },
    { enabled: against !== undefined },
  );
  const tested = useApi(
    'GET /v1/policy-bundles/{digest}/backtests/{id}',
    { path: { digest, id: backtest ?? '' } },
    { enabled: backtest !== undefined },
  ).data?.report as Readonly<Record<string, unknown>> | undefined;
  return (
    <div className="subject-more">
      {tested && (
        <p className="subject-note">
          Back-test: {String(tested['changed'] ?? '?')} of {String(tested['decisions'] ?? '?')}{' '}
          recorded decisions would come out otherwise.{' '}
          <Link
            to={`/policies/bundles/${digest}` as never}
            search={{ tab: 'backtest', backtest } as never}
          >
            See which
          </Link>
        </p>
      )}
      {data && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">Change</th>
              <th scope="col">Part</th>
              <th scope="col">Which</th>
              <th scope="col">Fields</th>
            </tr>
          </thead>
          <tbody>
            {data.changes.slice(0, changesMax).map(({ part, id, change, fields }) => (
              <tr key={`${part} ${id}`}>
                <td>
                  <State word={change} tone={tones[change]} />
                </td>
                <td>{part}</td>
                <td className="mono">{id}</td>
                <td className="dimmed">{fields.join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {data && (
        <p className="subject-note">
          <Link to={`/policies/bundles/${digest}` as never} search={{ tab: 'changes' } as never}>
            {data.changes.length > changesMax
              ? `All ${data.changes.length} changes, before and after`
              : 'Before and after'}
          </Link>
        </p>
      )}
      {against === undefined && (
        <p className="subject-note">Nothing decides there yet: it would be the first.</p>
      )}
    </div>
  );
}

const tones = { added: 'good', removed: 'bad', changed: 'wait', moved: 'still' } as const;
