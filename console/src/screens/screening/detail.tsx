// One screening: who was looked for, in which lists, and each hit side by side with the entry.
import { useEffect } from 'react';
import { useApi } from '../../api/queries.ts';
import { useMay, useSession } from '../../api/session.ts';
import { Id } from '../../parts/id.tsx';
import { Linked } from '../../parts/linked.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { askedOf, purpose } from './asked.ts';
import { HitView } from './hit.tsx';
import { History, historyMax } from './history.tsx';
import { keyOf, type Screening } from './words.ts';

export type Clearing = {
  /** Whether the key has asked to clear the best open hit. */
  readonly isClearing: boolean;
  readonly setClearing: (is: boolean) => void;
};

export function ScreeningDetail({ id, ...clearing }: Clearing & { readonly id: string }) {
  const { data, error, refetch } = useApi('GET /v1/screenings/{id}', { path: { id }, purpose });
  if (!data) return error ? <ProblemNote error={error} retry={refetch} /> : <Loading />;
  return <Body screening={data} {...clearing} />;
}

function Body({
  screening,
  isClearing,
  setClearing,
}: Clearing & { readonly screening: Screening }) {
  const { id, subject, hits, list_versions } = screening;
  const asked = askedOf(screening);
  const best = hits.find(({ cleared }) => !cleared);
  const isOwn = useIsOwn(screening);
  const mayClear = useMay()('reviews:write').allowed && !isOwn && best !== undefined;
  // Asked for by a key where it cannot be done: the button tells why, and the keys go on.
  useEffect(() => {
    if (isClearing && !mayClear) setClearing(false);
  }, [isClearing, mayClear, setClearing]);
  return (
    <>
      <Head screening={screening} />
      {hits.length === 0 && (
        <Empty title="No entry comes near">
          Every name of every list in force scored too low to mean{' '}
          {'value' in asked.name ? asked.name.value : 'this one'}.
        </Empty>
      )}
      {hits.map((hit) => (
        <HitView
          key={keyOf(hit)}
          {...{ hit, asked, screeningId: id, isOwn }}
          isClearing={isClearing && mayClear && hit === best}
          setClearing={setClearing}
        />
      ))}
      <Section title="Lists" about="as they stood when it was screened">
        {Object.entries(list_versions).map(([list, version]) => (
          <span key={list} className="screening-list">
            {list} <span className="dimmed">version {version}</span>
          </span>
        ))}
      </Section>
      <History subject={subject} current={id} />
    </>
  );
}

/** Whoever chooses the name does not say that it means nobody. */
function useIsOwn({ subject, screened_by }: Screening): boolean {
  const me = useSession()?.principal;
  const { data } = useApi('GET /v1/screenings', { query: { subject, limit: historyMax } });
  return screened_by === me || (data?.items ?? []).some((each) => each.screened_by === me);
}

function Head({ screening }: { readonly screening: Screening }) {
  const { id, subject, cause, screened_at, screened_by, open_hits, hits } = screening;
  const open = hits.filter(({ cleared }) => !cleared).length;
  return (
    <header className="detail-head">
      <div className="detail-line">
        <h2 className="screening-title">
          <Linked text={subject} />
        </h2>
        {open > 0 ? (
          <State word="review">{`${open} of ${hits.length} hits wait for a judgement`}</State>
        ) : (
          <State word={hits.length === 0 ? 'none' : 'cleared'}>
            {hits.length === 0 ? 'no hits' : 'all hits are cleared'}
          </State>
        )}
      </div>
      <div className="detail-line dimmed">
        <Id id={id} whole />
        <span>
          <Time at={screened_at} whole /> by <Who principal={screened_by} />, because of{' '}
          {cause === 'list_change' ? 'a change of a list' : `a ${wordsOf(cause)}`}
        </span>
        {open_hits > open && (
          <span>
            {open_hits} open hits over all screenings of {'this one'}
          </span>
        )}
      </div>
    </header>
  );
}
