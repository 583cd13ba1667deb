// Everything they may do with the bank as a whole: each right, and the rule that gives or denies it.
import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { type Answer, call } from '../../api/client.ts';
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
          <th>By the rule</th>
        </tr>
      </thead>
      <tbody>
        {scopes.map((scope, at) => (
          <RightRow key={scope} scope={scope} answer={answers[at]?.data} />
        ))}
      </tbody>
    </table>
  );
}

function RightRow({
  scope,
  answer,
}: {
  readonly scope: Scope;
  readonly answer: Answer<'POST /v1/entitlements/check'> | undefined;
}) {
  const { allowed = false, deciding = [] } = answer ?? {};
  return (
    <tr>
      <td>
        {scopeWords[scope]} <span className="mono dimmed">{scope}</span>
      </td>
      <td>{answer && <State word={allowed ? 'allow' : 'none'}>{allowed ? 'yes' : 'no'}</State>}</td>
      <td>
        {deciding.map(({ id, reason }) => (
          <span key={id} className="mono" title={reason}>
            {id}{' '}
          </span>
        ))}
        {answer && deciding.length === 0 && <span className="dimmed">none permits it</span>}
      </td>
    </tr>
  );
}
