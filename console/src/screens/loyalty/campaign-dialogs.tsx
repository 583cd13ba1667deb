// Points into a budget, and out of it to a member: what is large, or what funds, waits for others.
import { NumberInput, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { countText } from '../../parts/figures.ts';
import { flawOf, FormDialog } from '../../parts/form-dialog.tsx';
import { State } from '../../parts/state.tsx';
import { tell } from '../../parts/tell.ts';
import { campaignReads } from './campaign-list.tsx';
import { pointsWord } from './rules.tsx';
import type { Campaign } from './shapes.ts';

const fundOp = 'POST /v1/loyalty/campaigns/{id}/fund';
const awardOp = 'POST /v1/loyalty/campaigns/{id}/awards';

type DialogProps = { readonly campaign: Campaign; readonly close: () => void };

export function FundDialog({ campaign: { campaign: id, title, use }, close }: DialogProps) {
  const [points, setPoints] = useState<number | string>(
    Math.max(0, use.planned - use.funded) || '',
  );
  const act = useAct(fundOp, campaignReads);
  const isWhole = typeof points === 'number' && Number.isInteger(points) && points > 0;
  const fund = async () => {
    if (!isWhole) return;
    try {
      await withApproval<typeof fundOp>((approval) =>
        act.mutateAsync({
          ...{ path: { id }, body: { points } },
          ...(approval ? { key: approval } : {}),
        }),
      );
      tell(`${countText(points)} points are in the budget of ${title}.`);
      close();
    } catch {
      // It stands below, in `act.error`.
    }
  };
  return (
    <FormDialog
      title={`Fund ${title}`}
      does="Fund it"
      about={isWhole ? `Fund the campaign ${id} with ${countText(points)} points` : ''}
      missing={isWhole ? undefined : 'Say how many points'}
      {...{ error: act.error, isPending: act.isPending, close, submit: () => void fund() }}
    >
      <Text>
        Planned are {pointsWord(use.planned)}, funded so far {countText(use.funded)}. They are
        issued into its budget with the approval of a marketing manager; the budget can never be
        overdrawn.
      </Text>
      <NumberInput
        label="Points"
        value={points}
        onChange={(next) => {
          act.reset();
          setPoints(next);
        }}
        min={1}
        allowDecimal={false}
        thousandSeparator=","
        data-autofocus
      />
    </FormDialog>
  );
}

export function AwardDialog({
  campaign,
  fund,
  close,
}: DialogProps & { readonly fund: () => void }) {
  const { campaign: id, title, points: each, use } = campaign;
  const [customer, setCustomer] = useState('');
  const [points, setPoints] = useState<number | string>(each);
  const act = useAct(awardOp, campaignReads);
  const isWhole = typeof points === 'number' && Number.isInteger(points) && points > 0;
  const unsaid = isWhole ? undefined : 'Say how many points';
  const missing = customer.trim() === '' ? 'Say to whom' : unsaid;
  const award = async () => {
    if (!isWhole) return;
    try {
      const given = await withApproval<typeof awardOp>((approval) =>
        act.mutateAsync({
          ...{ path: { id }, body: { customer: customer.trim(), points } },
          ...(approval ? { key: approval } : {}),
        }),
      );
      tell(`${countText(given.points)} points went to ${given.customer}.`);
      close();
    } catch {
      // It stands below, in `act.error`.
    }
  };
  return (
    <FormDialog
      title={`Give points of ${title}`}
      does="Give them"
      about={isWhole ? `Give ${customer.trim()} ${countText(points)} points of ${id}` : ''}
      {...{ missing, fields: ['/customer'], error: act.error, isPending: act.isPending, close }}
      submit={() => void award()}
    >
      <Text>
        {pointsWord(use.left)} are left in its budget. Above 10,000 points another person approves
        it, above 50,000 a manager.
      </Text>
      {isWhole && points > use.left && (
        <Text component="div">
          <State word="warn">More than the budget has</State>{' '}
          <button type="button" className="as-link" onClick={fund}>
            fund it first
          </button>
        </Text>
      )}
      <TextInput
        label="Customer"
        placeholder="pty_…"
        value={customer}
        error={flawOf(act.error, '/customer')}
        onChange={({ currentTarget }) => {
          act.reset();
          setCustomer(currentTarget.value);
        }}
        data-autofocus
      />
      <NumberInput
        label="Points"
        value={points}
        onChange={(next) => {
          act.reset();
          setPoints(next);
        }}
        min={1}
        allowDecimal={false}
        thousandSeparator=","
      />
    </FormDialog>
  );
}
