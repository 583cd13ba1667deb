// How often customers are spoken to by all channels together, for how long they are left alone, and
// the desk where that is changed.
import { Table } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { checkedOf } from '../../parts/check-notes.tsx';
import { type Checked, DocumentDesk } from '../../parts/document-desk.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import type { ContactPolicy } from './shapes.ts';

const policyOp = 'GET /v1/offers/policy';
const changeOp = 'POST /v1/offers/policy';
const checkOp = 'POST /v1/offers/policy/check';

export function ContactPolicyView() {
  const { data, error, refetch } = useApi(policyOp, {});
  const [url, setUrl] = useUrl();
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  if (url['do'] === 'edit') {
    return <Desk policy={data.contact_policy} done={() => setUrl({ do: undefined })} />;
  }
  return (
    <div className="stacked">
      <div className="side-by-side">
        <Contacting policy={data.contact_policy} version={data.version} />
        <LeftAlone policy={data.contact_policy} />
      </div>
      <div>
        <ActButton right="offers:write" onClick={() => setUrl({ do: 'edit' })}>
          Write a version
        </ActButton>
      </div>
    </div>
  );
}

function Contacting({
  policy,
  version,
}: {
  readonly policy: ContactPolicy;
  readonly version: number;
}) {
  return (
    <Card
      title="How often"
      flush
      actions={
        <span className="dimmed" style={{ fontWeight: 400 }}>
          {version === 0 ? 'as it is before anybody changes it' : `version ${version}`}
        </span>
      }
    >
      <Table aria-label="How often" className="reading">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Channel</Table.Th>
            <Table.Th ta="end">At most</Table.Th>
            <Table.Th ta="end">Within</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          <Table.Tr>
            <Table.Th scope="row">All together</Table.Th>
            <Table.Td ta="end">{policy.offers_max}</Table.Td>
            <Table.Td ta="end">30 days</Table.Td>
          </Table.Tr>
          {policy.channels.map(({ channel, offers_max, days }) => (
            <Table.Tr key={channel}>
              <Table.Th scope="row" fw={400}>
                {wordsOf(channel)}
              </Table.Th>
              <Table.Td ta="end">{offers_max}</Table.Td>
              <Table.Td ta="end">{days} days</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <p className="dimmed card-note">
        By a channel that does not stand here: as often as all together let.
      </p>
    </Card>
  );
}

const terms = ['propensity', 'context', 'value', 'lever'] as const;

function LeftAlone({ policy }: { readonly policy: ContactPolicy }) {
  return (
    <Card title="Left alone, and what counts">
      <Facts
        of={{
          'What was refused': `not again for ${policy.refusal_days} days`,
          'After a complaint': `nothing for ${policy.complaint_days} days`,
          'The same again': `not within ${policy.repeat_days} days`,
          'In a session': `${policy.session_offers_max} at a time, the same for ${policy.session_minutes} minutes`,
          'No answer': `a person is asked to talk to them after ${policy.advise_after_days} days`,
          'At night': nightText(policy.nightly),
          'Ranked by': (
            <span className="policy-terms">
              {terms.map((term) => (
                <State key={term} word={policy.arbitration.includes(term) ? 'ok' : 'off'}>
                  {term}
                </State>
              ))}
            </span>
          ),
        }}
      />
    </Card>
  );
}

/** When a batch begins by itself. */
export function nightText(nightly: ContactPolicy['nightly']): string {
  if (nightly === undefined) return 'no batch begins by itself';
  const from = `${String(nightly.hour).padStart(2, '0')}:00`;
  return `each customer is looked at from ${from} on, for ${nightly.channels.map(wordsOf).join(', ')}`;
}

function Desk({ policy, done }: { readonly policy: ContactPolicy; readonly done: () => void }) {
  const queries = useQueryClient();
  const check = async (document: object): Promise<Checked> =>
    checkedOf(await call(checkOp, { body: document as ContactPolicy }));
  const publish = async (document: object) => {
    const body = document as ContactPolicy;
    await withApproval<typeof changeOp>((approval_id) =>
      call(changeOp, {
        body: approval_id === undefined ? body : { ...body, approval_id },
        key: `contact-policy-${approval_id ?? crypto.randomUUID()}`,
      }),
    );
    await queries.invalidateQueries({ queryKey: [policyOp] });
    tell('This contact policy is in force.');
  };
  return (
    <DocumentDesk
      id="contact policy"
      title="The contact policy"
      inForce={policy}
      right="offers:write"
      {...{ check, publish }}
      about={() => 'Change how often customers are spoken to'}
      done={done}
    />
  );
}
