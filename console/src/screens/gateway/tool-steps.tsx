// The steps of a sequence: which tools it calls one after another, and what it ends in.
import { Link } from '@tanstack/react-router';
import { useApi } from '../../api/queries.ts';
import { Section } from '../../parts/section.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { EffectWord, effectWords, type Tool } from './words.tsx';

type Step = {
  readonly id: string;
  readonly tool: string;
  readonly needs?: readonly string[];
  /** Takes back what it did, where a later step cannot be done. */
  readonly undo?: { readonly tool: string };
};

export function ToolSteps({ tool }: { readonly tool: Tool }) {
  const { data } = useApi('GET /v1/tool-registry', {});
  const steps = stepsOf(tool);
  const effects = new Map(data?.items.map(({ name, effect }) => [name, effect]));
  const last = effects.get(steps.at(-1)?.tool ?? '');
  if (steps.length === 0) return null;
  return (
    <Section title="Steps" about={last && `the last of them ${endWords[last]}`}>
      <table className="plain" aria-label="Steps of the sequence">
        <thead>
          <tr>
            <th>Step</th>
            <th>Tool</th>
            <th>Effect</th>
            <th>Only where</th>
            <th>Taken back by</th>
          </tr>
        </thead>
        <tbody>
          {steps.map(({ id, tool: name, needs = [], undo }, at) => (
            <tr key={id}>
              <td>
                {at + 1} {id}
              </td>
              <td>
                <ToolLink name={name} />
              </td>
              <td>
                <EffectWord effect={effects.get(name) ?? ''} tool={name} />
              </td>
              <td>{needs.map((need) => needWords[need] ?? wordsOf(need)).join(', ')}</td>
              <td>{undo && <ToolLink name={undo.tool} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

const endWords: Readonly<Record<Tool['effect'], string>> = {
  read: 'reads',
  draft: 'prepares something',
  write: effectWords.write.toLowerCase(),
  financial: effectWords.financial.toLowerCase(),
};

const needWords: Readonly<Record<string, string>> = {
  identity: 'the customer is verified',
  marketing: 'the customer wants offers',
  ai_data_use: 'the customer lets AI read',
};

function ToolLink({ name }: { readonly name: string }) {
  return (
    <Link to={`/tools?id=${name}` as never} className="mono">
      {name}
    </Link>
  );
}

/** As it declares them, or as what has changed of it tells. */
export function stepsOf(tool: Tool): readonly Step[] {
  const declared: Readonly<Record<string, unknown>> = { ...tool.change?.is, ...tool };
  const steps = declared['steps'];
  return Array.isArray(steps) ? (steps as readonly Step[]) : [];
}
