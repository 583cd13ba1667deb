// What exactly is asked for, told by its kind: with links to what it is about, and what would change.
import { Code } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { Id, placeOf } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { ToolChangeOf } from '../gateway/tool-change.tsx';
import { ToolRates } from '../gateway/words.tsx';
import type { ApprovalDetail } from './approval.tsx';
import { PolicyChange } from './policy-change.tsx';
import { ProgramChange } from '../loyalty/program-change.tsx';

type Told = Readonly<Record<string, unknown>>;

export function Subject({ of }: { readonly of: ApprovalDetail }) {
  const { subject, subject_kind: kind } = of;
  const told = subject ?? {};
  return (
    <Section title="What it is for" about={purposes[kind] ?? `the operation ${kind}`}>
      {subject === null ? (
        <Untold of={of} />
      ) : (
        <Facts
          of={Object.fromEntries(
            Object.entries(told).map(([name, value]) => [
              wordsOf(name),
              value === null ? null : <Value key={name} name={name} value={value} kind={kind} />,
            ]),
          )}
        />
      )}
      <More of={of} told={told} />
    </Section>
  );
}

/** In words for who does not know the operations. */
const purposes: Readonly<Record<string, string>> = {
  'policy.publish': 'to let a bundle decide',
  'policy.canary': 'to let a bundle decide for a share of cases',
  'model.deploy': 'to let a model be heard',
  'model.resume': 'to let a suspended model be heard again',
  'role.grant': 'to give somebody a role',
  'api_key.issue': 'to issue an API key',
  'agent.register': 'to let an agent call tools',
  'agent.change': 'to let an agent do more, or prove itself otherwise',
  'agent.resume': 'to let a suspended agent call again',
  'tool.approve': 'to let agents call a tool as it is',
  'tool.call': 'to let an agent carry out exactly this, once',
  'prompt.approve': 'to let a language model answer a prompt',
  'entitlements.publish': 'to change who may do what',
  'rollout.set': 'to let AI do more',
  'rollout.revive': 'to start again what the kill switch stopped',
  'reviews.configure': 'to change the promises of reviews, and when two people must agree',
  'loyalty.program.publish': 'to let a version of a programme count',
  'loyalty.reward.publish': 'to put a reward into the catalogue',
  'loyalty.campaign.create': 'to make a campaign, with its budget still to be funded',
  'offers.action': 'to let an action be offered',
  'offers.contact_policy': 'to change how often customers are spoken to',
  'offers.learning': 'to change who is held out from offers',
  'payment.resume': 'to let one payment go on that waits for review',
  command: 'to let one exact command pass',
};

/** Approved by its digest alone: what it is can be read where it was asked for. */
function Untold({ of: { summary } }: { readonly of: ApprovalDetail }) {
  return (
    <p className="dimmed" style={{ margin: 0 }}>
      The request names it by its digest alone. Its maker says: “{summary}”.
    </p>
  );
}

function Value({
  name,
  value,
  kind,
}: {
  readonly name: string;
  readonly value: unknown;
  readonly kind: string;
}): ReactNode {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value) && value.every((each) => typeof each !== 'object')) {
    return value.join(', ') || undefined;
  }
  if (kind.startsWith('agent.') && name === 'tools') {
    return <ToolRates tools={value as Parameters<typeof ToolRates>[0]['tools']} />;
  }
  if (typeof value === 'object') return <Json value={value} />;
  if (typeof value !== 'string') return String(value);
  const place = hrefOf(name, value, kind);
  if (place !== undefined) {
    return (
      <Link to={place as never} className={/^[0-9a-f]{64}$/.test(value) ? 'mono' : undefined}>
        {value}
      </Link>
    );
  }
  if (placeOf(value) !== undefined) return <Id id={value} whole />;
  if (name.endsWith('_at')) return <Time at={value} whole />;
  if (value.includes('\n')) return <Code block>{value}</Code>;
  return <span className={/^[0-9a-f]{32,}$/.test(value) ? 'mono' : 'text'}>{value}</span>;
}

/** Where a value is shown that is not an id with a prefix. */
function hrefOf(name: string, value: string, kind: string): string | undefined {
  const [plane] = kind.split('.');
  if (plane === 'policy' && name === 'name') return `/policies/${value}`;
  if (plane === 'policy' && (name === 'digest' || name === 'supersedes')) {
    return `/policies/bundles/${value}`;
  }
  if (plane === 'model' && (name === 'name' || name === 'model')) {
    return `/models/${value}`;
  }
  if (name === 'agent_id') return `/agents?id=${value}`;
  if (plane === 'tool' && name === 'tool') return `/tools?id=${value}`;
  if (kind === 'tool.call' && name === 'agent') return `/agents?id=${value}`;
  if (kind === 'prompt.approve' && name === 'name') return `/prompts?id=${value}`;
  if (kind === 'loyalty.program.publish' && name === 'name') return `/programs/${value}`;
  if (kind.startsWith('loyalty.') && name === 'program') return `/programs/${value}`;
  if (name === 'principal') return `/people/${value}`;
  if (name === 'use_case') return '/rollout';
  return undefined;
}

function More({ of, told }: { readonly of: ApprovalDetail; readonly told: Told }) {
  const word = (name: string) => (typeof told[name] === 'string' ? told[name] : undefined);
  switch (of.subject_kind) {
    case 'policy.publish': {
      const [digest, against, backtest] = [word('digest'), word('supersedes'), word('backtest_id')];
      if (digest === undefined) return null;
      return <PolicyChange digest={digest} against={against} backtest={backtest} />;
    }
    case 'loyalty.program.publish':
      return <ProgramChange name={word('name') ?? ''} digest={word('digest') ?? ''} />;
    case 'tool.approve':
      return <ToolChangeOf name={word('tool') ?? ''} digest={word('digest') ?? ''} />;
    case 'role.grant':
      return <RoleGiven role={word('role')} />;
    case 'payment.resume':
      return <ItsCase of={of} />;
    default:
      return null;
  }
}

function RoleGiven({ role }: { readonly role: string | undefined }) {
  const { data } = useApi('GET /v1/roles', {});
  const found = data?.items.find((each) => each.role === role);
  return found ? <p className="subject-note">{found.summary}</p> : null;
}

function ItsCase({ of: { case_id: id, status } }: { readonly of: ApprovalDetail }) {
  return (
    <p className="subject-note">
      {id === null ? (
        <>It is decided at its case, in the reviews.</>
      ) : (
        <Link to={`/reviews/${id}` as never}>
          {status === 'pending' ? 'Decide it at its case' : 'See its case'}
        </Link>
      )}
    </p>
  );
}
