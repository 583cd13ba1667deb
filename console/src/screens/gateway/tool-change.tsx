// What has changed of a tool since the bank has approved it: field by field, word by word.
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Section } from '../../parts/section.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { changesIn, type Change, wordChanges } from './change.ts';
import { ToolSteps } from './tool-steps.tsx';
import type { Tool } from './words.tsx';

export function ToolChange({ tool: { change } }: { readonly tool: Tool }) {
  if (change === null) return null;
  if (change.was === null) {
    return (
      <Section title="What has changed">
        <p className="gateway-none">
          The form that was approved was not kept, only its digest: read the tool as if it were new.
        </p>
      </Section>
    );
  }
  const changes = changesIn(change.was, change.is);
  return (
    <Section
      title="What has changed"
      about={`${changes.length === 1 ? 'one thing' : `${changes.length} things`} since it was approved`}
    >
      <table className="plain tool-change" aria-label="What has changed since it was approved">
        <thead>
          <tr>
            <th>Of</th>
            <th>Change</th>
            <th>Approved, and now</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((each) => (
            <tr key={each.path}>
              <td className="mono">{each.path}</td>
              <td>
                <State word={each.kind} tone={tones[each.kind]} />
              </td>
              <td>
                <BeforeAndAfter of={each} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const tones = { added: 'good', removed: 'bad', changed: 'wait' } as const;

/** What was stands struck through beside what is. */
function BeforeAndAfter({ of: { was, is } }: { readonly of: Change }) {
  return (
    <span className="text">
      {wordChanges(was, is).map(({ kind, text }, at) => {
        const Part = kind === 'removed' ? 'del' : kind === 'added' ? 'ins' : 'span';
        // biome-ignore lint/suspicious/noArrayIndexKey: parts of one text keep their places
        return <Part key={at}>{text}</Part>;
      })}
    </span>
  );
}

/** For those who are asked to approve it: as far as the request is of the form that is there now. */
export function ToolChangeOf({ name, digest }: { readonly name: string; readonly digest: string }) {
  const may = useMay()('policy:read');
  const { data } = useApi('GET /v1/tool-registry', {}, { enabled: may.allowed });
  const tool = data?.items.find((each) => each.name === name);
  if (!tool) return null;
  if (tool.digest !== digest) {
    return (
      <p className="subject-note">
        The {wordsOf('tool')} is another one by now: what is asked for here cannot be called.
      </p>
    );
  }
  return (
    <>
      <ToolChange tool={tool} />
      <ToolSteps tool={tool} />
    </>
  );
}
