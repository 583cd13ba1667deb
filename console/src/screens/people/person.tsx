// Somebody: roles, attributes, keys and sessions, and what they may do by all of that.
import { VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { Id, placeOf } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time, useNow } from '../../parts/time.tsx';
import { nameOf, Who } from '../../parts/who.tsx';
import { Ask } from './ask.tsx';
import { KeyState } from './key-list.tsx';
import { Rights } from './rights.tsx';
import { SessionState } from './session-list.tsx';
import { kindOf, type Person, sessionState } from './words.ts';

export function PersonView({
  principal,
  person,
}: {
  readonly principal: string;
  readonly person: Person | undefined;
}) {
  const [, setUrl] = useUrl();
  const isMe = useSession()?.principal === principal;
  const own = isMe ? 'Nobody changes their own roles and attributes.' : undefined;
  return (
    <div className="person">
      <header className="detail-head">
        <div className="detail-line">
          <strong style={{ fontSize: '0.9375rem' }}>
            {principal.slice(principal.indexOf(':') + 1)}
          </strong>
          <Id id={principal} whole link={false} />
          {isMe && <span className="dimmed">this is you</span>}
        </div>
        <div className="object-acts">
          <ActButton right="admin" unless={own} onClick={() => setUrl({ do: 'grant' })}>
            Give a role
          </ActButton>
          <ActButton right="admin" onClick={() => setUrl({ do: 'issue' })}>
            Issue a key
          </ActButton>
          <ActButton right="admin" unless={own} onClick={() => setUrl({ do: 'describe' })}>
            Change attributes
          </ActButton>
        </div>
      </header>
      <Roles principal={principal} own={own} />
      <Attributes person={person} />
      <Ask principal={principal} person={person} />
      <Rights principal={principal} person={person} />
      <Keys principal={principal} />
      <Sessions principal={principal} />
    </div>
  );
}

function Roles({
  principal,
  own,
}: {
  readonly principal: string;
  readonly own: string | undefined;
}) {
  const [, setUrl] = useUrl();
  const mayChange = useMay()('admin').allowed && own === undefined;
  const grants = useApi('GET /v1/role-grants', { query: { limit: 500 } });
  const roles = useApi('GET /v1/roles', {});
  const held = (grants.data?.items ?? []).filter((each) => each.principal === principal);
  const summary = new Map(roles.data?.items.map((each) => [each.role, each.summary]));
  return (
    <Section title="Roles">
      {grants.error && <ProblemNote error={grants.error} retry={grants.refetch} />}
      {grants.isPending && <Loading />}
      {grants.data && held.length === 0 && (
        <span className="dimmed">
          {kindOf(principal) === 'agent' || kindOf(principal) === 'partner'
            ? 'None: agents and partners can do nothing without one.'
            : 'None now. Who never had one may do what the scopes of the key say; who has lost the last one, nothing.'}
        </span>
      )}
      {held.length > 0 && (
        <table className="plain">
          <thead>
            <tr>
              <th>Role</th>
              <th>What it is for</th>
              <th>Given</th>
              <th>
                <VisuallyHidden>Revoke</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {held.map(({ role, granted_by, granted_at }) => (
              <tr key={role}>
                <td>{role}</td>
                <td className="dimmed">{summary.get(role)}</td>
                <td>
                  <Time at={granted_at} /> <span className="dimmed">by</span>{' '}
                  <Who principal={granted_by} />
                </td>
                <td className="end">
                  {mayChange && (
                    <button
                      type="button"
                      className="as-link"
                      aria-label={`Revoke the role ${role}`}
                      onClick={() => setUrl({ do: 'revoke-role', take: role })}
                    >
                      Revoke
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Attributes({ person }: { readonly person: Person | undefined }) {
  if (!person) return null;
  const { region, customer, delegated_by } = person;
  if (region === null && customer === null && delegated_by === null) return null;
  const place = customer === null ? undefined : placeOf(customer);
  return (
    <Section title="Attributes" about="rules can ask for them">
      <Facts
        of={{
          Region: region === null ? undefined : `${region}: no customers of another region`,
          'Is the customer':
            customer === null ? undefined : place ? <Id id={customer} /> : customer,
          'Acts for':
            delegated_by === null ? undefined : (
              <Link to={`/people/${delegated_by}` as never}>{nameOf(delegated_by)}</Link>
            ),
        }}
      />
    </Section>
  );
}

function Keys({ principal }: { readonly principal: string }) {
  const now = useNow();
  const [, setUrl] = useUrl();
  const may = useMay()('admin');
  const { data, error } = useApi(
    'GET /v1/api-keys',
    { query: { limit: 500 } },
    { enabled: may.allowed },
  );
  const own = (data?.items ?? []).filter((each) => each.principal === principal);
  return (
    <Section title="API keys">
      {error && <ProblemNote error={error} />}
      {!may.allowed && <span className="dimmed">Administrators see them.</span>}
      {data && own.length === 0 && <span className="dimmed">None.</span>}
      {own.map((key) => (
        <div key={key.id} className="own-row">
          <KeyState of={key} now={now} />
          <span>
            {key.name} <span className="dimmed">{key.scopes.join(', ')}</span>
          </span>
          <span className="dimmed">
            {key.expires_at === null ? 'no end' : <Time at={key.expires_at} />}
          </span>
          {key.revoked_at === null && (
            <button
              type="button"
              className="as-link"
              aria-label={`Revoke the key ${key.name}`}
              onClick={() => setUrl({ do: 'revoke-key', key: key.id })}
            >
              Revoke
            </button>
          )}
        </div>
      ))}
    </Section>
  );
}

const shownSessions = 8;

function Sessions({ principal }: { readonly principal: string }) {
  const now = useNow();
  const [, setUrl] = useUrl();
  const me = useSession()?.session_id;
  const may = useMay()('admin');
  const { data } = useApi('GET /v1/sessions', { query: { limit: 200 } }, { enabled: may.allowed });
  const own = (data?.items ?? []).filter((each) => each.principal === principal);
  if (own.length === 0) return null;
  return (
    <Section title="Sessions" about={`the newest ${Math.min(own.length, shownSessions)}`}>
      {own.slice(0, shownSessions).map((session) => (
        <div key={session.id} className="own-row">
          <SessionState of={session} now={now} />
          <span>
            opened <Time at={session.opened_at} />
          </span>
          <span className="dimmed">
            seen <Time at={session.last_seen_at} />
          </span>
          {session.id === me ? (
            <span className="dimmed">this one</span>
          ) : (
            sessionState(session, now) === 'open' && (
              <button
                type="button"
                className="as-link"
                aria-label="End this session"
                onClick={() => setUrl({ do: 'end-session', session: session.id })}
              >
                End
              </button>
            )
          )}
        </div>
      ))}
    </Section>
  );
}
