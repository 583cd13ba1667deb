// A customer: who the bank knows them as, what they have, what they agreed to, and what they did.
import { useParams } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { shortId } from '../../parts/id.tsx';
import { useParty } from '../../parts/party.ts';
import { Card, Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Accounts } from './accounts.tsx';
import { Consents } from './consents.tsx';
import { Authenticators, Contacts, Limits, Screenings } from './register.tsx';
import { PaymentsOf } from './payments.tsx';
import { PurposeChoice } from './purpose.tsx';
import '../../parts/split.css';
import './customers.css';

export function CustomerPage() {
  const { id = '' } = useParams({ strict: false }) as { readonly id?: string };
  const isParty = id.startsWith('pty_');
  const [{ purpose = '' }] = useUrl();
  const may = useMay()('register:read');
  const party = useParty(id, purpose, isParty && may.allowed);
  const accounts = useApi(
    'GET /v1/accounts',
    { query: { holder_id: id, limit: 50 } },
    { enabled: useMay()('ledger:read').allowed },
  );
  const name = party.data?.visible.name ?? shortId(id);
  return (
    <Screen
      title={name}
      about={party.data && <State word={party.data.status} tone="still" />}
      actions={isParty && <PurposeChoice />}
    >
      <Scroll>
        <div className="customer">
          <div className="customer-main">
            <PaymentsOf id={id} />
            <Accounts
              of={accounts.data?.items}
              error={accounts.error}
              party={isParty ? id : undefined}
            />
            <Limits accounts={accounts.data?.items} />
          </div>
          <div className="customer-side">
            <Card title="Register">
              {!isParty && (
                <p className="dimmed customer-note">
                  <span className="mono">{id}</span> is a reference of the bank’s own: the register
                  here has no party of this name.
                </p>
              )}
              {isParty && !may.allowed && <p className="dimmed customer-note">{may.why}</p>}
              {party.error && <ProblemNote error={party.error} retry={party.refetch} />}
              {isParty && may.allowed && !party.data && !party.error && <Loading />}
              {party.data && <Known of={party.data} purpose={purpose} />}
            </Card>
            {isParty && <Contacts id={id} purpose={purpose} />}
            <Screenings id={id} />
            <Consents id={id} />
            <Authenticators id={id} />
          </div>
        </div>
      </Scroll>
    </Screen>
  );
}

function Known({
  of,
  purpose,
}: {
  readonly of: NonNullable<ReturnType<typeof useParty>['data']>;
  readonly purpose: string;
}) {
  const hidden = (
    <span className="dimmed">
      {purpose === '' ? 'hidden until you say what for' : 'hidden for this purpose'}
    </span>
  );
  return (
    <Facts
      of={{
        Name: of.visible.name ?? hidden,
        'Date of birth':
          of.date_of_birth_token === null ? null : (of.visible.date_of_birth ?? hidden),
        Kind: of.kind === of.segment ? of.kind : `${of.kind}, ${of.segment}`,
        Country: of.country,
        Standing: wordsOf(of.status),
        Since: of.since,
        Household: of.household ?? undefined,
        'Merchant category': of.merchant_category ?? undefined,
        Id: <span className="mono">{of.party_id}</span>,
      }}
    />
  );
}
