// What was written of a case when it was opened: a draft of a machine, as text, with its sources.
import { Linked } from '../../parts/linked.tsx';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { Time } from '../../parts/time.tsx';
import type { CaseDetail } from './words.ts';

export function Summary({ of }: { readonly of: CaseDetail['summary'] }) {
  if (of === null) {
    return (
      <Section title="Summary">
        <span className="dimmed">Being written. The evidence below is complete without it.</span>
      </Section>
    );
  }
  const { summarizer, model, prompt_version, stood_in_because, sentences, made_at } = of;
  const isModels = summarizer === 'llm';
  return (
    <Section
      title="Summary"
      about={
        <>
          {isModels
            ? `AI draft by ${model ?? 'a model'}, prompt ${prompt_version}: check it against the evidence`
            : 'put together from the evidence, without a model'}
          {', '}
          <Time at={made_at} />
        </>
      }
    >
      <div className={isModels ? 'summary' : undefined}>
        {sentences.map(({ text, sources }) => (
          <p key={text} style={{ margin: '0 0 5px' }}>
            <Linked text={text} />{' '}
            <span className="summary-sources">
              {sources
                .filter((source) => !text.includes(source))
                .map((source) => (
                  <Linked key={source} text={source} />
                ))}
            </span>
          </p>
        ))}
      </div>
      {stood_in_because !== null && (
        <p className="case-note-line">
          The model’s own text was not taken: {wordsOf(stood_in_because)}.
        </p>
      )}
    </Section>
  );
}
