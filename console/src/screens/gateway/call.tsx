// One call of a tool: who asked what, for whom and why, what policy decided, what came back, and
// the proof that it was so.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import type { Answer } from '../../api/client.ts';
import { countText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { ReceiptButtons, ReceiptResult, useReceipt } from '../../parts/receipt.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { CallState, EffectWord } from './words.tsx';

type Whole = Answer<'GET /v1/tool-calls/{id}'>;

export function CallView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/tool-calls/{id}', { path: { id } });
  if (!data) {
    return error ? (
      <Section title="Call">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    ) : (
      <Loading />
    );
  }
  return (
    <div className="object">
      <Head call={data} />
      <Sentence call={data} />
      <Asked call={data} />
      <Section title="Arguments" about="masked: of personal values only tokens and ends">
        <Json value={data.arguments} maxHeight={260} />
      </Section>
      <Result call={data} />
    </div>
  );
}

function Head({ call }: { readonly call: Whole }) {
  const receipt = useReceipt(call.event_id);
  return (
    <header className="object-head">
      <div className="object-title">
        <span className="object-amount mono">{call.tool}</span>
        <CallState status={call.status} />
      </div>
      <div className="object-line">
        <Time at={call.called_at} whole />
        <Id id={call.call_id} link={false} whole />
      </div>
      <div className="object-acts">
        <ReceiptButtons event={call.event_id} receipt={receipt} />
      </div>
      <ReceiptResult receipt={receipt} />
    </header>
  );
}

const tones: Readonly<Record<string, string>> = {
  answered: 'good',
  refused: 'bad',
  failed: 'wait',
};

function Sentence({ call }: { readonly call: Whole }) {
  const { status, code, latency_ms: ms, core } = call;
  return (
    <p className="sentence" data-tone={tones[status]}>
      {status === 'answered' ? (
        <>
          <strong>Answered</strong> by the core system “{core}” within {countText(ms)} ms.
        </>
      ) : status === 'refused' ? (
        <>
          <strong>Refused by policy</strong>, before any core was asked: the agent was told{' '}
          <span className="mono">{code}</span>.
        </>
      ) : (
        <>
          <strong>Allowed, but it failed</strong> after {countText(ms)} ms: the agent was told{' '}
          <span className="mono">{code}</span>.
        </>
      )}
    </p>
  );
}

function Asked({ call }: { readonly call: Whole }) {
  const { caller, on_behalf_of: customer, consent, purpose, tool, version, effect } = call;
  const agent = caller.replace(/^agent:/, '');
  return (
    <Section title="Who and why">
      <Facts
        of={{
          Agent: <Link to={`/agents?id=${agent}` as never}>{agent}</Link>,
          'On behalf of': customer === null ? null : <Id id={customer} whole />,
          Consent: consent === null ? null : <Id id={consent} whole />,
          Purpose: purpose,
          Tool: (
            <>
              <Link to={`/tools?id=${tool}` as never} className="mono">
                {tool}
              </Link>{' '}
              <span className="dimmed">version {version},</span> <EffectWord effect={effect} />
            </>
          ),
          Decision: <Id id={call.decision_id} whole />,
          Policy: <span className="mono">{call.policy_version}</span>,
          Event: <Id id={call.event_id} whole />,
          Trace: <span className="mono text">{call.trace_id}</span>,
        }}
      />
    </Section>
  );
}

function Result({ call: { status, result, result_digest: digest } }: { readonly call: Whole }) {
  if (status !== 'answered') return null;
  return (
    <Section title="Result" about="masked, as the agent got it">
      {result === null ? (
        <p className="gateway-none dimmed">Too long to be kept: its digest is on record.</p>
      ) : (
        <Json value={result} maxHeight={420} />
      )}
      {digest !== null && <Facts of={{ 'SHA-256': <Id id={digest} whole link={false} /> }} />}
    </Section>
  );
}
