// The log of all that happened: its newest end, narrowed by type, one event read beside the list;
// and what each type of event holds.
import { Button, Switch } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { type UIEvent, useState } from 'react';
import type { SealedEvent } from '../../api/events.ts';
import { useChanges } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { Explorer } from '../../parts/explorer.tsx';
import { Chips, chosenOf } from '../../parts/facets.tsx';
import { countText } from '../../parts/figures.ts';
import { type Column, Grid } from '../../parts/grid.tsx';
import { shortId } from '../../parts/id.tsx';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { Amount } from '../../parts/money.tsx';
import { Panel, Screen } from '../../parts/screen.tsx';
import { SearchBox } from '../../parts/search-box.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Empty, ProblemNote } from '../../parts/states.tsx';
import { Instant } from '../../parts/time.tsx';
import { aboutOf } from './about.ts';
import { EventView } from './event.tsx';
import { useLog } from './list.ts';
import { SchemaDoc, SchemaNav } from './schemas.tsx';
import { TypeFilter, typesText } from './type-filter.tsx';
import './events.css';

const keys: readonly Key[] = [
  { key: 'j', words: 'Next event, an older one' },
  { key: 'k', words: 'The one before, a newer one' },
  { key: 'Enter', words: 'Open its page' },
  { key: 't', words: 'Follow the newest, or stop that' },
  { key: 'f', words: 'Search by place or id' },
  { key: 'Esc', words: 'Close the panel' },
];
/** Farther down than that somebody reads. */
const topPx = 20;

export function Events() {
  const { id } = useParams({ strict: false }) as { readonly id?: string };
  const [url] = useUrl();
  const may = useMay()('events:read');
  const { data } = useApi('GET /v1/event-types', {});
  const types = (data?.items ?? []).map(({ type }) => type);
  if (id !== undefined) {
    return (
      <Screen title={`Event ${shortId(id)}`}>
        <EventView key={id} id={id} isPage />
      </Screen>
    );
  }
  const isLog = url['schema'] === undefined;
  return (
    <Screen title="Events" about={<Total />} actions={<KeysButton keys={keys} />}>
      {isLog && !may.allowed ? (
        <Empty title="The log is not for your roles">{may.why}</Empty>
      ) : isLog ? (
        <Log types={types} />
      ) : (
        <Explorer side={<SchemaNav types={types} />} bar={<Views types={types} />}>
          <SchemaDoc type={url['schema'] ?? ''} />
        </Explorer>
      )}
    </Screen>
  );
}

/** How many are sealed: counted on in its place. */
function Total() {
  const allowed = useMay()('events:read').allowed;
  const { data } = useApi('GET /v1/evidence/tree', {}, { enabled: allowed });
  const [position, setPosition] = useState(0);
  useChanges([''], (changes) => setPosition(changes.position));
  const count = Math.max(position, data?.size ?? 0);
  return count === 0 ? null : <>{countText(count)} sealed</>;
}

function Views({ types }: { readonly types: readonly string[] }) {
  const [url, setUrl] = useUrl();
  const shown = url['schema'];
  const first = chosenOf(url['type'])[0] ?? types.find((type) => type.startsWith('decision.'));
  return (
    <div className="segments" role="group" aria-label="What is shown">
      <button
        type="button"
        className="segment"
        aria-pressed={shown === undefined}
        onClick={() => setUrl({ schema: undefined })}
      >
        Log
      </button>
      <button
        type="button"
        className="segment"
        aria-pressed={shown !== undefined}
        onClick={() => setUrl({ schema: shown ?? first ?? types[0], id: undefined })}
      >
        Types and schemas
      </button>
    </div>
  );
}

function Log({ types }: { readonly types: readonly string[] }) {
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const [isAtTop, setAtTop] = useState(true);
  const follows = url['follow'] === 'yes';
  const { type } = url;
  const id = url['id'] || undefined;
  const sought = seekOf(url['place']);
  // While one is read, or the reader is farther down, nothing moves: what is new is offered.
  const isFollowing = follows && id === undefined && isAtTop && sought.from === undefined;
  const log = useLog({ type, from: sought.from, isFollowing });
  const panelId = id ?? sought.id;
  const rest = follows && !isFollowing;
  const toggle = () => setUrl({ follow: follows ? undefined : 'yes', place: undefined });
  useKeys([{ key: 't', words: 'Follow', act: toggle }]);
  return (
    <Explorer
      side={
        <>
          <SearchBox name="place" label="Search by place or id" placeholder="Place or id  ( f )" />
          <TypeFilter types={types} />
        </>
      }
      bar={
        <>
          <Views types={types} />
          {rest && <span className="dimmed">waits while you read</span>}
          <Switch label="Follow (t)" checked={follows} onChange={toggle} />
        </>
      }
      panel={
        panelId !== undefined && (
          <Panel
            label="The event"
            close={() =>
              setUrl({ id: undefined, tab: undefined, ...(id ? {} : { place: undefined }) })
            }
          >
            <EventView key={panelId} id={panelId} place={placeOf(log.rows, panelId)} />
          </Panel>
        )
      }
    >
      <Chips names={['type', 'place']} say={(name, value) => chipText(name, value, types)} />
      {sought.wrong && (
        <ProblemNote error={new Error('A place is a number, an id begins with evt_.')} />
      )}
      <div className="log" onScrollCapture={noticeTop(setAtTop)}>
        <Grid
          label="Events"
          rows={log.rows}
          columns={columns}
          idOf={({ event }) => event.id}
          selected={panelId}
          onSelect={({ event }) => setUrl({ id: event.id })}
          onOpen={({ event }) => void navigate({ to: `/events/${event.id}` as never })}
          hearsAll
          {...{ more: log.more, hasMore: log.hasMore, isPending: log.isPending }}
          {...{ error: log.error, retry: log.retry, news: log.news }}
          empty={<NothingHere isStopped={log.isStopped} />}
        />
      </div>
      {log.isStopped && (
        <div className="log-further">
          <span className="dimmed">A long way down, and none of these types for a while.</span>
          <Button variant="default" onClick={log.lookFurther}>
            Look further
          </Button>
        </div>
      )}
    </Explorer>
  );
}

function NothingHere({ isStopped }: { readonly isStopped: boolean }) {
  return (
    <Empty title={isStopped ? 'None so far' : 'No event is so'}>
      {isStopped
        ? 'The newest part of the log has none of these types.'
        : 'Nothing of these types has happened yet. Take a type away to see the others.'}
    </Empty>
  );
}

function noticeTop(set: (isAtTop: boolean) => void) {
  return ({ target }: UIEvent) => {
    if (target instanceof HTMLElement && target.classList.contains('grid-scroll')) {
      set(target.scrollTop < topPx);
    }
  };
}

type Sought = { readonly from?: number; readonly id?: string; readonly wrong?: boolean };

/** `12,345` is a place of the log, from which is read downwards; `evt_…` is one event. */
function seekOf(text: string | undefined): Sought {
  if (text === undefined || text === '') return {};
  if (/^evt_[0-9a-hjkmnp-tv-z]{26}$/.test(text)) return { id: text };
  const digits = text.replaceAll(/[ ,]/g, '');
  return /^\d{1,15}$/.test(digits) ? { from: Number(digits) } : { wrong: true };
}

function placeOf(rows: readonly SealedEvent[], id: string): number | undefined {
  return rows.find(({ event }) => event.id === id)?.position;
}

function chipText(name: string, value: string, types: readonly string[]): string {
  if (name === 'type') return typesText(chosenOf(value), types);
  const { from } = seekOf(value);
  return from === undefined ? shortId(value) : `${countText(from)} and below`;
}

const columns: readonly Column<SealedEvent>[] = [
  {
    ...{ id: 'place', header: 'Place', width: 70, align: 'end' },
    cell: ({ position }) => <span className="dimmed">{countText(position)}</span>,
  },
  {
    ...{ id: 'time', header: 'Time', width: 146 },
    cell: ({ event }) => <Instant at={event.time} />,
  },
  {
    ...{ id: 'type', header: 'Type', width: 166 },
    cell: ({ event: { type } }) => <TypeName type={type} />,
  },
  {
    ...{ id: 'about', header: 'About', width: 140, grow: true },
    cell: (row) => <span className="clip">{aboutOf(row)}</span>,
  },
  {
    ...{ id: 'amount', header: 'Amount', width: 116, align: 'end' },
    cell: ({ event: { data } }) => {
      const { amount, currency } = data as { amount?: unknown; currency?: unknown };
      return typeof amount === 'number' && typeof currency === 'string' ? (
        <Amount minor={amount} currency={currency} />
      ) : null;
    },
  },
  {
    ...{ id: 'account', header: 'Account', width: 104 },
    cell: ({ event: { subject } }) => (
      <span className="mono dimmed">{subject === undefined ? '' : shortId(subject)}</span>
    ),
  },
];

/** The family small, what happened in full ink. */
function TypeName({ type }: { readonly type: string }) {
  const [family = '', ...rest] = type.split('.');
  return (
    <span title={type}>
      <span className="dimmed">{wordsOf(family)}</span> {wordsOf(rest.join(' '))}
    </span>
  );
}
