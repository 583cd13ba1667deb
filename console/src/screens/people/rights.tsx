// Everything they may do with the bank as a whole: each right, and the rule that gives or denies it.
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useSession } from '../../api/session.ts';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { scopesOf } from './ask.tsx';
import { type Person, type Scope, scopes, scopeWords } from './words.ts';

type Of = { readonly principal: string; readonly person: Person | undefined };

export function Rights({ principal, person }: Of) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section title="All rights" about="on the bank as a whole">
      {isOpen ? (
        <RightsTable principal={principal} person={person} />
      ) : (
        <button type="button" className="as-link" onClick={() => setOpen(true)}>
          Ask the rules about all {scopes.length}
        </button>
      )}
    </Section>
  );
}

function RightsTable({ principal, person }: Of) {
  const bank = useSession()?.tenant.id ?? '';
  const answers = useQueries({
    queries: scopes.map((action) => ({
      queryKey: ['right', principal, action, person?.roles, person?.scopes],
      queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
        call('POST /v1/entitlements/check', {
          body: {
            ...{ principal, action, resource: { type: 'Tenant', id: bank } },
            ...scopesOf(person),
          },
          signal,
        }),
    })),
  });
  return (
    <table className="plain person-rights">
      <thead>
        <tr>
          <th>Right</th>
          <th>May</th>
          <th>Because</th>
        </tr>
      </thead>
      <tbody>
        {scopes.map((scope, at) => {
          const { data, error } = answers[at] ?? {};
          const why = data?.deciding.map(({ reason }) => reason).join(' ');
          return (
            <tr key={scope}>
              <td>
                <RightName scope={scope} />
              </td>
              <td>
                {data && (
                  <State word={data.allowed ? 'allow' : 'none'}>
                    {data.allowed ? 'yes' : 'no'}
                  </State>
                )}
              </td>
              <td className="dimmed">
                {error ? error.message : data && (why === '' ? 'no rule permits it' : why)}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function RightName({ scope }: { readonly scope: Scope }) {
  return (
    <span className="mono" title={scopeWords[scope]}>
      {scope}
    </span>
  );
}
