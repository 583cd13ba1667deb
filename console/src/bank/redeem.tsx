// Redeeming: a price that is held, the exact terms, and a yes that is carried out once, however
// often it is tapped.
import { Button, NativeSelect } from '@mantine/core';
import { CircleCheck, Hourglass, PiggyBank } from 'lucide-react';
import { useRef, useState } from 'react';
import { type Answer, ApiProblem } from '../api/client.ts';
import { useAct } from '../api/queries.ts';
import { Amount } from '../parts/money.tsx';
import { instantText, useNow, useZone } from '../parts/time.tsx';
import { Fact } from './facts.tsx';
import { type Membership, movedByRedeeming, type Redemption, type Reward } from './grow-reads.ts';
import { failureWords, PointsText, pointsWords, redemptionWords } from './grow-words.tsx';
import { useCustomer } from './reads.ts';
import { isUnanswered, Note, Trouble } from './trouble.tsx';
import { accountName } from './words.ts';

const quoteOp = 'POST /v1/customer/rewards/quotes';
const redeemOp = 'POST /v1/customer/rewards/redemptions';
type Quote = Answer<typeof quoteOp>;
type Redeeming = {
  readonly of: Reward;
  readonly member: Membership;
  readonly close: () => void;
};

export function Redeem({ of, member, close, begun }: Redeeming & { readonly begun: () => void }) {
  const quote = useAct(quoteOp);
  const { program, reward, points } = of;
  const ask = () => {
    begun();
    quote.mutate({ body: { program, reward } });
  };
  const now = useNow();
  const held = quote.data;
  if (held && Date.parse(held.expires_at) > now) {
    return <Terms {...{ of, member, close, quote: held }} />;
  }
  return (
    <div className="bank-form">
      {held && <p role="status">The price was held for a while, and that is over. Ask again.</p>}
      <Refused error={quote.error} />
      <Button loading={quote.isPending} onClick={ask}>
        Redeem for {pointsWords(points)}
      </Button>
    </div>
  );
}

const paid: readonly Reward['kind'][] = ['cashback', 'statement_credit'];

/** What a yes does, and nothing else. */
function Terms({ of, member, close, quote }: Redeeming & { readonly quote: Quote }) {
  const { kind, title, worth, currency } = of;
  const zone = useZone();
  const { data } = useCustomer();
  const left = useRef(member.spendable - quote.points).current;
  const accounts = data?.accounts.items.filter((each) => each.status === 'open') ?? [];
  const own = accounts.filter((each) => each.currency === currency);
  const [chosen, setChosen] = useState<string>();
  const account = own.find(({ account_id }) => account_id === chosen) ?? own[0];
  const isPaid = paid.includes(kind);
  const sending = useSending(quote, isPaid ? account?.account_id : undefined);
  if (sending.done) return <Done of={sending.done} close={close} />;
  return (
    <div className="bank-form" role="group" aria-label="What you agree to">
      <dl className="bank-facts">
        <Fact name="You give">
          <PointsText points={quote.points} />
        </Fact>
        <Fact name="You get">
          {title}
          {isPaid && (
            <>
              : <Amount minor={worth} currency={currency} />
            </>
          )}
        </Fact>
        {isPaid && account && <Fact name="Paid to">{accountName(account)}</Fact>}
        <Fact name="Left">
          <PointsText points={left} /> to spend
        </Fact>
        <Fact name="Price">held until {instantText(quote.expires_at, zone, false).slice(11)}</Fact>
      </dl>
      {isPaid && own.length > 1 && (
        <NativeSelect
          label="To which account?"
          value={account?.account_id ?? ''}
          onChange={(event) => setChosen(event.currentTarget.value)}
          data={own.map((each) => ({ value: each.account_id, label: accountName(each) }))}
        />
      )}
      {isPaid && !account && (
        <p role="status">It is paid in {currency}, and you have no account in it.</p>
      )}
      <Refused error={sending.error} />
      <Button
        loading={sending.isPending}
        disabled={isPaid && !account}
        onClick={() => sending.send()}
      >
        {isUnknown(sending.error) ? 'Send it again' : 'Yes, redeem it'}
      </Button>
      <Button variant="default" onClick={close}>
        No, keep my points
      </Button>
    </div>
  );
}

/** Points may have gone since the price was asked for. */
function Refused({ error }: { readonly error: unknown }) {
  if (!error) return null;
  const missing = missingIn(error);
  return missing === undefined ? <Trouble error={error} /> : <Short missing={missing} />;
}

type Told = ApiProblem['problem'] & {
  readonly points_needed?: number;
  readonly points_available?: number;
};

/** How many points are missing, where that is why it was refused. */
function missingIn(error: unknown): number | undefined {
  if (!(error instanceof ApiProblem) || error.problem.code !== 'insufficient_points') {
    return undefined;
  }
  const { points_needed: needed, points_available: available } = error.problem as Told;
  return needed === undefined || available === undefined ? undefined : needed - available;
}

/** How many points are missing to what is wanted. */
export function Short({ missing }: { readonly missing: number }) {
  return (
    <Note tone="plain" icon={<PiggyBank size={20} aria-hidden />}>
      You need <PointsText points={missing} /> more for it.
    </Note>
  );
}

function isUnknown(error: unknown): boolean {
  return error !== null && isUnanswered(error);
}

/** One key for one price that is held: two taps, or an answer that was lost, are one redemption. */
function useSending(quote: Quote, account: string | undefined) {
  const act = useAct(redeemOp, movedByRedeeming);
  const key = useRef(crypto.randomUUID()).current;
  const { program, quote_id } = quote;
  const send = () => {
    if (act.isPending) return;
    const to = account === undefined ? {} : { account_id: account };
    act.mutate({ body: { program, quote_id, ...to }, key: `${key}-${account ?? 'none'}` });
  };
  return { send, done: act.data, error: act.error, isPending: act.isPending };
}

function Done({ of, close }: { readonly of: Redemption; readonly close: () => void }) {
  const { status, points, worth, currency, account_id } = of;
  const isDone = status === 'redeemed';
  const Icon = isDone ? CircleCheck : Hourglass;
  return (
    <>
      <Note
        tone={status === 'refused' ? 'bad' : 'plain'}
        icon={<Icon size={20} aria-hidden />}
        role="status"
      >
        <strong>{status === 'refused' ? 'Not done.' : isDone ? 'Done.' : 'On its way.'}</strong>{' '}
        {isDone ? <PointsText points={points} /> : redemptionWords(of)}
        {isDone && ' redeemed'}
        {isDone && account_id !== null && (
          <>
            {' '}
            and <Amount minor={worth} currency={currency} /> paid to your account
          </>
        )}
        {isDone && '.'}
        {status === 'refused' && ` ${failureWords(of)}`}
      </Note>
      <Button onClick={close}>Good</Button>
    </>
  );
}
