// One decision with everything that led to it: the same in the panel of a list and on its own page.
import { ActionIcon, Tabs, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Maximize2 } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Folded } from '../../parts/explorer.tsx';
import { Id, shortId } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Amount } from '../../parts/money.tsx';
import { ReceiptButtons, ReceiptResult, useReceipt } from '../../parts/receipt.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { FactsTold } from './facts.tsx';
import { LimitsTaken } from './limits.tsx';
import { ReplayButton, ReplayResult, useReplay } from './replay.tsx';
import { type Explanation, PolicyVersion, Rules, useExplanation, valueText } from './rules.tsx';
import { DecisionSentence } from './sentence.tsx';

export type Decision = Answer<'GET /v1/decisions/{id}'>;

export function DecisionView({ id, isPage = false }: { readonly id: string; isPage?: boolean }) {
  const { data, error, refetch } = useApi('GET /v1/decisions/{id}', { path: { id } });
  const explained = useExplanation(id);
  const [{ tab = 'why' }] = useUrl();
  if (!data) {
    return error ? (
      <Section title="Decision">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    ) : (
      <Loading />
    );
  }
  const of = explained.data;
  return (
    <div className="object" data-page={isPage || undefined}>
      <Head decision={data} isPage={isPage} />
      {tab === 'json' ? (
        <Section title="As the API tells it">
          <Json value={data} maxHeight={1_200} />
        </Section>
      ) : (
        <>
          {of && <DecisionSentence of={of} />}
          <div className="object-body">
            <Why decision={data} explained={of} problem={explained.error} />
            <Beside decision={data} />
          </div>
        </>
      )}
    </div>
  );
}

function Head({ decision, isPage }: { readonly decision: Decision; readonly isPage: boolean }) {
  const { decision_id, outcome, point, amount, currency, event_id, operation } = decision;
  const replay = useReplay(decision_id);
  const receipt = useReceipt(event_id);
  return (
    <header className="object-head">
      <div className="object-title">
        <span className="object-amount">
          {amount === null || currency === null ? (
            wordsOf(operation.replaceAll('.', ' '))
          ) : (
            <Amount minor={amount} currency={currency} />
          )}
        </span>
        <State word={outcome} />
        {decision.canary && <State word="canary">by the canary</State>}
      </div>
      <div className="object-line">
        <span className="mono">{operation}</span>
        <span className="dimmed">at</span>
        <Link to={`/policies/${point}` as never}>{point}</Link>
        <span className="dimmed">for {nameOf(decision.requester)}</span>
        <Time at={decision.decided_at} />
        <Id id={decision_id} link={false} whole />
      </div>
      <div className="object-acts">
        <ReplayButton replay={replay} />
        <ReceiptButtons event={event_id} receipt={receipt} />
        {!isPage && (
          <Tooltip label="Open its page (Enter)">
            <ActionIcon
              size={30}
              aria-label="Open its page"
              renderRoot={(props) => <Link to={`/decisions/${decision_id}` as never} {...props} />}
            >
              <Maximize2 size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
      <ReplayResult replay={replay} />
      <ReceiptResult receipt={receipt} />
      <ObjectTabs first="why" tabs={{ why: 'Why', json: 'Raw JSON' }} />
    </header>
  );
}

/** Kept in the address; the first needs no word there. */
export function ObjectTabs({
  first,
  tabs,
}: {
  readonly first: string;
  readonly tabs: Readonly<Record<string, string>>;
}) {
  const [{ tab = first }, setUrl] = useUrl();
  return (
    <Tabs
      value={tab}
      onChange={(next) => setUrl({ tab: next === first ? undefined : (next ?? '') })}
    >
      <Tabs.List>
        {Object.entries(tabs).map(([value, words]) => (
          <Tabs.Tab key={value} value={value}>
            {words}
          </Tabs.Tab>
        ))}
      </Tabs.List>
    </Tabs>
  );
}

function Why({
  decision,
  explained,
  problem,
}: {
  readonly decision: Decision;
  readonly explained: Explanation | undefined;
  readonly problem: unknown;
}) {
  const { facts, answers, obligations, consume, shadows } = decision;
  return (
    <div>
      <Section title="Rules" about="every one of the bundle, on the facts as they were">
        <Rules of={explained} problem={problem} />
      </Section>
      <Section title="Facts" about="as policy was told them; read by the rules that decided">
        <FactsTold facts={facts} explained={explained} />
      </Section>
      <Worked decision={decision} />
      <Pairs title="Obligations" about="what has to happen first" of={obligations} />
      <Pairs title="Answers" about="what the bundle worked out for the caller" of={answers} />
      {consume.length > 0 && (
        <Section title="Limits" about="what it took, or would take">
          <LimitsTaken of={consume} currency={decision.currency} />
        </Section>
      )}
      {shadows.length > 0 && (
        <Section title="Shadows" about="bundles that judged beside it, and decide nothing">
          <Json value={shadows} />
        </Section>
      )}
    </div>
  );
}

function Pairs({
  title,
  about,
  of,
}: {
  readonly title: string;
  readonly about: string;
  readonly of: Readonly<Record<string, unknown>>;
}) {
  if (Object.keys(of).length === 0) return null;
  return (
    <Section title={title} about={about}>
      <Facts
        of={Object.fromEntries(
          Object.entries(of).map(([name, value]): [string, ReactNode] => [
            wordsOf(name),
            Array.isArray(value) ? value.map(valueText).join(', ') : valueText(value),
          ]),
        )}
      />
    </Section>
  );
}

/** Values between facts and rules: tables and formulas of the bundle. */
function Worked({ decision: { trace } }: { readonly decision: Decision }) {
  const nodes = (trace['nodes'] ?? {}) as Readonly<Record<string, { readonly value: unknown }>>;
  const entries = Object.entries(nodes);
  if (entries.length === 0) return null;
  return (
    <Section title="Worked out" about="by tables and formulas of the bundle, for its rules">
      <Folded title={`${entries.length} values`}>
        <div className="known">
          <Facts
            of={Object.fromEntries(
              entries.map(([name, { value }]) => [wordsOf(name), valueText(value)]),
            )}
          />
        </div>
      </Folded>
    </Section>
  );
}

function Beside({ decision }: { readonly decision: Decision }) {
  const { command_id, account_id, event_id, model_score_ref, policy_version, bundle } = decision;
  const payment = paymentOf(decision);
  return (
    <div>
      <Section title="Versions">
        <Facts
          of={{
            Policy: <PolicyVersion version={policy_version} bundle={bundle} />,
            Engine: <span className="mono">{decision.engine}</span>,
            Score:
              model_score_ref === null ? null : (
                <span className="mono">{shortId(model_score_ref)}</span>
              ),
          }}
        />
      </Section>
      <Section title="Related">
        <Facts
          of={{
            Payment: payment === undefined ? undefined : <Id id={payment} />,
            Account: account_id === null ? undefined : <Id id={account_id} />,
            Event: <Id id={event_id} />,
            Command: <Id id={command_id} whole />,
            Trace: <span className="mono">{decision.trace_id}</span>,
            'Asked by': decision.requester,
            Purpose: decision.purpose ?? undefined,
            'Digest of the command': (
              <span className="mono">{decision.command_digest.slice(0, 16)}…</span>
            ),
          }}
        />
      </Section>
    </div>
  );
}

/** A payment has the name of its first command. */
export function paymentOf({
  operation,
  command_id,
}: Pick<Decision, 'operation' | 'command_id'>): string | undefined {
  const isFirst = operation === 'payment.initiate' || operation === 'payment.authorize';
  return isFirst ? command_id.replace('cmd_', 'pay_') : undefined;
}
