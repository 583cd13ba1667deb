// The calls of a prompt, the newest first, and what was said in one of them, opened on demand.
import { Button, VisuallyHidden } from '@mantine/core';
import type { ReactNode } from 'react';
import { useNews } from '../../api/live.ts';
import { useApi, useApiPages } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { Who } from '../../parts/who.tsx';
import { type PromptCall, standInText } from './words.ts';

const pageSize = 20;

export function PromptCalls({ name }: { readonly name: string }) {
  const [url, setUrl] = useUrl();
  const calls = useApiPages(
    'GET /v1/prompt-calls',
    { query: { prompt: name } },
    { limit: pageSize },
  );
  const news = useNews(['prompt.answered']);
  const opened = url['call'];
  const show = () => {
    news.shown();
    void calls.renew();
  };
  return (
    <Section title="Calls" about="what was asked is masked and sealed; here are its digests">
      {news.count > 0 && (
        <Button size="compact-xs" onClick={show}>
          {news.count} new
        </Button>
      )}
      {calls.error && <ProblemNote error={calls.error} retry={calls.refetch} />}
      {!calls.isPending && calls.items.length === 0 && (
        <p className="gateway-none dimmed">
          No language model was asked: the summaries of reviews come from the built-in one.
        </p>
      )}
      {calls.items.length > 0 && (
        <table className="plain prompt-calls" aria-label="Calls of the prompt">
          <thead>
            <tr>
              <th>Answer</th>
              <th>About</th>
              <th className="end">Tokens</th>
              <th className="end">Took</th>
              <th className="end">Asked</th>
              <th>
                <VisuallyHidden>What was said</VisuallyHidden>
              </th>
            </tr>
          </thead>
          <tbody>
            {calls.items.map((each) => (
              <Row key={each.call_id} call={each} isOpen={opened === each.call_id}>
                <Button
                  variant="subtle"
                  size="compact-xs"
                  aria-expanded={opened === each.call_id}
                  onClick={() =>
                    setUrl({ call: opened === each.call_id ? undefined : each.call_id })
                  }
                >
                  {opened === each.call_id ? 'Close' : 'Open'}
                </Button>
              </Row>
            ))}
          </tbody>
        </table>
      )}
      {calls.hasMore && (
        <Button
          variant="default"
          size="compact-sm"
          loading={calls.isFetchingMore}
          onClick={calls.more}
        >
          Show earlier
        </Button>
      )}
    </Section>
  );
}

function Row({
  call: { call_id, about, stood_in_because: why, asked_at, latency_ms, ...call },
  isOpen,
  children,
}: {
  readonly call: PromptCall;
  readonly isOpen: boolean;
  readonly children: ReactNode;
}) {
  return (
    <>
      <tr>
        <td>
          {why === null ? (
            <State word="ok">taken</State>
          ) : (
            <span title={standInText(why)}>
              <State word="warn">not taken</State>
            </span>
          )}
        </td>
        <td>
          <Id id={about} />
        </td>
        <td className="end">{countText(call.input_tokens + call.output_tokens)}</td>
        <td className="end">{countText(latency_ms)} ms</td>
        <td className="end">
          <Time at={asked_at} />
        </td>
        <td className="end">{children}</td>
      </tr>
      {isOpen && (
        <tr>
          <td colSpan={6}>
            <Opened id={call_id} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Unsealed for those who may also read events. */
function Opened({ id }: { readonly id: string }) {
  const may = useMay()('events:read');
  const { data, error, refetch } = useApi(
    'GET /v1/prompt-calls/{id}',
    { path: { id } },
    { enabled: may.allowed },
  );
  if (!may.allowed) return <p className="gateway-none dimmed">{may.why}</p>;
  if (!data) return error ? <ProblemNote error={error} retry={refetch} /> : <Loading />;
  const { cost, currency, stood_in_because: why } = data;
  return (
    <div className="prompt-opened">
      <Facts
        of={{
          Call: <Id id={id} whole link={false} />,
          'Asked by': <Who principal={data.asked_by} />,
          Model: <span className="mono text">{data.model}</span>,
          'Not taken': why === null ? undefined : standInText(why),
          Sources:
            data.sources.length === 0
              ? null
              : data.sources.map((each) => <Id key={each} id={each} />),
          Tokens: `${countText(data.input_tokens)} in, ${countText(data.output_tokens)} out`,
          Cost:
            cost === null || currency === null ? undefined : (
              <span title="Rounded up to the smallest unit">
                <Amount minor={Math.ceil(cost / millionths)} currency={currency} />
              </span>
            ),
        }}
      />
      <h3>Facts that were sent, masked</h3>
      <Json value={prettyOf(data.input)} maxHeight={260} />
      <h3>What came back, masked</h3>
      {data.output === null ? (
        <p className="gateway-none dimmed">Nothing.</p>
      ) : (
        <Json value={prettyOf(data.output)} maxHeight={260} />
      )}
    </div>
  );
}

/** The API tells the cost in millionths of a minor unit. */
const millionths = 1_000_000;

function prettyOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
