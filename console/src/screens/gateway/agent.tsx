// One agent: its terms, as another person has approved them, how it proves who it is, and what it
// called last.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { CopyId, Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { DetailHead } from './detail-head.tsx';
import {
  type Agent,
  CallState,
  EffectWord,
  issuerText,
  purposeWords,
  ToolState,
} from './words.tsx';

export function AgentView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/agents/{id}', { path: { id } });
  if (!data) return error ? <ProblemNote error={error} retry={refetch} /> : <Loading />;
  return (
    <>
      <Head agent={data} />
      {data.status === 'suspended' && (
        <p className="sentence" data-tone="bad">
          <strong>It is suspended.</strong> Its tokens are refused, and it has no role. To resume it
          takes the approval of another person.
        </p>
      )}
      <Section title="Terms" about="exactly these another person has approved">
        <Facts
          of={{
            Owner: <Who principal={data.owner} />,
            'May call for': <Purposes of={data} />,
            Registered: <Time at={data.registered_at} whole />,
            Changed:
              data.changed_at === data.registered_at ? undefined : (
                <Time at={data.changed_at} whole />
              ),
          }}
        />
      </Section>
      <AgentTools agent={data} />
      <Clients agent={data} />
      <LastCalls agent={data} />
    </>
  );
}

function Head({ agent }: { readonly agent: Agent }) {
  const [, setUrl] = useUrl();
  const { name, principal, status } = agent;
  const ask = (what: string) => () => setUrl({ do: what });
  return (
    <DetailHead title={name} state={<State word={status} />} id={principal} calls={callsOf(agent)}>
      <ActButton right="admin" onClick={ask('change')}>
        Change its terms
      </ActButton>
      {status === 'active' ? (
        <ActButton right="admin" color="red" onClick={ask('suspend')}>
          Suspend
        </ActButton>
      ) : (
        <ActButton right="admin" onClick={ask('resume')}>
          Resume
        </ActButton>
      )}
      <ActButton right="admin" onClick={ask('revoke')}>
        Revoke a token
      </ActButton>
    </DetailHead>
  );
}

function callsOf({ principal }: Agent): string {
  return `/calls?caller=${principal}`;
}

function Purposes({ of: { purposes } }: { readonly of: Agent }) {
  return (
    <span className="gateway-words">
      {purposes.map((purpose) => (
        <span key={purpose}>
          {purpose} <span className="dimmed">{purposeWords[purpose]}</span>
        </span>
      ))}
    </span>
  );
}

/** What it may call, and whether the bank lets agents call that at all. */
function AgentTools({ agent: { tools } }: { readonly agent: Agent }) {
  const { data } = useApi('GET /v1/tool-registry', {});
  const known = new Map(data?.items.map((tool) => [tool.name, tool]));
  const closed = tools.filter(({ name }) => known.get(name)?.status !== 'approved').length;
  return (
    <Section
      title="Tools"
      about={
        tools.length === 0
          ? 'none: it may call nothing'
          : data && closed > 0
            ? `${closed} of ${tools.length} cannot be called as they are`
            : 'no other may it call'
      }
    >
      {tools.length > 0 && (
        <table className="plain" aria-label="Tools of the agent">
          <thead>
            <tr>
              <th>Tool</th>
              <th>Effect</th>
              <th>State</th>
              <th className="end">Calls a minute</th>
            </tr>
          </thead>
          <tbody>
            {tools.map(({ name, calls_per_minute: rate }) => {
              const tool = known.get(name);
              return (
                <tr key={name}>
                  <td>
                    <Link to={`/tools?id=${name}` as never} className="mono">
                      {name}
                    </Link>
                  </td>
                  <td>{tool && <EffectWord effect={tool.effect} tool={name} />}</td>
                  <td>
                    {tool ? (
                      <ToolState status={tool.status} />
                    ) : (
                      data && <span className="dimmed">no such tool</span>
                    )}
                  </td>
                  <td className="end">{countText(rate)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Section>
  );
}

function Clients({ agent: { clients } }: { readonly agent: Agent }) {
  return (
    <Section title="Clients" about="how it proves who it is">
      {clients.map((client) => (
        <div key={`${client.issuer} ${client.client_id}`} className="gateway-client">
          <Facts
            of={{
              Client: (
                <span className="gateway-id">
                  <span className="mono text">{client.client_id}</span>
                  <CopyId text={client.client_id} />
                </span>
              ),
              Issuer: <span className="text">{issuerText(client.issuer)}</span>,
              'Key thumbprints': client.keys.length > 0 && (
                <span className="gateway-words">
                  {client.keys.map((key) => (
                    <Id key={key} id={key} whole link={false} />
                  ))}
                </span>
              ),
              'Keys from': client.jwks_uri ?? undefined,
              'Comes back to':
                client.redirect_uris.length > 0 ? (
                  <span className="text">{client.redirect_uris.join(', ')}</span>
                ) : undefined,
              'Proof of possession': client.requires_dpop
                ? 'with every call (DPoP)'
                : 'taken, not asked for',
            }}
          />
        </div>
      ))}
    </Section>
  );
}

const lastMax = 6;

function LastCalls({ agent }: { readonly agent: Agent }) {
  const may = useMay()('events:read');
  const query = { caller: agent.principal, limit: lastMax };
  const { data } = useApi('GET /v1/tool-calls', { query }, { enabled: may.allowed });
  const items = data?.items ?? [];
  return (
    <Section
      title="Last calls"
      about={items.length > 0 && <Link to={callsOf(agent) as never}>all of them</Link>}
    >
      {!may.allowed ? (
        <p className="gateway-none dimmed">{may.why}</p>
      ) : data && items.length === 0 ? (
        <p className="gateway-none dimmed">It has called nothing lately.</p>
      ) : (
        <table className="plain" aria-label="Last calls of the agent">
          <tbody>
            {items.map(({ call_id, called_at, tool, status, code }) => (
              <tr key={call_id}>
                <td>
                  <CallState status={status} />
                </td>
                <td>
                  <Link to={`/calls?id=${call_id}` as never} className="mono">
                    {tool}
                  </Link>
                </td>
                <td className="dimmed">{code}</td>
                <td className="end">
                  <Time at={called_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
