// Campaigns: how much of each budget is used, whether it lasts, and one of them beside the list.
import { useMemo } from 'react';
import { useRefresh } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Bar } from '../../parts/bar.tsx';
import { Explorer, Following } from '../../parts/explorer.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts, Panel } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time, useNow } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { AwardDialog, FundDialog } from './campaign-dialogs.tsx';
import { conditionText } from './conditions.ts';
import { Points } from './points.tsx';
import { useProgram } from './program-choice.tsx';
import type { Campaign } from './shapes.ts';

const campaignsOp = 'GET /v1/loyalty/campaigns';
export const campaignReads = [campaignsOp, 'GET /v1/loyalty/campaigns/{id}'] as const;

export function CampaignList() {
  const [url, setUrl] = useUrl();
  const { choice } = useProgram();
  const program = url['program'];
  const query = program === undefined ? {} : { program };
  const list = useApiPages(campaignsOp, { query });
  useRefresh(['loyalty.', 'transaction.posted'], campaignReads);
  const id = url['id'];
  const columns = useMemo(() => columnsOf(), []);
  return (
    <Explorer
      {...(choice ? { bar: choice } : {})}
      panel={
        id !== undefined && (
          <Panel label="The campaign" close={() => setUrl({ id: undefined, do: undefined })}>
            <Following id={id} View={CampaignView} />
          </Panel>
        )
      }
    >
      <Grid
        label="Campaigns"
        rows={list.items}
        columns={columns}
        idOf={({ campaign }) => campaign}
        selected={id}
        onSelect={({ campaign }) => setUrl({ id: campaign })}
        hearsAll
        {...{ more: list.more, hasMore: list.hasMore, isPending: list.isPending }}
        {...{ error: list.error, retry: list.refetch }}
        empty={
          <Empty title="There is no campaign yet">
            A campaign gives points for a time, out of a budget of its own. It is written by one
            person, approved by another, and funded with the approval of a manager.
          </Empty>
        }
      />
    </Explorer>
  );
}

function columnsOf(): readonly Column<Campaign>[] {
  return [
    {
      ...{ id: 'title', header: 'Campaign', width: 170, grow: true },
      cell: ({ title }) => title,
    },
    {
      ...{ id: 'state', header: 'State', width: 108 },
      cell: (campaign) => <CampaignState of={campaign} />,
    },
    {
      ...{ id: 'use', header: 'Budget used', width: 160 },
      cell: ({ use }) => (
        <span className="bar-cell">
          <Bar
            value={use.used}
            max={Math.max(1, use.funded)}
            color={use.lasts_until === null ? '--plane-money' : '--wait'}
            marks={foretold(use, use.funded)}
          />
          {shareText(use.used_bps / 10_000)}
        </span>
      ),
    },
    {
      ...{ id: 'left', header: 'Left', width: 90, align: 'end' as const },
      cell: ({ use }) => <Points points={use.left} />,
    },
    {
      ...{ id: 'lasts', header: 'Used up', width: 120, spare: true },
      cell: (campaign) => <UsedUp of={campaign} />,
    },
    {
      ...{ id: 'until', header: 'Ends', width: 100, spare: true },
      cell: ({ until }) => <Time at={until} />,
    },
    {
      ...{ id: 'program', header: 'Programme', width: 120, spare: true },
      cell: ({ program }) => program,
    },
  ];
}

function UsedUp({ of }: { readonly of: Campaign }) {
  const isEarly = useIsEarly(of);
  const { use } = of;
  if (use.lasts_until !== null) return <Time at={use.lasts_until} />;
  const words = isForetold(use) ? 'it lasts' : isEarly ? 'too early to say' : '–';
  return <span className="dimmed">{words}</span>;
}

/** Whether it has begun, and so lately that its pace says nothing yet. */
function useIsEarly({ from, use }: Campaign): boolean {
  return useNow() >= Date.parse(from) && use.forecast === null;
}

function CampaignState({ of: { from, until, use } }: { readonly of: Campaign }) {
  const now = useNow();
  if (Date.parse(until) <= now) return <State word="expired">over</State>;
  if (Date.parse(from) > now) return <State word="pending">not yet</State>;
  if (use.funded === 0) return <State word="warn">not funded</State>;
  if (use.left <= 0) return <State word="breached">used up</State>;
  return <State word="active">runs</State>;
}

function CampaignView({ id }: { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/loyalty/campaigns/{id}', { path: { id } });
  const [url, setUrl] = useUrl();
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const close = () => setUrl({ do: undefined });
  return (
    <div className="object">
      <header className="object-head">
        <div className="object-title">
          <span className="object-amount">{data.title}</span>
          <CampaignState of={data} />
        </div>
        <div className="object-line">
          <span className="mono">{id}</span>
          <span className="dimmed">of {data.program}</span>
        </div>
        <div className="object-acts">
          <ActButton right="loyalty:write" onClick={() => setUrl({ do: 'fund' })}>
            Fund it
          </ActButton>
          <ActButton
            right="loyalty:write"
            unless={data.use.funded === 0 ? 'It is not funded yet' : undefined}
            onClick={() => setUrl({ do: 'award' })}
          >
            Give points
          </ActButton>
        </div>
      </header>
      <Section title="Budget" about="as the ledger has it">
        <Budget of={data} />
      </Section>
      {data.use.account_id !== null && (
        <Section title="Its account" about="what was put in and given, entry by entry">
          <Id id={data.use.account_id} whole />
        </Section>
      )}
      <Section title="What it is">
        <p className="text campaign-about">{data.description}</p>
        <Facts
          of={{
            Gives: <Points points={data.points} unit="points" />,
            From: <Time at={data.from} whole />,
            Until: <Time at={data.until} whole />,
            'For whom':
              data.audience === undefined
                ? 'everybody'
                : Object.entries(data.audience).map(([fact, cell]) => (
                    <div key={fact}>{conditionText(fact, cell)}</div>
                  )),
            Made: (
              <>
                <Time at={data.created_at} /> by <Who principal={data.created_by} />
              </>
            ),
            Approval: <Id id={data.approval_id} />,
          }}
        />
      </Section>
      {url['do'] === 'fund' && <FundDialog campaign={data} close={close} />}
      {url['do'] === 'award' && (
        <AwardDialog campaign={data} fund={() => setUrl({ do: 'fund' })} close={close} />
      )}
    </div>
  );
}

/** Where it comes to at this pace, as far as the bar goes: beyond that only the words tell. */
function foretold(use: Campaign['use'], most: number): readonly number[] {
  const { forecast } = use;
  return forecast !== null && isForetold(use) && forecast <= most ? [forecast] : [];
}

/** A pace is one only once something was given. */
function isForetold({ funded, used, forecast }: Campaign['use']): boolean {
  return forecast !== null && funded > 0 && used > 0;
}

function Budget({ of }: { readonly of: Campaign }) {
  const { use } = of;
  const isEarly = useIsEarly(of);
  const { planned, funded, used, left, forecast, lasts_until } = use;
  const most = Math.max(1, planned, funded);
  const rows = [
    ['Planned', planned, '--still'],
    ['Funded', funded, '--plane-policy'],
    ['Used', used, '--plane-money'],
    ['Left', left, '--look'],
  ] as const;
  return (
    <>
      <table className="plain" aria-label="Budget">
        <tbody>
          {rows.map(([name, points, color]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td className="end">{countText(points)}</td>
              <td className="budget-bar">
                <Bar
                  value={points}
                  max={most}
                  color={color}
                  marks={name === 'Used' ? foretold(use, most) : []}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="card-foot">
        {funded === 0 ? (
          <span className="dimmed">It gives nothing before it is funded.</span>
        ) : isEarly ? (
          <span className="dimmed">
            Too early to say what it will come to: that is told once a day has passed, or a tenth of
            its time.
          </span>
        ) : !isForetold(use) ? (
          <span className="dimmed">What it will come to is told once it has given something.</span>
        ) : lasts_until === null ? (
          <State word="ok">{`at this pace ${countText(forecast ?? 0)} by the end: it lasts`}</State>
        ) : (
          <>
            <State word="warn">{`at this pace ${countText(forecast ?? 0)} by the end`}</State>: it
            is used up <Time at={lasts_until} whole />
          </>
        )}
      </p>
    </>
  );
}
