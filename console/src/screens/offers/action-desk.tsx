// Where an action is written: its flaws are told at their places before anybody is asked to approve.
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { withApproval } from '../../parts/approved.ts';
import { checkedOf } from '../../parts/check-notes.tsx';
import { type Checked, DocumentDesk } from '../../parts/document-desk.tsx';
import { tell } from '../../parts/tell.ts';
import type { Action, ActionRead } from './shapes.ts';

const publishOp = 'POST /v1/offers/actions';
export const actionReads = ['GET /v1/offers/actions', 'GET /v1/offers/actions/{code}'] as const;

export function ActionDesk({
  action,
  done,
}: {
  readonly action: ActionRead | undefined;
  readonly done: (code: string) => void;
}) {
  const queries = useQueryClient();
  const check = async (document: object): Promise<Checked> =>
    checkedOf(
      await call('POST /v1/offers/actions/check', { body: { action: document as Action } }),
    );
  const publish = async (document: object) => {
    const written = document as Action;
    await withApproval<typeof publishOp>((approval_id) =>
      call(publishOp, {
        body: { action: written, ...(approval_id === undefined ? {} : { approval_id }) },
        key: `action-${approval_id ?? crypto.randomUUID()}`,
      }),
    );
    await Promise.all(actionReads.map((each) => queries.invalidateQueries({ queryKey: [each] })));
    tell('Published: it is offered from now on, where it fits.');
    done(written.code);
  };
  return (
    <DocumentDesk
      id={`action ${action?.code ?? 'new'}`}
      title="The action"
      inForce={action?.action}
      blank={blank}
      right="offers:write"
      within="/action"
      {...{ check, publish }}
      about={(document) => `Publish the action ${(document as Partial<Action>).code ?? ''}`}
      done={() => undefined}
    />
  );
}

const blank = {
  ...{ code: 'new-action', title: 'A new action' },
  product: { code: 'SAVINGS', kind: 'savings' },
  treatments: [{ channel: 'in_app', message: 'Put {amount} aside, at {rate} a year.' }],
  why: 'Your balance has been high for a while.',
  eligibility: [
    {
      ...{ id: 'enough_balance', when: 'balance >= 100000' },
      says: 'The balance is below 1,000.00.',
    },
  ],
  value: 4_000,
  terms: { amount: 500_000, currency: 'EUR', rate_bps: 200 },
  propensity: { starting_ppm: 50_000, evidence: 100 },
  valid_days: 30,
};
