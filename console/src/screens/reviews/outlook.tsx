// What approving would do: what policy would say then, and what whoever approves answers for.
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { goesOn, type Outlook } from './words.ts';

export function OutlookNote({ of }: { readonly of: Outlook | null }) {
  if (of === null) return null;
  const { outcome, reasons, answers_for: doubts } = of;
  const said = reasons.map(({ text }) => text).join(' ');
  return (
    <Section title="If it is approved" about="as far as is known now">
      <p style={{ margin: '0 0 4px' }}>
        <State word={outcome}>{effects[outcome]}</State>
        {outcome !== 'allow' && ` ${said}`}
      </p>
      {goesOn(of) ? (
        doubts.length > 0 && <AnswersFor doubts={doubts} />
      ) : (
        <p className="dimmed" style={{ margin: 0 }}>
          Approving does not release it. Deny it, so that it can be ordered anew with what is
          missing; or have the policy changed first.
        </p>
      )}
    </Section>
  );
}

const effects: Readonly<Record<Outlook['outcome'], string>> = {
  allow: 'the payment goes on',
  hold: 'the payer is asked first',
  review: 'it comes back to people',
  deny: 'it is denied',
};

function causeText({ kind, detail }: Outlook['answers_for'][number]): string {
  return kind === 'fact_missing' ? `${wordsOf(detail)} is not known` : wordsOf(kind);
}

/** The same within a sentence or two, for who is about to approve. */
export function answersText({ answers_for: doubts }: Outlook): string {
  if (doubts.length === 0) return '';
  return ` Whoever approves answers for this: ${[...new Set(doubts.map(causeText))].join(', ')}.`;
}

/** One line for each thing that is missing, with all that could not be judged for it. */
function AnswersFor({ doubts }: { readonly doubts: Outlook['answers_for'] }) {
  const byCause = Map.groupBy(doubts, causeText);
  return (
    <>
      <p style={{ margin: '0 0 2px' }}>Whoever approves answers for what policy could not judge:</p>
      <ul className="rules">
        {[...byCause].map(([cause, all]) => (
          <li key={cause}>
            {cause} <span className="dimmed">for {all.map(({ at }) => at).join(', ')}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
