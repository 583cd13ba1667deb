// Beside the path: what happened when, what it is made by, and what it belongs to.
import { Link } from '@tanstack/react-router';
import { Id, shortId } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Instant, Time } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { PolicyVersion } from '../decisions/rules.tsx';
import { type Payment, type Score, type Step, toldBy } from './words.ts';

export function Beside({ payment }: { readonly payment: Payment }) {
  return (
    <div>
      <Section title="Timeline" about="the latest at the bottom">
        <ol className="steps">
          {payment.history.map((step) => (
            <StepLine key={step.event_id} step={step} />
          ))}
        </ol>
      </Section>
      <Versions payment={payment} />
      <Related payment={payment} />
    </div>
  );
}

function StepLine({ step }: { readonly step: Step }) {
  const { status = '', code, reason, amount, currency, requested_by } = toldBy(step);
  const words = [code, reason].flatMap((each) => (each ? [wordsOf(each)] : [])).join(', ');
  return (
    <li>
      <State word={status}>{wordsOf(step.type.replace(/^payment\./, ''))}</State>
      <Instant at={step.at} />
      <span className="dimmed">
        {amount !== undefined && currency !== undefined && (
          <>
            <Amount minor={amount} currency={currency} />{' '}
          </>
        )}
        {requested_by !== undefined && `by ${nameOf(requested_by)} `}
        <Id id={step.event_id} />
      </span>
      {words !== '' && <span className="text">{words}</span>}
    </li>
  );
}

function Versions({ payment }: { readonly payment: Payment }) {
  const score = payment.score as unknown as Score | null;
  const bundles = [...new Map(payment.decisions.map((each) => [each.bundle, each])).values()];
  const screened = payment.decisions[0]?.facts['screening_status'];
  return (
    <Section title="Versions" about="that decided it">
      <Facts
        of={{
          Policy: (
            <>
              {bundles.map(({ bundle, policy_version }) => (
                <div key={bundle}>
                  <PolicyVersion version={policy_version} bundle={bundle} />
                </div>
              ))}
            </>
          ),
          Model: score?.model ? (
            <Link to={`/models/${score.model.name}` as never}>
              {score.model.name} {score.model.version}
            </Link>
          ) : null,
          Lists: typeof screened === 'string' ? <ListsSaid status={screened} /> : undefined,
        }}
      />
    </Section>
  );
}

/** The payee is compared when it changes, not with each payment. */
function ListsSaid({ status }: { readonly status: string }) {
  return (
    <>
      {status === 'known' ? 'payee compared before' : wordsOf(status)}{' '}
      <Link to={'/screening' as never}>lists</Link>
    </>
  );
}

function Related({ payment }: { readonly payment: Payment }) {
  const { debtor_account_id, creditor_account_id, end_to_end_id, command_id, trace_id } = payment;
  const others = (account: string) => (
    <Link to={`/payments?q=${account}` as never}>all its payments</Link>
  );
  return (
    <Section title="Related">
      <Facts
        of={{
          'Debtor’s account': (
            <>
              <Id id={debtor_account_id} /> {others(debtor_account_id)}
            </>
          ),
          'Creditor’s account': (
            <>
              <Id id={creditor_account_id} /> {others(creditor_account_id)}
            </>
          ),
          Decisions: payment.decisions.map(({ decision_id }) => (
            <div key={decision_id}>
              <Id id={decision_id} />
            </div>
          )),
          'End-to-end id': end_to_end_id ?? undefined,
          Ordered: <Time at={payment.created_at} whole />,
          Changed: <Time at={payment.updated_at} whole />,
          Purpose: payment.purpose ?? undefined,
          Command: <span className="mono">{shortId(command_id)}</span>,
          Trace: <span className="mono">{trace_id}</span>,
        }}
      />
    </Section>
  );
}
