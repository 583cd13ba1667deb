// The latest signed tree head in words, the tree below it, and the heads before.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Answer } from '../../api/client.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Folded } from '../../parts/explorer.tsx';
import { countText } from '../../parts/figures.ts';
import { CopyId } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Instant, Time } from '../../parts/time.tsx';
import { TreeDrawing, TreeTable } from './tree.tsx';

type Head = NonNullable<Answer<'GET /v1/evidence/tree'>['checkpoint']>;

const pageSize = 12;

/** `latest`: told anew in its place; the drawing waits until it is asked for the newest. */
export function TheLog({ latest, size }: { readonly latest: Head; readonly size: number }) {
  const [url, setUrl] = useUrl();
  const [first, setFirst] = useState(latest.size);
  const given = Number(url['size']);
  const drawn = Number.isSafeInteger(given) && given > 0 ? given : first;
  const tree = useApi('GET /v1/evidence/tree', { query: { size: drawn } }, { keep: true });
  const draw = () => {
    setFirst(latest.size);
    setUrl({ size: undefined });
  };
  return (
    <>
      <Section title="Latest signed head" about={<Time at={latest.signed_at} />}>
        <p className="lead">
          One signature over <strong>{countText(latest.size)} events</strong>. Whoever keeps it can
          tell if any of them is changed, removed, or slipped in between later: the root would be
          another one.
        </p>
        <Facts
          of={{
            Root: <Copied text={latest.root} />,
            Signed: <Time at={latest.signed_at} whole />,
            'Not covered yet': waitingText(size - latest.size),
          }}
        />
        <Folded title="The signed note, to keep elsewhere">
          <Json value={latest.note} />
        </Folded>
      </Section>
      <Section
        title={`The tree of ${countText(drawn)} events`}
        about={
          <DrawnAbout newer={latest.size - drawn} draw={draw}>
            {tree.data ? `${tree.data.height} levels` : ''}
          </DrawnAbout>
        }
      >
        {tree.error && <ProblemNote error={tree.error} retry={tree.refetch} />}
        {tree.isPending && <Loading />}
        {tree.data && (
          <>
            <TreeDrawing tree={tree.data} />
            <p className="dimmed tree-words">
              Each triangle is a complete subtree, its tip one hash over every event below. A new
              event changes the right edge alone; {tree.data.height} hashes prove any one event.
            </p>
            <TreeTable tree={tree.data} />
          </>
        )}
      </Section>
      <Heads latest={latest.size} drawn={drawn} />
    </>
  );
}

function waitingText(count: number): string {
  if (count <= 0) return 'nothing: it covers all that has happened';
  return `${countText(count)} ${count === 1 ? 'event' : 'events'}: the next head comes within a second or so`;
}

function DrawnAbout({
  newer,
  draw,
  children,
}: {
  readonly newer: number;
  readonly draw: () => void;
  readonly children: ReactNode;
}) {
  return (
    <>
      {children}
      {newer > 0 && (
        <>
          {' · '}
          <button type="button" className="more-button" onClick={draw}>
            {countText(newer)} newer: draw the latest
          </button>
        </>
      )}
    </>
  );
}

export function Copied({ text }: { readonly text: string }) {
  return (
    <span className="copied">
      <span className="mono hash">{text}</span>
      <CopyId text={text} />
    </span>
  );
}

/** As they were when the list was read: newer ones are offered. */
function Heads({ latest, drawn }: { readonly latest: number; readonly drawn: number }) {
  const list = useApiPages('GET /v1/evidence/checkpoints', {}, { limit: pageSize });
  const [first] = list.items;
  const isNews = first !== undefined && latest > first.size;
  return (
    <Section
      title="Signed heads"
      about={
        isNews ? (
          <button type="button" className="more-button" onClick={() => void list.renew()}>
            newer ones: show
          </button>
        ) : (
          'newest first'
        )
      }
    >
      {list.error && <ProblemNote error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading />}
      {list.items.length === 0 && !list.isPending && !list.error && (
        <Empty title="No head is signed yet" />
      )}
      {list.items.length > 0 && (
        <table className="plain" aria-label="Signed heads">
          <thead>
            <tr>
              <th>Signed</th>
              <th className="end">Events</th>
              <th className="end">More than before</th>
              <th>Root</th>
              <th>To keep</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((head, at) => (
              <HeadRow key={head.size} {...{ head, drawn }} before={list.items[at + 1]?.size} />
            ))}
          </tbody>
        </table>
      )}
      {list.hasMore && (
        <Button variant="subtle" mt={6} loading={list.isFetchingMore} onClick={list.more}>
          Older heads
        </Button>
      )}
    </Section>
  );
}

function HeadRow({
  head: { size, root, signed_at, note },
  before,
  drawn,
}: {
  readonly head: Head;
  readonly before: number | undefined;
  readonly drawn: number;
}) {
  return (
    <tr aria-current={size === drawn || undefined}>
      <td>
        <Instant at={signed_at} />
      </td>
      <td className="end">
        <Link
          to={'.' as never}
          search={((all: object) => ({ ...all, size: String(size) })) as never}
          replace
        >
          {countText(size)}
        </Link>
      </td>
      <td className="end">{before === undefined ? '' : `+${countText(size - before)}`}</td>
      <td className="mono" title={root}>
        {root.slice(0, 16)}…
      </td>
      <td>
        <CopyId text={note} label="Copy the note of" />
      </td>
    </tr>
  );
}
