// The whole log verified now, in the background of the server: its progress, and what was found.
import { Checkbox, Progress } from '@mantine/core';
import { useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useAct, useApi } from '../../api/queries.ts';
import { countText, spanText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { Copied } from './head.tsx';

type Run = NonNullable<Answer<'GET /v1/evidence/verifications'>['verification']>;

const lookMs = 500;

export function Verification() {
  const [isRunning, setRunning] = useState(false);
  const { data, error, refetch } = useApi(
    'GET /v1/evidence/verifications',
    {},
    { keep: true, ...(isRunning ? { refetchMs: lookMs } : {}) },
  );
  const run = data?.verification ?? undefined;
  const runs = run?.state === 'running';
  if (runs !== isRunning) setRunning(runs);
  const [repeats, setRepeats] = useState(false);
  const act = useAct('POST /v1/evidence/verifications', ['GET /v1/evidence/verifications']);
  const verify = () => {
    if (!runs && !act.isPending) act.mutate({ body: { repeat_decisions: repeats } });
  };
  useKeys([{ key: 'v', words: 'Verify now', act: verify }]);
  return (
    <Section title="Verify the whole log">
      <div className="verify-line">
        <ActButton
          right="events:read"
          variant="filled"
          loading={act.isPending}
          unless={runs ? 'One is running: its progress stands below' : undefined}
          onClick={verify}
        >
          Verify now (v)
        </ActButton>
        <Checkbox
          label="Make every decision anew as well"
          checked={repeats}
          onChange={({ currentTarget }) => setRepeats(currentTarget.checked)}
        />
      </div>
      <p className="dimmed verify-words">
        Every event against its leaf, the tree and its signed heads; the ledger and all commands
        against the events.
      </p>
      {act.error && <ProblemNote error={act.error} />}
      {error && <ProblemNote error={error} retry={refetch} />}
      {run && (
        <div className="act-result" role="status">
          {runs ? <Going run={run} /> : <Ended run={run} />}
        </div>
      )}
    </Section>
  );
}

function Going({ run }: { readonly run: Run }) {
  const { events, events_total } = run;
  const share = events_total === 0 ? 0 : (100 * events) / events_total;
  return (
    <>
      <State word="running">
        {events_total === 0
          ? 'Beginning'
          : `${countText(events)} of ${countText(events_total)} events read`}
      </State>
      <Progress value={share} size="sm" mt={6} aria-label="Events that were read" />
    </>
  );
}

const endings = {
  failed:
    'It could not be carried out: the log of the server says why. Nothing is said of the log.',
  cut_short: 'It was ended before it was through. Nothing is said of the rest of the log.',
} as const;

function Ended({ run }: { readonly run: Run }) {
  const { state, started_at, ended_at, started_by, events, findings, omitted, root } = run;
  if (state === 'failed' || state === 'cut_short') {
    return (
      <>
        <State word="failed">Not verified</State>
        <p className="verify-words">{endings[state]}</p>
      </>
    );
  }
  const took = Date.parse(ended_at ?? started_at) - Date.parse(started_at);
  const count = findings.length + omitted;
  return (
    <>
      <div className="receipt-head">
        {count === 0 ? (
          <State word="passed">{`All ${countText(events)} events agree`}</State>
        ) : (
          <State word="failed">{`${countText(count)} ${count === 1 ? 'thing does' : 'things do'} not agree`}</State>
        )}
        <span className="dimmed">
          <Time at={ended_at ?? started_at} />, in {spanText(took)}, by{' '}
          <Who principal={started_by} />
        </span>
      </div>
      {count === 0 && <AllWell run={run} />}
      {root !== null && count > 0 && <Copied text={root} />}
      <Findings of={findings} omitted={omitted} />
    </>
  );
}

function AllWell({ run }: { readonly run: Run }) {
  const { size, signed, root, repeats_decisions } = run;
  return (
    <ul className="verify-well">
      <li>
        Their texts give the root, hashed anew
        {root !== null && (
          <>
            : <Copied text={root} />
          </>
        )}
      </li>
      <li>
        {countText(signed ?? 0)} of {countText(size ?? 0)} stand under a genuine signed head
      </li>
      <li>Ledger, commands, bundles and scores say the same as the events</li>
      <li>
        {repeats_decisions
          ? 'Every decision comes out the same when it is made again'
          : 'Decisions were not made again'}
      </li>
    </ul>
  );
}

function Findings({ of, omitted }: { readonly of: Run['findings']; readonly omitted: number }) {
  if (of.length === 0) return null;
  return (
    <table className="plain findings" aria-label="What does not agree">
      <thead>
        <tr>
          <th>Found</th>
          <th>Where</th>
          <th>What is wrong</th>
        </tr>
      </thead>
      <tbody>
        {of.map(({ what, event, position, detail }) => (
          <tr key={`${what} ${event} ${position} ${detail}`}>
            <td>
              <State word="failed">{what}</State>
            </td>
            <td>
              {event !== undefined && <Id id={event} />}
              {position !== undefined && (
                <span className="dimmed"> place {countText(position)}</span>
              )}
            </td>
            <td className="text">{detail}</td>
          </tr>
        ))}
        {omitted > 0 && (
          <tr>
            <td colSpan={3} className="dimmed">
              and {countText(omitted)} more, which `countersign verify` lists
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}
