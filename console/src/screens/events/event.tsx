// One event: what it holds in words and exactly as stored, what it names, where it stands in the
// log, and the proof of that. The same beside the list and on its own page.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { type ApiProblem, callText } from '../../api/client.ts';
import { eventsIn, type SealedEvent } from '../../api/events.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { CopyId, Id, placeOf } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Amount } from '../../parts/money.tsx';
import { ReceiptButtons, ReceiptResult, useReceipt } from '../../parts/receipt.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { ObjectTabs } from '../decisions/view.tsx';
import { aboutOf } from './about.ts';
import { Fields } from './fields.tsx';
import { schemaAt, useSchema } from './schema.ts';

type Event = SealedEvent['event'];

const tabs = { fields: 'Fields', json: 'As stored' };
/** Until a signed head covers a new event, it has no receipt. */
const unsignedMs = 1_500;
/** Events of one command stand next to each other. */
const around = 12;

export function EventView({
  id,
  place,
  isPage = false,
}: {
  readonly id: string;
  /** In the log, where the list knows it. */
  readonly place?: number | undefined;
  readonly isPage?: boolean;
}) {
  const { data: text, error, refetch } = useStored(id);
  const event = useMemo(
    () => (text === undefined ? undefined : (JSON.parse(text) as Event)),
    [text],
  );
  const [{ tab = 'fields' }] = useUrl();
  const proof = useProof(id);
  if (!event || text === undefined) {
    return error ? (
      <Section title="Event">
        <ProblemNote error={error} retry={refetch} />
      </Section>
    ) : (
      <Loading />
    );
  }
  const position = place ?? (proof && proof.leaf_index + 1);
  return (
    <div className="object" data-page={isPage || undefined}>
      <Head event={event} position={position} isPage={isPage} />
      {tab === 'json' ? (
        <AsStored text={text} />
      ) : (
        <div className="object-body">
          <Told event={event} />
          <div>
            <Named event={event} />
            <Place position={position} proof={proof} event={event} />
          </div>
        </div>
      )}
    </div>
  );
}

/** Exactly the text that was stored: what is hashed is never written anew. */
function useStored(id: string) {
  return useQuery<string, ApiProblem>({
    queryKey: ['the text of an event', id],
    queryFn: ({ signal }) => callText('GET /v1/events/{id}', { path: { id }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

type Proof = {
  readonly leaf_index: number;
  readonly tree_size: number;
  readonly inclusion: readonly string[];
};

function useProof(id: string): Proof | undefined {
  const [isKnown, setKnown] = useState(false);
  const { data } = useApi(
    'GET /v1/events/{id}/receipt',
    { path: { id } },
    { keep: true, ...(isKnown ? {} : { refetchMs: unsignedMs }) },
  );
  useEffect(() => setKnown(data !== undefined), [data]);
  return data as Proof | undefined;
}

function Head({
  event,
  position,
  isPage,
}: {
  readonly event: Event;
  readonly position: number | undefined;
  readonly isPage: boolean;
}) {
  const receipt = useReceipt(event.id);
  const { amount, currency } = event.data as { amount?: unknown; currency?: unknown };
  return (
    <header className="object-head">
      <div className="object-title">
        <span className="object-amount">{wordsOf(event.type.replaceAll('.', ' '))}</span>
        {typeof amount === 'number' && typeof currency === 'string' && (
          <Amount minor={amount} currency={currency} />
        )}
      </div>
      <div className="object-line">
        {position !== undefined && <span>place {countText(position)}</span>}
        <Time at={event.time} whole />
        <Id id={event.id} link={false} whole />
      </div>
      <div className="object-acts">
        <ReceiptButtons event={event.id} receipt={receipt} />
        {!isPage && (
          <Button
            variant="default"
            renderRoot={(props) => <Link to={`/events/${event.id}` as never} {...props} />}
          >
            Open page
          </Button>
        )}
      </div>
      <ReceiptResult receipt={receipt} />
      <ObjectTabs first="fields" tabs={tabs} />
    </header>
  );
}

function Told({ event }: { readonly event: Event }) {
  const { data: schema } = useSchema(event.type);
  const { payload, currency, ...common } = event.data as Event['data'] & { currency?: unknown };
  const unit = typeof currency === 'string' ? currency : undefined;
  return (
    <div>
      <Section
        title="What happened"
        about={
          <Link to={`/events?schema=${event.type}` as never} className="mono">
            {event.type}
          </Link>
        }
      >
        <Fields values={payload} schema={schemaAt(schema, 'data', 'payload')} currency={unit} />
      </Section>
      <Section title="In every event" about="who, by which policy, under which key">
        <Fields
          values={{ ...common, ...(unit === undefined ? {} : { currency: unit }) }}
          schema={schemaAt(schema, 'data')}
          leaveOut={['event_id', 'event_type', 'tenant_id']}
        />
      </Section>
    </div>
  );
}

/** Whatever of it has a page of its own, each once. */
function Named({ event }: { readonly event: Event }) {
  const found = [...new Map(idsIn(event.data).map(([name, id]) => [id, name]))];
  if (found.length === 0) return null;
  return (
    <Section title="Leads to">
      <table className="plain">
        <tbody>
          {found.map(([id, name]) => (
            <tr key={id}>
              <td className="dimmed">{wordsOf(name.replace(/_ids?$/, ''))}</td>
              <td>
                <Id id={id} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function idsIn(value: unknown, name = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') {
    const isOther = placeOf(value) !== undefined && name !== 'event_id';
    return isOther ? [[name, value]] : [];
  }
  if (Array.isArray(value)) return value.flatMap((each) => idsIn(each, name));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => idsIn(each, key));
}

function Place({
  position,
  proof,
  event,
}: {
  readonly position: number | undefined;
  readonly proof: Proof | undefined;
  readonly event: Event;
}) {
  return (
    <>
      <Section title="Proof">
        <Facts
          of={{
            'Signed head': proof ? (
              <Link to={`/evidence?size=${proof.tree_size}` as never}>
                of {countText(proof.tree_size)} events
              </Link>
            ) : (
              'none covers it yet: a second or so'
            ),
            'Inclusion proof': proof && `${proof.inclusion.length} hashes lead to its root`,
          }}
        />
      </Section>
      {position !== undefined && <Around position={position} event={event} />}
    </>
  );
}

/** What else came of the same command: it shares the trace. */
function Around({ position, event }: { readonly position: number; readonly event: Event }) {
  const after = Math.max(0, position - around - 1);
  const { data } = useApi(
    'GET /v1/events',
    { query: { order: 'asc', after, limit: 2 * around + 1 } },
    { keep: true },
  );
  const trace = event.data['trace_id'];
  const items = eventsIn(data);
  const same = items.filter((item) => item.event.data['trace_id'] === trace);
  const before = items.find((item) => item.position === position - 1);
  const next = items.find((item) => item.position === position + 1);
  return (
    <Section title="Around it" about="of the same trace">
      <table className="plain around">
        <tbody>
          {same.map((item) => (
            <Neighbour key={item.position} item={item} isThis={item.event.id === event.id} />
          ))}
        </tbody>
      </table>
      <p className="around-ways">
        {before && <Step to={before.event.id}>← place before</Step>}
        {next && <Step to={next.event.id}>next place →</Step>}
      </p>
    </Section>
  );
}

function Step({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  return <Link to={`/events/${to}` as never}>{children}</Link>;
}

function Neighbour({ item, isThis }: { readonly item: SealedEvent; readonly isThis: boolean }) {
  const { id, type } = item.event;
  return (
    <tr aria-current={isThis || undefined}>
      <td className="dimmed">{countText(item.position)}</td>
      <td>{isThis ? type : <Link to={`/events/${id}` as never}>{type}</Link>}</td>
      <td className="dimmed around-about" title={aboutOf(item)}>
        {aboutOf(item)}
      </td>
    </tr>
  );
}

function AsStored({ text }: { readonly text: string }) {
  const leaf = useLeafHash(text);
  return (
    <>
      <Section title="Exactly as stored" about="canonical JSON (RFC 8785): what the log hashes">
        <div className="stored">
          <Json value={text} maxHeight={220} />
        </div>
        {leaf !== undefined && (
          <p className="leaf">
            <span className="dimmed">Its leaf, hashed by this browser from this text:</span>{' '}
            <span className="mono">{leaf}</span> <CopyId text={leaf} label="Copy the leaf" />
          </p>
        )}
      </Section>
      <Section title="Made readable">
        <Json value={JSON.parse(text)} maxHeight={1_200} />
      </Section>
    </>
  );
}

/** Undefined where the browser computes no hashes: it does so over a secure connection only. */
function useLeafHash(text: string): string | undefined {
  const [leaf, setLeaf] = useState<string | undefined>();
  useEffect(() => {
    // A leaf is the hash of a zero byte and the text (RFC 9162, 2.1.1).
    const bytes = new TextEncoder().encode(`\0${text}`);
    void globalThis.crypto.subtle?.digest('SHA-256', bytes).then((hash) => {
      setLeaf(
        Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join(''),
      );
    });
  }, [text]);
  return leaf;
}
