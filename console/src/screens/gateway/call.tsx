// One call of a tool: who asked what, for whom and why, what policy decided, what came back, and
// the proof that it was so.
import { Button } from '@mantine/core';
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
import { CallState, EffectWord, nameOfAgent } from './words.tsx';

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
        <Button
          variant="default"
          renderRoot={(props) => <Link to={`/decisions/${call.decision_id}` as never} {...props} />}
        >
          Why: the decision
        </Button>
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
  waits: 'wait',
  passed: 'good',
};

function Sentence({ call }: { readonly call: Whole }) {
  const { status, code, latency_ms: ms, core } = call;
  const proposal = proposalOf(call);
  return (
    <p className="sentence" data-tone={tones[status]}>
      {status === 'answered' ? (
        <>
          <strong>Answered</strong> by the core system “{core}” within {countText(ms)} ms.
        </>
      ) : status === 'waits' ? (
        <>
          <strong>It waits</strong> until all have agreed who have to; then the agent calls again.
        </>
      ) : status === 'passed' ? (
        <>
          <strong>Let through</strong> to be carried out, once: what came of it is told by the
          proposal.
        </>
      ) : (
        <>
          <strong>
            {status === 'refused' ? 'Refused' : `Allowed, but it failed after ${countText(ms)} ms`}:
          </strong>{' '}
          {refusalWords[code ?? ''] ?? 'the agent was told the problem'}{' '}
          <span className="mono">({code})</span>.
          {status === 'refused' && ' No core system was asked.'}
        </>
      )}{' '}
      {proposal !== undefined && (
        <Link to={`/proposals?id=${proposal}` as never}>To the proposal</Link>
      )}
    </p>
  );
}

/** Why, for who reads the log; what the agent itself was told stands behind it. */
const refusalWords: Readonly<Record<string, string>> = {
  not_found: 'there is no such thing for this agent and this customer, or the tool is not approved',
  invalid_request: 'the arguments do not fit the schema of the tool',
  forbidden: 'its terms, its purpose or the customer’s consent do not reach so far',
  denied: 'policy does not let it, as the decision says',
  quota_exceeded: 'it has called more often than its terms allow',
  approval_invalid: 'the proposal is no longer one that can be carried out',
  conflict: 'something stands in its way as things are now',
  idempotency_key_missing: 'what changes something needs a key, so that it is done once',
  idempotency_key_reused: 'its key was used for something else before',
};

/** Named in what the agent was answered, or in what it asked for. */
function proposalOf({ result, arguments: given }: Whole): string | undefined {
  const named = (of: unknown) => (of as { proposal_id?: unknown } | null)?.proposal_id;
  const id = named(result) ?? named(given);
  return typeof id === 'string' ? id : undefined;
}

function Asked({ call }: { readonly call: Whole }) {
  const { caller, on_behalf_of: customer, consent, purpose, tool, version, effect } = call;
  const { query, visible, door } = call;
  return (
    <Section title="Who and why">
      <Facts
        of={{
          Caller: <CallerName principal={caller} />,
          'Came by': doorWords[door],
          'On behalf of': customer === null ? null : <Id id={customer} whole />,
          Consent: consent === null ? null : <Id id={consent} whole />,
          Purpose: purpose,
          Question: query === null ? null : <Question text={visible.query} />,
          Tool: (
            <>
              <Link to={`/tools?id=${tool}` as never} className="mono">
                {tool}
              </Link>{' '}
              <span className="dimmed">version {version},</span>{' '}
              <EffectWord effect={effect} tool={tool} />
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

const doorWords: Readonly<Record<Whole['door'], string>> = { rest: 'REST', mcp: 'MCP' };

/** People call tools too, to try them; they have no terms of an agent. */
function CallerName({ principal }: { readonly principal: string }) {
  const name = nameOfAgent(principal);
  if (name === principal) return <span className="mono">{principal}</span>;
  return <Link to={`/agents?id=${name}` as never}>{name}</Link>;
}

function Question({ text }: { readonly text: string | null }) {
  return text === null ? (
    <span className="dimmed">hidden for this purpose, or erased</span>
  ) : (
    <span className="text">{text}</span>
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
