// The answer to an offer: a yes to its exact terms, with what happens next, or a no with its reason.
import { Button, Radio } from '@mantine/core';
import { CircleAlert, CircleCheck, CircleSlash } from 'lucide-react';
import { useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import { useAct } from '../api/queries.ts';
import { Amount } from '../parts/money.tsx';
import { lastDayText, useZone } from '../parts/time.tsx';
import { Fact } from './facts.tsx';
import { type Offer, offersOf } from './grow-reads.ts';
import {
  type DeclineReason,
  declineWords,
  offerWords,
  productWords,
  rateText,
} from './grow-words.tsx';
import { Note, Trouble } from './trouble.tsx';

type Answering = { readonly of: Offer; readonly close: () => void };

const stale = [offersOf] as const;

export function Accept({ of, close }: Answering) {
  const accept = useAct('POST /v1/customer/offers/{id}/accept', stale);
  if (accept.data) {
    return (
      <>
        <Note tone="plain" icon={<CircleCheck size={20} aria-hidden />}>
          <strong>Thank you.</strong> {nextOf(of)}
        </Note>
        <Button onClick={close}>Good</Button>
      </>
    );
  }
  return (
    <>
      <Terms of={of} />
      <p>{nextOf(of)} Until then you owe nothing, and nothing is opened.</p>
      <Refused error={accept.error} of={of} />
      <Button
        loading={accept.isPending}
        onClick={() => !accept.isPending && accept.mutate({ path: { id: of.offer_id }, body: {} })}
      >
        Yes, I want this
      </Button>
      <Button variant="default" onClick={close}>
        Not yet
      </Button>
    </>
  );
}

function nextOf({ api_endpoint }: Offer): string {
  return api_endpoint === null
    ? 'A person of your bank gets in touch, and goes through it with you.'
    : 'Your application is begun: you read the contract before you agree to it.';
}

function Terms({ of }: { readonly of: Offer }) {
  const zone = useZone();
  const { product_code, amount, currency, rate_bps, expires_at, code } = of;
  return (
    <dl className="bank-facts" aria-label="The terms">
      <Fact name="What">{productWords(product_code)}</Fact>
      {amount > 0 && (
        <Fact name="Amount">
          <Amount minor={amount} currency={currency} />
        </Fact>
      )}
      {rate_bps !== null && <Fact name="Rate">{rateText(rate_bps)} a year</Fact>}
      <Fact name="Until">{lastDayText(expires_at, zone)}</Fact>
      <Fact name="Code">
        <span className="mono">{code}</span>
      </Fact>
    </dl>
  );
}

export function Decline({ of, close }: Answering) {
  const [reason, setReason] = useState<DeclineReason>('not_interested');
  const decline = useAct('POST /v1/customer/offers/{id}/decline', stale);
  if (decline.data) {
    return (
      <>
        <Note tone="plain" icon={<CircleSlash size={20} aria-hidden />}>
          <strong>We have heard you.</strong> {offerWords(decline.data)}
        </Note>
        <Button onClick={close}>Good</Button>
      </>
    );
  }
  return (
    <>
      <Radio.Group
        label="Why not?"
        value={reason}
        onChange={(chosen) => setReason(chosen as DeclineReason)}
      >
        <div className="bank-choices">
          {Object.entries(declineWords).map(([each, words]) => (
            <Radio key={each} value={each} label={words} />
          ))}
        </div>
      </Radio.Group>
      <p>We keep it from you for a while, whichever you say.</p>
      <Refused error={decline.error} of={of} />
      <Button
        loading={decline.isPending}
        onClick={() =>
          !decline.isPending && decline.mutate({ path: { id: of.offer_id }, body: { reason } })
        }
      >
        Say no
      </Button>
      <Button variant="default" onClick={close}>
        Leave it there
      </Button>
    </>
  );
}

/** What was answered, or ended, meanwhile: in words rather than as a failure. */
function Refused({ error, of }: { readonly error: unknown; readonly of: Offer }) {
  if (!error) return null;
  const isOver = error instanceof ApiProblem && error.problem.status === 409;
  if (!isOver) return <Trouble error={error} />;
  const words = of.is_open ? 'It stands otherwise by now.' : offerWords(of);
  return (
    <Note tone="bad" icon={<CircleAlert size={20} aria-hidden />} role="alert">
      {words} Your answer has changed nothing.
    </Note>
  );
}
