// Where a version of a programme is written: its examples are worked out as it is checked, and what
// is published was put on record before, so that whoever approves it can read it.
import { SegmentedControl } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { type Checked, DocumentDesk } from '../../parts/document-desk.tsx';
import { Folded } from '../../parts/explorer.tsx';
import { InstantInput } from '../../parts/instant-input.tsx';
import { tell } from '../../parts/tell.ts';
import { pointsWord } from './rules.tsx';
import type { Program, ProgramRead } from './shapes.ts';

const publishOp = 'POST /v1/loyalty/programs';
const checkOp = 'POST /v1/loyalty/programs/{name}/check';

export function ProgramDesk({
  name,
  inForce,
  done,
}: {
  /** Undefined for a new one: its document says its name. */
  readonly name: string | undefined;
  readonly inForce?: ProgramRead | undefined;
  readonly done: (name: string) => void;
}) {
  const queries = useQueryClient();
  const [when, setWhen] = useState<'now' | 'later'>('now');
  const [instant, setInstant] = useState<string>();
  const from = when === 'later' && instant !== undefined ? { effective_at: instant } : {};
  const last = useLast(name);
  const nameOf = (document: object) => name ?? (document as Partial<Program>).name ?? 'unnamed';
  const check = async (document: object): Promise<Checked> => {
    const path = { name: nameOf(document) };
    const found = await call(checkOp, { path, body: { document, ...from, ...last } });
    return { flaws: found.errors, notes: <Worked of={found} /> };
  };
  const publish = async (given: object) => {
    const document = given as Program;
    const path = { name: nameOf(document) };
    // Once for each text: the same draft again is the same draft.
    await call('POST /v1/loyalty/programs/{name}/drafts', {
      ...{ path, body: { document }, key: crypto.randomUUID() },
    });
    await withApproval<typeof publishOp>((approval_id) =>
      call(publishOp, {
        body: { document, ...from, ...last, ...(approval_id === undefined ? {} : { approval_id }) },
        key: `publish-${approval_id ?? crypto.randomUUID()}`,
      }),
    );
    await queries.invalidateQueries({ queryKey: ['GET /v1/loyalty/programs'] });
    await queries.invalidateQueries({ queryKey: ['GET /v1/loyalty/programs/{name}'] });
    await queries.invalidateQueries({ queryKey: ['GET /v1/loyalty/programs/{name}/versions'] });
    tell(when === 'later' ? 'Published for then.' : 'Published: it counts from now on.');
    done(path.name);
  };
  return (
    <DocumentDesk
      id={`programme ${name ?? 'new'}`}
      title="The document"
      inForce={inForce?.document}
      blank={blank}
      right="loyalty:write"
      check={check}
      within="/document"
      publish={publish}
      about={(document) =>
        `Publish a version of the programme ${nameOf(document)}${inForce ? `, after ${inForce.version}` : ''}`
      }
      done={() => undefined}
    >
      <SegmentedControl
        fullWidth
        aria-label="In force from"
        value={when}
        onChange={(next) => setWhen(next as 'now' | 'later')}
        data={[
          { value: 'now', label: 'When published' },
          { value: 'later', label: 'From a moment on' },
        ]}
      />
      {when === 'later' && (
        <InstantInput label="In force from" value={instant} onChange={setInstant} />
      )}
    </DocumentDesk>
  );
}

/** What was published last: who publishes over something else is told. */
function useLast(name: string | undefined): { readonly supersedes?: string | null } {
  const { data } = useApi(
    'GET /v1/loyalty/programs/{name}/versions',
    { path: { name: name ?? '' }, query: { limit: 1 } },
    { enabled: name !== undefined },
  );
  if (name === undefined) return { supersedes: null };
  return data ? { supersedes: data.items[0]?.digest ?? null } : {};
}

type Found = Awaited<ReturnType<typeof call<typeof checkOp>>>;

/** What its own examples come to, and what none of them tries. */
function Worked({ of: { examples, untested, version } }: { readonly of: Found }) {
  return (
    <>
      <p className="desk-note">
        {version !== null && <span className="mono">{version}: </span>}
        {examples.length} {examples.length === 1 ? 'example' : 'examples'} worked out as expected.
      </p>
      <Folded title="What each of them earns">
        <ul className="flaws">
          {examples.map(({ name, earning }) => (
            <li key={name}>
              {name}: <strong>{pointsWord(earning.points)}</strong>
            </li>
          ))}
        </ul>
      </Folded>
      {untested.length > 0 && (
        <p className="desk-note">No example makes these hold: {untested.join(', ')}.</p>
      )}
    </>
  );
}

/** What a first version begins with: small, and right as it stands. */
const blank = {
  ...{ format: 1, name: 'new-programme', title: 'New programme' },
  description: 'One point for each 1.00 that is paid by card.',
  ...{ unit: 'POINTS', currency: 'USD', point_value_micros: 500_000, time_zone: 'UTC' },
  rules_as_of: 'authorization',
  earn: {
    rates: { purchase: { points: 1, per: 100 } },
    ...{ rounding: 'half_up', stacking: 'best', exclusions: [], rules: [] },
    reward_of_spend_bps_max: 500,
  },
  pending: 'immediate',
  expiry: { kind: 'calendar', months: 24, round_up_to: 'month', from: 'earning' },
  returns: 'within_balance',
  examples: [
    {
      name: 'a purchase of 10.00',
      transaction: { kind: 'purchase', amount: 1_000 },
      expect: { points: 10 },
    },
  ],
};
