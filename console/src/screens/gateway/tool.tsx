// One tool: whether agents may call it, what callers and their models are told of it, and which
// agents have it in their terms.
import { Link } from '@tanstack/react-router';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { DetailHead } from './detail-head.tsx';
import { SchemaTable } from './schema-table.tsx';
import { ToolChange } from './tool-change.tsx';
import { ToolSteps } from './tool-steps.tsx';
import { effectText, EffectWord, type Tool, ToolState } from './words.tsx';

export function ToolView({ tool }: { readonly tool: Tool }) {
  const { name, description, purposes, owner, version, digest, effect, approved_version } = tool;
  return (
    <>
      <Head tool={tool} />
      <Standing tool={tool} />
      <ToolChange tool={tool} />
      <ToolSteps tool={tool} />
      <Section title="What models are told" about="by this they choose it">
        <p className="gateway-about text">{description}</p>
        <Facts
          of={{
            Effect: (
              <>
                <EffectWord effect={effect} tool={name} />
                <span className="dimmed">: {effectText(name, effect).toLowerCase()}</span>
              </>
            ),
            'May be called for': purposes.join(', '),
            Owner: owner,
            Version:
              approved_version === null || approved_version === version
                ? version
                : `${version}, approved was ${approved_version}`,
            Digest: <Id id={digest} whole link={false} />,
          }}
        />
      </Section>
      <SchemaTable
        title="Takes"
        about="arguments: nothing else passes"
        schema={tool.input_schema}
      />
      <SchemaTable title="Answers" about="result, masked for callers" schema={tool.output_schema} />
      <Callers tool={tool} />
    </>
  );
}

function Head({ tool }: { readonly tool: Tool }) {
  const [, setUrl] = useUrl();
  const { name, title, status } = tool;
  return (
    <DetailHead
      {...{ title, id: name, calls: `/calls?tool=${name}` }}
      state={<ToolState status={status} />}
    >
      <ActButton
        right="policy:write"
        unless={status === 'approved' ? 'It is approved as it is.' : undefined}
        onClick={() => setUrl({ do: 'approve' })}
      >
        Approve
      </ActButton>
      <ActButton
        right="policy:write"
        color="red"
        unless={status === 'not_approved' ? 'No agent may call it.' : undefined}
        onClick={() => setUrl({ do: 'withdraw' })}
      >
        Withdraw
      </ActButton>
    </DetailHead>
  );
}

/** The one sentence that comes first. */
function Standing({
  tool: { status, version, approved_version: before },
}: {
  readonly tool: Tool;
}) {
  switch (status) {
    case 'approved':
      return (
        <p className="sentence" data-tone="good">
          <strong>Agents may call it</strong> in this very form, if it is in their terms.
        </p>
      );
    case 'changed':
      return (
        <p className="sentence" data-tone="wait">
          <strong>It has changed since it was approved</strong>
          {before === version
            ? `: still called version ${version}, but its words or its schemas are other ones`
            : `, from version ${before} to version ${version}`}
          . No agent may call it until this form is approved.
        </p>
      );
    case 'not_approved':
      return (
        <p className="sentence">
          <strong>No agent may call it.</strong> It takes one person to ask and another to approve.
        </p>
      );
  }
}

/** Agents in whose terms it is. */
function Callers({ tool: { name } }: { readonly tool: Tool }) {
  const agents = useApiPages('GET /v1/agents', {}, { limit: 500 });
  const callers = agents.items.flatMap(({ id, name: agent, status, tools }) => {
    const rate = tools.find((each) => each.name === name)?.calls_per_minute;
    return rate === undefined ? [] : [{ id, agent, status, rate }];
  });
  return (
    <Section title="Agents with it in their terms">
      {agents.error && <ProblemNote error={agents.error} retry={agents.refetch} />}
      {!agents.isPending && callers.length === 0 && <p className="gateway-none dimmed">None.</p>}
      {callers.length > 0 && (
        <table className="plain" aria-label="Agents with it in their terms">
          <thead>
            <tr>
              <th>Agent</th>
              <th>State</th>
              <th className="end">Calls a minute</th>
            </tr>
          </thead>
          <tbody>
            {callers.map(({ id, agent, status, rate }) => (
              <tr key={id}>
                <td>
                  <Link to={`/agents?id=${id}` as never}>{agent}</Link>
                </td>
                <td>
                  <State word={status} />
                </td>
                <td className="end">{countText(rate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
