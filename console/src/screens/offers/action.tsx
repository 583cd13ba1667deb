// One action: what is offered to whom, in which words, what it weighs, its versions, and the desk.
import { Table } from '@mantine/core';
import { Link, useParams } from '@tanstack/react-router';
import { type ReactNode, useMemo } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Changes } from '../../parts/changes.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { PageTabs, useTabs } from '../../parts/page-tabs.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Card, Facts, Screen, Scroll } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { ActionDesk, actionReads } from './action-desk.tsx';
import { ActionState } from './action-list.tsx';
import './offers.css';
import type { Action, ActionRead } from './shapes.ts';
import { percentOf } from './words.ts';

const tabs = [
  ['about', 'What it is'],
  ['versions', 'Versions'],
  ['edit', 'Write a version'],
] as const;
const million = 1_000_000;

export function ActionPage() {
  const { code = '' } = useParams({ strict: false }) as { readonly code?: string };
  const { data, error, refetch } = useApi('GET /v1/offers/actions/{code}', { path: { code } });
  useRefresh(['offers.'], actionReads);
  const [shown, keysOfTabs] = useTabs(tabs);
  const [, setUrl] = useUrl();
  const edit = () => setUrl({ tab: 'edit' });
  const keys: readonly Key[] = [
    ...keysOfTabs,
    { key: 'e', words: 'Write the next version', act: edit },
  ];
  useKeys(keys, data !== undefined);
  if (!data) {
    return (
      <Screen title={code}>
        <Scroll>{error ? <ProblemNote error={error} retry={refetch} /> : <Loading />}</Scroll>
      </Screen>
    );
  }
  return (
    <Screen
      title={data.action.title}
      about={
        <>
          <span className="mono">{code}</span>, version {data.version},{' '}
          <ActionState status={data.status} /> since <Time at={data.changed_at} /> ·{' '}
          <Link to={'/offers' as never} search={{ action: code } as never}>
            offers of it
          </Link>{' '}
          ·{' '}
          <Link to={'/experiments' as never} search={{ action: code } as never}>
            experiment
          </Link>
        </>
      }
      actions={
        <>
          <KeysButton keys={keys} />
          <StopButton of={data} />
          <ActButton right="offers:write" variant="filled" onClick={edit}>
            Write a version
          </ActButton>
        </>
      }
    >
      <PageTabs tabs={tabs} shown={shown}>
        {shown === 'about' && <ActionView action={data.action} />}
        {shown === 'versions' && <Versions of={data} />}
        {shown === 'edit' && <ActionDesk action={data} done={() => setUrl({ tab: 'versions' })} />}
      </PageTabs>
    </Screen>
  );
}

/** Who stops waits for nobody; going on is another matter. */
function StopButton({ of: { code, status } }: { readonly of: ActionRead }) {
  const stop = useAct('POST /v1/offers/actions/{code}/stop', actionReads);
  const resume = useAct('POST /v1/offers/actions/{code}/resume', actionReads);
  const isLive = status === 'live';
  const act = isLive ? stop : resume;
  const error = stop.error ?? resume.error;
  return (
    <>
      {error && <Refusal error={error} about={`Offer ${code} again`} />}
      <ActButton
        right="offers:write"
        loading={act.isPending}
        onClick={() => act.mutate({ path: { code } })}
      >
        {isLive ? 'Stop it' : 'Offer it again'}
      </ActButton>
    </>
  );
}

function ActionView({ action }: { readonly action: Action }) {
  return (
    <div className="stacked">
      <div className="side-by-side">
        <WhatIsOffered action={action} />
        <Weighs action={action} />
      </div>
      <Card title="For whom" flush>
        <Conditions action={action} />
      </Card>
      <Card title="In which words" flush>
        <Table aria-label="Treatments" className="reading">
          <Table.Tbody>
            {action.treatments.map(({ channel, message }) => (
              <Table.Tr key={channel}>
                <Table.Th scope="row" w={150} fw={400}>
                  {wordsOf(channel)}
                </Table.Th>
                <Table.Td className="text">{message}</Table.Td>
              </Table.Tr>
            ))}
            <Table.Tr>
              <Table.Th scope="row" fw={400}>
                why this
              </Table.Th>
              <Table.Td className="text">{action.why}</Table.Td>
            </Table.Tr>
          </Table.Tbody>
        </Table>
      </Card>
    </div>
  );
}

function WhatIsOffered({ action }: { readonly action: Action }) {
  const { product, bundle = [], terms, volume, from, until, valid_days, apply } = action;
  const { rate_bps, list_rate_bps } = terms;
  return (
    <Card title="What is offered">
      <Facts
        of={{
          Product: `${product.code}, ${product.kind}`,
          'Comes with': bundle.length === 0 ? undefined : bundle.map(({ code }) => code).join(', '),
          Class: wordsOf(action.class ?? 'default'),
          Amount:
            terms.amount === 0 ? undefined : (
              <Amount minor={terms.amount} currency={terms.currency} />
            ),
          Rate:
            rate_bps === undefined
              ? undefined
              : `${percentOf(rate_bps)} a year${list_rate_bps === undefined ? '' : `, ${percentOf(list_rate_bps)} for everybody`}`,
          'How many':
            volume === undefined
              ? 'as many as fit'
              : `${countText(volume.offers_max)} ${volume.period === 'total' ? 'in all' : `a ${volume.period}`}`,
          Valid: `${valid_days} days`,
          From: from === undefined ? undefined : <Time at={from} whole />,
          Until: until === undefined ? undefined : <Time at={until} whole />,
          'Applied for at':
            apply === undefined ? 'a person of the bank' : <span className="mono">{apply}</span>,
        }}
      />
    </Card>
  );
}

function Weighs({ action }: { readonly action: Action }) {
  const { propensity, context = [], value, terms, lever_percent = 100, uses_model = true } = action;
  return (
    <Card title="What it weighs: P × C × V × L">
      <Facts
        of={{
          'P propensity': (
            <>
              {shareText(propensity.starting_ppm / million)} to begin with, worth{' '}
              {countText(propensity.evidence)} answers
              {uses_model ? '; a model may say otherwise' : '; no model is asked'}
            </>
          ),
          'C context':
            context.length === 0
              ? '100 %'
              : context.map(({ when, percent }) => (
                  <div key={when}>
                    {percent} % where <code className="mono">{when}</code>
                  </div>
                )),
          'V value': <Amount minor={value} currency={terms.currency} />,
          'L lever': `${lever_percent} %`,
          'Of equals': action.priority === undefined ? undefined : `number ${action.priority}`,
        }}
      />
    </Card>
  );
}

const stages = [
  ['eligibility', 'Eligible'],
  ['applicability', 'Applicable'],
  ['suitability', 'Suitable'],
] as const;

function Conditions({ action }: { readonly action: Action }): ReactNode {
  const all = stages.flatMap(([stage, words]) =>
    (action[stage] ?? []).map((each) => ({ ...each, stage: words })),
  );
  if (all.length === 0) {
    return <p className="dimmed card-note">For everybody whom policy lets it be offered to.</p>;
  }
  return (
    <Table aria-label="For whom" className="reading">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w={110}>Stage</Table.Th>
          <Table.Th>It must hold that</Table.Th>
          <Table.Th w="42%">Else it says</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {all.map(({ id, stage, when, says }) => (
          <Table.Tr key={`${stage} ${id}`}>
            <Table.Td>{stage}</Table.Td>
            <Table.Td>
              <code className="mono">{when}</code>
              <div className="mono dimmed">{id}</div>
            </Table.Td>
            <Table.Td>{says}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Versions({ of: { versions } }: { readonly of: ActionRead }) {
  const [url, setUrl] = useUrl();
  const sorted = useMemo(
    () => [...versions].sort((one, other) => other.version - one.version),
    [versions],
  );
  const at = Math.max(
    0,
    sorted.findIndex(({ version }) => String(version) === url['of']),
  );
  const [shown, before] = [sorted[at], sorted[at + 1]];
  return (
    <div className="stacked">
      <Card title="Versions" flush>
        <Table aria-label="Versions" className="reading" highlightOnHover>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={80}>Version</Table.Th>
              <Table.Th>Published</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th>Approval</Table.Th>
              <Table.Th w={130}>Changes</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((each) => (
              <Table.Tr key={each.version} data-here={each === shown || undefined}>
                <Table.Td>{each.version}</Table.Td>
                <Table.Td>
                  <Time at={each.published_at} whole />
                </Table.Td>
                <Table.Td>
                  <Who principal={each.published_by} />
                </Table.Td>
                <Table.Td>
                  <Id id={each.approval_id} />
                </Table.Td>
                <Table.Td>
                  <button
                    type="button"
                    className="as-link"
                    aria-pressed={each === shown}
                    onClick={() => setUrl({ of: String(each.version) })}
                  >
                    see them
                  </button>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Card>
      {shown && (
        <Card title={`What version ${shown.version} has changed`} flush>
          {before ? (
            <Changes
              label={`Changes of version ${shown.version}`}
              before={before.action}
              after={shown.action}
            />
          ) : (
            <p className="dimmed card-note">It is the first.</p>
          )}
        </Card>
      )}
    </div>
  );
}
