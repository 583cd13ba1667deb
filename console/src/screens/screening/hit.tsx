// One hit: who was looked for beside the entry of the list, what matched, how the score came about,
// and the judgement.
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { Bar } from '../../parts/bar.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Refusal } from '../../parts/refusal.tsx';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { ClearDialog } from './clear-dialog.tsx';
import { ListedName, Pairs } from './names.tsx';
import type { Subject } from './subject.tsx';
import { explanationOf, type Hit, scoreMax } from './words.ts';

type HitProps = {
  readonly hit: Hit;
  readonly who: Subject;
  readonly screeningId: string;
  /** Whether the one who looks has screened them too. */
  readonly isOwn: boolean;
  readonly isClearing: boolean;
  readonly setClearing: (is: boolean) => void;
};

export function HitView(props: HitProps) {
  const { hit, who, screeningId, isOwn, isClearing, setClearing } = props;
  const [isAsked, setAsked] = useState(false);
  const close = () => {
    setAsked(false);
    setClearing(false);
  };
  return (
    <Section
      title={`${hit.list} ${hit.entry_id}`}
      about={
        hit.cleared ? <State word="cleared" /> : <State word="review">waits for a judgement</State>
      }
    >
      <div className="hit">
        <SideBySide hit={hit} who={who} />
        <Score hit={hit} />
      </div>
      <Judgement hit={hit} isOwn={isOwn} ask={() => setAsked(true)} />
      {(isAsked || isClearing) && <ClearDialog hit={hit} screeningId={screeningId} close={close} />}
    </Section>
  );
}

function SideBySide({ hit, who }: { readonly hit: Hit; readonly who: Subject }) {
  const { name, name_kind, pairs = [], adjustments = [] } = explanationOf(hit);
  const told = (word: string) =>
    adjustments.filter(({ reason }) => reason.startsWith(word)).map(({ reason }) => reason);
  const rows = [
    ['Kind', who.kind, told('entity_type')],
    ['Born', who.born, told('birth')],
    ['Country', who.country, told('country')],
  ] as const;
  return (
    <table className="plain hit-sides">
      <thead>
        <tr>
          <td />
          <th
            scope="col"
            title="What was asked for lies in the vault: this is what the register knows"
          >
            Who, as registered
          </th>
          <th scope="col">Whom the list names</th>
        </tr>
      </thead>
      <tbody>
        <tr className="hit-names">
          <th scope="row">Name</th>
          <td>{who.name ?? <span className="dimmed hit-hidden">hidden: {who.why}</span>}</td>
          <td>
            {name === undefined ? 'not told' : <ListedName name={name} pairs={pairs} />}
            {name_kind && <div className="dimmed hit-kind">{wordsOf(name_kind)} name</div>}
          </td>
        </tr>
        {rows.map(([words, own, found]) => (
          <tr key={words}>
            <th scope="row">{words}</th>
            <td>{own ?? <span className="dimmed">not shown</span>}</td>
            <td>
              {found.length === 0 ? (
                <span className="dimmed">not compared</span>
              ) : (
                found.map((reason) => <Compared key={reason} reason={reason} />)
              )}
            </td>
          </tr>
        ))}
        <tr>
          <th scope="row">Words</th>
          <td colSpan={2}>
            <Pairs pairs={pairs} />
          </td>
        </tr>
      </tbody>
    </table>
  );
}

function Compared({ reason }: { readonly reason: string }) {
  return (
    <State word={reason.includes('conflict') ? 'rejected' : 'ok'} tone="look">
      {wordsOf(reason)}
    </State>
  );
}

/** The name's score, and what else is known added to it or taken away. */
function Score({ hit }: { readonly hit: Hit }) {
  const { name_score = hit.score, adjustments = [] } = explanationOf(hit);
  return (
    <table className="plain hit-score" aria-label="How the score came about">
      <tbody>
        <tr>
          <th scope="row">The name alone</th>
          <td className="end">{name_score}</td>
        </tr>
        {adjustments.map(({ reason, points }) => (
          <tr key={reason}>
            <th scope="row">{wordsOf(reason)}</th>
            <td className="end">{points > 0 ? `+${points}` : `−${Math.abs(points)}`}</td>
          </tr>
        ))}
        {adjustments.length === 0 && (
          <tr>
            <th scope="row" className="dimmed" colSpan={2}>
              nothing else was compared
            </th>
          </tr>
        )}
        <tr className="hit-total">
          <th scope="row">Score of {scoreMax}</th>
          <td className="end">{hit.score}</td>
        </tr>
        <tr>
          <td colSpan={2}>
            <Bar value={hit.score} max={scoreMax} color="--look" />
          </td>
        </tr>
      </tbody>
    </table>
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
  const { cleared, clearance_id } = hit;
  return (
    <div className="hit-acts">
      {cleared && clearance_id !== null ? (
        <>
          <ActButton
            right="policy:write"
            loading={revoke.isPending}
            onClick={() => revoke.mutate({ path: { id: clearance_id } })}
          >
            Revoke the clearance
          </ActButton>
          <span className="dimmed">
            A person has judged that this is somebody else. Revoked, the hit counts again.
          </span>
        </>
      ) : (
        <>
          <ActButton
            right="policy:write"
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
