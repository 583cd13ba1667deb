// One offer: why this and none of the others, what became of it, what the core was told, and how
// often the customer was spoken to.
import { ActionIcon, NativeSelect, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Maximize2 } from 'lucide-react';
import { useState } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import { Instant, LastDay, Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { MemberLink } from '../loyalty/member-link.tsx';
import '../../parts/explorer.css';
import '../../parts/split.css';
import '../payments/payments.css';
import { Contacts } from './contacts.tsx';
import type { Candidate, Offer, Terms } from './shapes.ts';
import { Candidates, TermsView } from './terms.tsx';
import { actText, armText, pathText, percentOf, statusLooks } from './words.ts';

const offerOp = 'GET /v1/offers/{id}';
const withdrawOp = 'POST /v1/offers/{id}/withdraw';

export function OfferView({ id, isPage = false }: { readonly id: string; isPage?: boolean }) {
  const { data, error, refetch } = useApi(offerOp, { path: { id } });
  const [url, setUrl] = useUrl();
  useRefresh(['offer.'], [offerOp]);
  if (!data) return error ? <ProblemNote error={error} retry={refetch} /> : <Loading />;
  return (
    <div className="object" data-page={isPage || undefined}>
      <Head offer={data} isPage={isPage} />
      <p className="sentence" data-tone={statusLooks[data.status][1]}>
        <strong>{data.message}</strong> <span className="text">{data.why}</span>
      </p>
      <div className="object-body">
        <div>
          <Why offer={data} />
          <Life offer={data} />
        </div>
        <div>
          <About offer={data} />
          <Section title="Contacts" about="of this customer, by any path">
            <Contacts customer={data.customer} />
          </Section>
        </div>
      </div>
      {url['do'] === 'withdraw' && (
        <WithdrawDialog offer={data} close={() => setUrl({ do: undefined })} />
      )}
    </div>
  );
}

function Head({ offer, isPage }: { readonly offer: Offer; readonly isPage: boolean }) {
  const [, setUrl] = useUrl();
  const { offer_id, status, reason, action, presented_at } = offer;
  const isOpen = status === 'presented' || status === 'viewed' || status === 'accepted';
  return (
    <header className="object-head">
      <div className="object-title">
        <span className="object-amount">
          <Link to={`/offers/actions/${action}` as never}>{action}</Link>
        </span>
        <State word={statusLooks[status][0]} tone={statusLooks[status][1]}>
          {reason === null ? status : `${status}: ${wordsOf(reason)}`}
        </State>
        <span className="dimmed">
          <Time at={presented_at} />
        </span>
      </div>
      <div className="object-line">
        <Id id={offer_id} link={false} whole />
      </div>
      <div className="object-acts">
        <ActButton
          right="offers:write"
          unless={isOpen ? undefined : `It is ${status}`}
          onClick={() => setUrl({ do: 'withdraw' })}
        >
          Withdraw it
        </ActButton>
        {!isPage && (
          <Tooltip label="Open its page (Enter)">
            <ActionIcon
              size={30}
              aria-label="Open its page"
              renderRoot={(props) => <Link to={`/offers/${offer_id}` as never} {...props} />}
            >
              <Maximize2 size={14} />
            </ActionIcon>
          </Tooltip>
        )}
      </div>
    </header>
  );
}

/** The terms of this one, and what became of every other that was looked at. */
function Why({ offer }: { readonly offer: Offer }) {
  const { session_id, terms, currency, action, decision_id, chosen_by_model } = offer;
  const session = useApi(
    'GET /v1/offers/sessions/{id}',
    { path: { id: session_id ?? '' } },
    { enabled: session_id !== null },
  );
  const candidates = (session.data?.candidates ?? []) as readonly Candidate[];
  const own = terms as unknown as Terms;
  const most = Math.max(own.v, ...candidates.map((each) => each.terms?.v ?? 0));
  const by = chosen_by_model ? 'a model said how likely it is' : 'no model was asked';
  return (
    <>
      <Section title="Why this" about={by}>
        <TermsView {...{ currency, most }} terms={own} />
        <p className="card-foot">
          Policy allowed it: <Id id={decision_id} />
        </p>
      </Section>
      <Section title="What else was looked at" about="and why it was not offered">
        {session.error && <ProblemNote error={session.error} retry={session.refetch} />}
        {session.isLoading && <Loading />}
        {session_id === null && (
          <span className="dimmed">The look is not on record, or will be in a moment.</span>
        )}
        {candidates.length > 0 && (
          <Candidates of={candidates} chosen={action} currency={currency} />
        )}
      </Section>
    </>
  );
}

function About({ offer }: { readonly offer: Offer }) {
  const { rate_bps, discount_bps, currency, booked_account, class: kind } = offer;
  return (
    <Section title="The offer">
      <Facts
        of={{
          Customer: <MemberLink customer={offer.customer} />,
          Product: offer.product_code,
          Amount:
            offer.amount === 0 ? undefined : <Amount minor={offer.amount} currency={currency} />,
          Rate:
            rate_bps === null
              ? undefined
              : `${percentOf(rate_bps)}${discount_bps === 0 ? '' : `, ${percentOf(discount_bps)} better than the list`}`,
          Code: <span className="mono">{offer.code}</span>,
          By: `${wordsOf(offer.channel)}, ${pathText(offer.path)}`,
          Contact: offer.counts ? 'counts as one' : `does not count: it is ${kind}`,
          Experiment: armText(offer.arm),
          'Good until': <LastDay end={offer.expires_at} />,
          Advisor: offer.advised_at === null ? undefined : <Time at={offer.advised_at} whole />,
          Booked: booked_account === null ? undefined : <Id id={booked_account} />,
        }}
      />
    </Section>
  );
}

function Life({ offer: { history, core } }: { readonly offer: Offer }) {
  return (
    <>
      <Section title="What became of it" about="the latest at the bottom">
        <ol className="steps">
          {history.map(({ number, act, took_effect, acted_by, acted_at, detail }) => (
            <li key={number}>
              <State word={took_effect ? 'ok' : 'none'}>
                {took_effect ? actText(act) : `${actText(act)}: came late, or again`}
              </State>
              <Instant at={acted_at} />
              <span className="dimmed">
                by <Who principal={acted_by} />
                {typeof detail['reason'] === 'string' && `: ${wordsOf(detail['reason'])}`}
              </span>
            </li>
          ))}
        </ol>
      </Section>
      <Section title="The bank’s core" about="what it was told">
        {core.length === 0 && (
          <span className="dimmed">
            Nothing: it keeps no record of offers, or is told in a moment.
          </span>
        )}
        {core.length > 0 && (
          <table className="plain">
            <tbody>
              {core.map(({ kind, outcome, status, attempts, receipt, trouble }) => (
                <tr key={`${kind} ${outcome}`}>
                  <th scope="row">
                    {wordsOf(kind)}, {wordsOf(outcome)}
                  </th>
                  <td>
                    <State word={coreLooks[status] ?? 'none'}>{wordsOf(status)}</State>
                  </td>
                  <td className="mono">{receipt}</td>
                  <td className="dimmed">
                    {trouble ?? (attempts > 1 ? `after ${attempts} tries` : '')}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Section>
    </>
  );
}

const coreLooks: Readonly<Record<string, string>> = {
  waiting: 'pending',
  written: 'ok',
  given_up: 'failed',
};

const reasons = ['mistake', 'no_longer_eligible', 'consent_withdrawn', 'action_stopped'] as const;

function WithdrawDialog({ offer, close }: { readonly offer: Offer; readonly close: () => void }) {
  const [reason, setReason] = useState<(typeof reasons)[number]>('mistake');
  const act = useAct(withdrawOp, [offerOp, 'GET /v1/offers']);
  const withdraw = () =>
    act.mutate(
      { path: { id: offer.offer_id }, body: { reason } },
      {
        onSuccess: () => {
          tell('Withdrawn: the customer sees it no more.');
          close();
        },
      },
    );
  return (
    <FormDialog
      title="Withdraw this offer"
      does="Withdraw it"
      danger
      {...{ error: act.error, isPending: act.isPending, close, submit: withdraw }}
    >
      <Text>The customer can accept it no more. It stays a contact: that was made.</Text>
      <NativeSelect
        size="xs"
        label="Why"
        value={reason}
        data={reasons.map((value) => ({ value, label: wordsOf(value) }))}
        onChange={({ currentTarget }) => setReason(currentTarget.value as typeof reason)}
      />
    </FormDialog>
  );
}
