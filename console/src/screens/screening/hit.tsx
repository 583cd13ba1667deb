// One hit: the two side by side, who has judged it before, and the judgement.
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import type { Asked } from './asked.ts';
import { ClearDialog } from './clear-dialog.tsx';
import { SideBySide } from './side-by-side.tsx';
import { type Hit, type Reason, reasonWords } from './words.ts';

type HitProps = {
  readonly hit: Hit;
  readonly asked: Asked;
  readonly screeningId: string;
  /** Whether the one who looks has screened them too. */
  readonly isOwn: boolean;
  readonly isClearing: boolean;
  readonly setClearing: (is: boolean) => void;
};

export function HitView(props: HitProps) {
  const { hit, asked, screeningId, isOwn, isClearing, setClearing } = props;
  const [isOpen, setOpen] = useState(false);
  const close = () => {
    setOpen(false);
    setClearing(false);
  };
  return (
    <Section title={`${hit.list} ${hit.entry_id}`} about={<Standing hit={hit} />}>
      <SideBySide hit={hit} asked={asked} />
      <Judged of={hit.clearances} />
      <Judgement hit={hit} isOwn={isOwn} ask={() => setOpen(true)} />
      {(isOpen || isClearing) && <ClearDialog hit={hit} screeningId={screeningId} close={close} />}
    </Section>
  );
}

function Standing({ hit: { cleared, entry } }: { readonly hit: Hit }) {
  return (
    <span className="detail-line">
      {cleared ? <State word="cleared" /> : <State word="review">waits for a judgement</State>}
      {!entry.is_current && (
        <State word="retired">
          shown as it was found: its list has changed or dropped it since
        </State>
      )}
    </span>
  );
}

function Judgement({
  hit,
  isOwn,
  ask,
}: {
  readonly hit: Hit;
  readonly isOwn: boolean;
  readonly ask: () => void;
}) {
  const revoke = useAct('POST /v1/screening-clearances/{id}/revoke', [
    ...(['GET /v1/screenings', 'GET /v1/screenings/{id}'] as const),
  ]);
  const inForce = hit.clearances.find(({ revoked_at }) => revoked_at === null);
  return (
    <div className="hit-acts">
      {inForce ? (
        <>
          <ActButton
            right="reviews:write"
            loading={revoke.isPending}
            onClick={() => revoke.mutate({ path: { id: inForce.id } })}
          >
            Revoke the clearance
          </ActButton>
          <span className="dimmed">Revoked, the hit counts again.</span>
        </>
      ) : (
        <>
          <ActButton
            right="reviews:write"
            variant="filled"
            unless={
              isOwn ? 'You have screened them: somebody else has to judge the hit.' : undefined
            }
            onClick={ask}
          >
            Clear: it is somebody else…
          </ActButton>
          <span className="dimmed">
            As long as it is open, policies see it. It holds for this entry as it stands.
          </span>
        </>
      )}
      {revoke.error && <Refusal error={revoke.error} about="Revoke a clearance" />}
    </div>
  );
}

/** Each judgement, and who has taken it back. */
function Judged({ of }: { readonly of: Hit['clearances'] }) {
  if (of.length === 0) return null;
  return (
    <ul className="hit-judged">
      {of.map(({ id, reason, cleared_at, cleared_by, revoked_at, revoked_by }) => (
        <li key={id} data-over={revoked_at !== null || undefined}>
          Cleared <Time at={cleared_at} /> by <Who principal={cleared_by} />:{' '}
          {reasonWords[reason as Reason] ?? wordsOf(reason)}
          {revoked_at !== null && revoked_by !== null && (
            <>
              . Taken back <Time at={revoked_at} /> by <Who principal={revoked_by} />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}
