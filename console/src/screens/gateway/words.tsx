// What the words of the gateway mean to the people who govern it, and how they look.
import type { Answer, Call, Operation } from '../../api/client.ts';
import { countText } from '../../parts/figures.ts';
import { State } from '../../parts/state.tsx';

export type Agent = Answer<'GET /v1/agents/{id}'>;
export type Tool = Answer<'GET /v1/tool-registry'>['items'][number];
export type ToolCall = Answer<'GET /v1/tool-calls'>['items'][number];
export type Terms = Call<'POST /v1/agents'>['body'];
export type Purpose = Agent['purposes'][number];
export type Effect = Tool['effect'];

/** What is read again after something of an agent was changed, or of a tool. */
export const agentReads: readonly Operation[] = ['GET /v1/agents', 'GET /v1/agents/{id}'];
export const proposalReads: readonly Operation[] = [
  'GET /v1/proposals/{id}/record',
  'GET /v1/proposals/facets',
  'GET /v1/approvals/{id}',
];
export const toolReads: readonly Operation[] = ['GET /v1/tool-registry'];

/** A sentence for each purpose: the compiler asks for one where the API has a new one. */
export const purposeWords: Readonly<Record<Purpose, string>> = {
  servicing: 'what a customer asks for',
  fraud: 'to find fraud',
  compliance: 'to keep the law',
  audit: 'to check what was done',
  analytics: 'to understand the business',
  marketing: 'to offer something',
  advice: 'to advise a customer',
};

export const purposes = Object.keys(purposeWords) as readonly Purpose[];

export const effectWords: Readonly<Record<Effect, string>> = {
  read: 'Reads, and changes nothing',
  draft: 'Prepares something that changes nothing yet',
  write: 'Changes data of the bank',
  financial: 'Moves money',
};

const effectTones = { read: 'still', draft: 'still', write: 'wait', financial: 'bad' } as const;

/** The more it can do, the more it is seen. A sequence can do what its steps can. */
export function EffectWord({ effect, tool }: { readonly effect: string; readonly tool: string }) {
  const isOfSteps = isSequence(tool);
  return (
    <span
      className="effect"
      data-tone={isOfSteps ? 'wait' : (effectTones[effect as Effect] ?? 'still')}
      title={effectText(tool, effect as Effect)}
    >
      {isOfSteps ? 'sequence' : effect}
    </span>
  );
}

export function effectText(tool: string, effect: Effect): string {
  return isSequence(tool)
    ? 'Calls other tools one after another, each as far as policy lets it'
    : effectWords[effect];
}

function isSequence(tool: string): boolean {
  return tool.startsWith('sequences.');
}

export function ToolState({ status }: { readonly status: Tool['status'] }) {
  switch (status) {
    case 'approved':
      return <State word="approved" />;
    case 'changed':
      return <State word="warn">changed since</State>;
    case 'not_approved':
      return <State word="none">not approved</State>;
  }
}

/** Where the words of the API say too little. */
export const callWords: Readonly<Record<string, string>> = { passed: 'let through' };

const callLooks: Readonly<Record<string, string>> = {
  ...{ answered: 'ok', refused: 'denied', waits: 'pending', passed: 'passed' },
};

/** Answered is the usual: what is not stands out. */
export function CallState({ status }: { readonly status: string }) {
  return <State word={callLooks[status] ?? 'failed'}>{callWords[status] ?? status}</State>;
}

/** Agents call without a word for what they are; people and services keep theirs. */
export function nameOfAgent(principal: string): string {
  return principal.replace(/^agent:/, '');
}

type Standing = Pick<Answer<'GET /v1/proposals'>['items'][number], 'status' | 'waits_for'>;

/** Who is asked, or how it ended. */
export function ProposalState({ of: { status, waits_for } }: { readonly of: Standing }) {
  if (waits_for === 'customer') return <State word="pending">customer asked</State>;
  if (waits_for === 'officers') return <State word="review">bank asked</State>;
  switch (status) {
    case 'agreed':
      return <State word="approved">agreed</State>;
    case 'used':
      return <State word="used">carried out</State>;
    case 'withdrawn':
      return <State word="withdrawn">taken back</State>;
    default:
      return <State word={status} />;
  }
}

/** `own` is the issuer that comes with the server. */
export function issuerText(issuer: string): string {
  return issuer === 'own' ? 'the issuer of this server' : issuer;
}

/** Which tools, and how often a minute: as somebody is asked to approve it. */
export function ToolRates({ tools }: { readonly tools: Agent['tools'] }) {
  if (tools.length === 0) return <span className="dimmed">none</span>;
  return (
    <>
      {tools.map(({ name, calls_per_minute: rate }) => (
        <div key={name}>
          <span className="mono">{name}</span>{' '}
          <span className="dimmed">{countText(rate)} a minute</span>
        </div>
      ))}
    </>
  );
}
