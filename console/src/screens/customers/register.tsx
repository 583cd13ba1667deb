// What else is on record of a customer: how they are reached, screened, recognised, and limited.
import { useQueries, useQuery } from '@tanstack/react-query';
import { addressOf, type Answer, ApiProblem, call } from '../../api/client.ts';
import type { Problem } from '../../api/openapi.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Id } from '../../parts/id.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { LimitKey, Measured, type Window, windowText } from '../decisions/limits.tsx';
import type { Account } from './accounts.tsx';

type ContactPoints = Answer<'GET /v1/parties/{id}/contacts'>;

export function Contacts({ id, purpose }: { readonly id: string; readonly purpose: string }) {
  const may = useMay()('register:read').allowed;
  const { data, error } = useQuery<ContactPoints, ApiProblem>({
    queryKey: ['GET /v1/parties/{id}/contacts', { path: { id } }, purpose],
    queryFn: async ({ signal }) => {
      const response = await fetch(addressOf('/v1/parties/{id}/contacts', { id }), {
        headers: { accept: 'application/json', purpose },
        credentials: 'same-origin',
        signal,
      });
      if (!response.ok) throw new ApiProblem((await response.json()) as Problem);
      return (await response.json()) as ContactPoints;
    },
    enabled: may,
  });
  if (!data && !error) return null;
  const points = data?.items ?? [];
  return (
    <Card title="How they are reached">
      {error && <ProblemNote error={error} />}
      {data && points.length === 0 && <span className="dimmed">Nothing is on record.</span>}
      {points.length > 0 && (
        <Facts
          of={Object.fromEntries(
            points.map(({ kind, usage, visible }) => [
              `${wordsOf(kind)}, ${usage}`,
              visible ?? <span className="dimmed">hidden for this purpose</span>,
            ]),
          )}
        />
      )}
    </Card>
  );
}

export function Screenings({ id }: { readonly id: string }) {
  const enabled = useMay()('policy:read').allowed;
  const query = { subject: id, limit: 5 };
  const { data, error, refetch } = useApi('GET /v1/screenings', { query }, { enabled });
  const items = data?.items ?? [];
  return (
    <Card title="Screening">
      {error && <ProblemNote error={error} retry={refetch} />}
      {data && items.length === 0 && (
        <span className="dimmed">Was never compared with the lists under this id.</span>
      )}
      {items.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Result</th>
              <th scope="col">Screening</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ id: screening, screened_at, status, hits, open }) => (
              <tr key={screening}>
                <td>
                  <Time at={screened_at} />
                </td>
                <td>
                  <State word={status} tone={status === 'open' ? 'bad' : 'good'}>
                    {hits === 0 ? 'no hit' : `${hits} ${hits === 1 ? 'hit' : 'hits'}, ${open} open`}
                  </State>
                </td>
                <td>
                  <Id id={screening} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

export function Authenticators({ id }: { readonly id: string }) {
  const may = useMay()('authenticators:read');
  const query = { subject: id };
  const { data, error, refetch } = useApi(
    'GET /v1/authenticators',
    { query },
    { enabled: may.allowed },
  );
  const items = data?.items ?? [];
  const kinds: Readonly<Record<string, string>> = {
    totp: 'App with codes',
    signature: 'Device that signs',
  };
  return (
    <Card title="Authenticators">
      {!may.allowed && <span className="dimmed">{may.why}</span>}
      {error && <ProblemNote error={error} retry={refetch} />}
      {data && items.length === 0 && (
        <span className="dimmed">None is enrolled: a step-up cannot be passed.</span>
      )}
      {items.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">State</th>
              <th scope="col">Enrolled</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ id: own, kind, status, enrolled_at }) => (
              <tr key={own}>
                <td>{kinds[kind] ?? kind}</td>
                <td>
                  <State word={status} tone={status === 'active' ? 'good' : 'still'} />
                </td>
                <td>
                  <Time at={enrolled_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

/** Of so many accounts one looks what is used. */
const accountsMax = 8;

export function Limits({ accounts }: { readonly accounts: readonly Account[] | undefined }) {
  const may = useMay()('policy:read').allowed;
  const read = useQueries({
    queries: (may ? (accounts ?? []) : []).slice(0, accountsMax).map(({ id, currency }) => ({
      queryKey: ['GET /v1/limits', { query: { key: `account:${id}` } }],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const { items } = await call('GET /v1/limits', { query: { key: `account:${id}` }, signal });
        return items.map((each) => ({ ...each, currency }));
      },
    })),
  });
  const used = read.flatMap(({ data }) => data ?? []);
  if (used.length === 0) return null;
  return (
    <Card title="Limits in use">
      <table className="plain">
        <thead>
          <tr>
            <th scope="col">Limit</th>
            <th scope="col">Of</th>
            <th scope="col">Within</th>
            <th scope="col" className="end">
              Used
            </th>
          </tr>
        </thead>
        <tbody>
          {used.map((each) => (
            <tr key={`${each.limit} ${each.key}`}>
              <td>{wordsOf(each.limit.replaceAll('-', '_'))}</td>
              <td>
                <LimitKey of={each.key} />
              </td>
              <td>{windowText(each.window as Window)}</td>
              <td className="end">
                <Measured value={each.used} measure={each.measure} currency={each.currency} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
