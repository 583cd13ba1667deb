// One prompt: who answers it now, its text as it would be sent, what it may take of a day, who has
// approved it, and what was asked.
import { SegmentedControl, VisuallyHidden } from '@mantine/core';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Bar } from '../../parts/bar.tsx';
import { Folded } from '../../parts/explorer.tsx';
import { countText } from '../../parts/figures.ts';
import { CopyId, Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { PromptCalls } from './calls.tsx';
import { PromptDialogs } from './dialogs.tsx';
import { PromptState } from './prompts.tsx';
import { boundsOf, standInText, type Version, type Whole } from './words.ts';

export function PromptView({ name }: { readonly name: string }) {
  const { data, error, refetch } = useApi('GET /v1/prompts/{name}', { path: { name } });
  const [url, setUrl] = useUrl();
  if (!data) return error ? <ProblemNote error={error} retry={refetch} /> : <Loading />;
  const wanted = Number(url['version'] ?? data.used ?? data.newest);
  const version = data.versions.find((each) => each.version === wanted) ?? data.versions[0];
  if (!version) return null;
  return (
    <>
      <Head prompt={data} version={version} />
      <Standing prompt={data} />
      {data.versions.length > 1 && (
        <div className="prompt-versions">
          <SegmentedControl
            size="xs"
            aria-label="Version"
            value={String(version.version)}
            onChange={(next) => setUrl({ version: next })}
            data={data.versions.map((each) => ({
              value: String(each.version),
              label: `Version ${each.version}`,
            }))}
          />
        </div>
      )}
      <Text of={version} />
      <Budget prompt={data} version={version} />
      <Acts name={name} />
      <PromptCalls name={name} />
      <PromptDialogs prompt={data} version={version} />
    </>
  );
}

type Of = { readonly prompt: Whole; readonly version: Version };

function Head({ prompt, version }: Of) {
  const [, setUrl] = useUrl();
  const isUsed = prompt.used === version.version;
  const isApproved = prompt.last_act?.act === 'approved';
  return (
    <header className="detail-head">
      <div className="detail-line">
        <h2 className="gateway-title mono">{prompt.name}</h2>
        <PromptState of={prompt} />
        <span className="dimmed">{prompt.purpose}</span>
      </div>
      <div className="object-acts gateway-acts">
        <ActButton
          right="model:write"
          unless={
            prompt.model === null
              ? 'No language model is configured: there is nothing to approve it for.'
              : isUsed
                ? 'It is approved as it is.'
                : undefined
          }
          onClick={() => setUrl({ do: 'approve' })}
        >
          Approve version {version.version}
        </ActButton>
        <ActButton
          right="model:write"
          color="red"
          unless={isApproved ? undefined : 'It is not approved: no language model is asked.'}
          onClick={() => setUrl({ do: 'withdraw' })}
        >
          Withdraw
        </ActButton>
      </div>
    </header>
  );
}

/** The one sentence that comes first: who answers. */
function Standing({ prompt: { used, model, unused_because, newest } }: { readonly prompt: Whole }) {
  if (used === null) {
    return (
      <p className="sentence" data-tone={unused_because === 'not_approved' ? undefined : 'wait'}>
        <strong>The built-in model answers</strong>: {standInText(unused_because ?? '')}. Nothing
        leaves the bank.
      </p>
    );
  }
  return (
    <p className="sentence" data-tone="good">
      <strong>Version {used} is answered by </strong>
      <span className="mono text">{model}</span>, within the bounds below.
      {used < newest && ` Version ${newest} ships as well, and waits for an approval.`}
    </p>
  );
}

function Text({ of: version }: { readonly of: Version }) {
  const { instructions, tools, digest, input, output } = version;
  return (
    <Section title="The text" about="sent word by word, with the facts behind it">
      {/* Scrolled by keyboard as well (WCAG 2.1.1). */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls */}
      <p className="prompt-text text" tabIndex={0}>
        {instructions}
      </p>
      <Facts
        of={{
          Tools: tools.length === 0 ? 'none: it can ask for nothing' : tools.join(', '),
          Digest: (
            <span
              className="gateway-id"
              title="SHA-256 of the file: an approval is of exactly this"
            >
              <span className="mono text">{digest}</span>
              <CopyId text={digest} label="Copy the digest" />
            </span>
          ),
        }}
      />
      <Folded title="Facts that may be sent: nothing else is">
        <Json value={input} maxHeight={320} />
      </Folded>
      <Folded title="Shape of an answer that is taken">
        <Json value={output} maxHeight={320} />
      </Folded>
    </Section>
  );
}

function Budget({ prompt: { spent_today: spent }, version }: Of) {
  const bounds = boundsOf(version);
  const rows = [
    ['Calls', spent.calls, bounds.calls_per_day, ''],
    ['Tokens', spent.tokens, bounds.tokens_per_day, ''],
    ['Time', spent.seconds, bounds.seconds_per_day, ' s'],
  ] as const;
  return (
    <Section title="Bounds" about="of the day (UTC); behind them no language model is asked">
      <table className="plain prompt-budget" aria-label="What is spent of the day">
        <thead>
          <tr>
            <th>Of a day</th>
            <th className="end">Spent</th>
            <th className="end">At most</th>
            <th>
              <VisuallyHidden>Share</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value, max, unit]) => (
            <tr key={name}>
              <td>{name}</td>
              <td className="end">
                {countText(value)}
                {unit}
              </td>
              <td className="end">
                {countText(max)}
                {unit}
              </td>
              <td>
                <Bar value={value} max={max} color={value > max * 0.8 ? '--wait' : '--good'} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Facts
        of={{
          'Of one call': `${countText(bounds.input_chars)} characters in, ${countText(bounds.output_tokens)} tokens out, ${countText(bounds.timeout_ms)} ms`,
          'Of one answer': `${bounds.statements} statements of ${countText(bounds.statement_chars)} characters, each with its sources`,
        }}
      />
    </Section>
  );
}

const actsMax = 20;

function Acts({ name }: { readonly name: string }) {
  const acts = useApiPages('GET /v1/prompts/{name}/acts', { path: { name } }, { limit: actsMax });
  return (
    <Section title="Who has approved it">
      {acts.error && <ProblemNote error={acts.error} retry={acts.refetch} />}
      {!acts.isPending && acts.items.length === 0 && (
        <p className="gateway-none dimmed">
          Nobody yet: it takes one person to ask, another to agree.
        </p>
      )}
      {acts.items.length > 0 && (
        <table className="plain" aria-label="Approvals and withdrawals">
          <thead>
            <tr>
              <th>Act</th>
              <th>Of what</th>
              <th>By</th>
              <th className="end">When</th>
            </tr>
          </thead>
          <tbody>
            {acts.items.map((each) => (
              <tr key={each.ordinal}>
                <td>
                  <State word={each.act} />
                </td>
                <td>
                  {each.act === 'approved' ? (
                    <>
                      version {each.version} for <span className="mono text">{each.model}</span>{' '}
                      {each.approval_id !== null && <Id id={each.approval_id} />}
                    </>
                  ) : (
                    <span className="text">{each.reason}</span>
                  )}
                </td>
                <td>
                  <Who principal={each.acted_by} />
                </td>
                <td className="end">
                  <Time at={each.recorded_at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Section>
  );
}
