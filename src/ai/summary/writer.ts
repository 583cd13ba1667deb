// A language model as a writer of summaries: an OpenAI-compatible endpoint, within a deadline.
import { Fault } from '#core';
import { isIP } from 'node:net';

export type Writer = {
  readonly model: string;
  /** Answers the text, or throws. */
  readonly write: (system: string, data: string) => Promise<string>;
};

type Fetch = typeof fetch;

const deadlineMs = 5_000;
const answerMaxBytes = 64 * 1024;
const tokensMax = 600;

/** The configured one; undefined without a COUNTERSIGN_LLM_URL. Throws `input_invalid`. */
export function openWriter(
  environment: Readonly<Record<string, string | undefined>>,
  fetchUrl: Fetch = fetch,
): Writer | undefined {
  const {
    COUNTERSIGN_LLM_URL: base,
    COUNTERSIGN_LLM_MODEL: model,
    COUNTERSIGN_LLM_KEY: key,
  } = environment;
  if (base === undefined || base === '') return undefined;
  if (model === undefined || model === '') {
    throw new Fault('input_invalid', 'COUNTERSIGN_LLM_URL needs a COUNTERSIGN_LLM_MODEL');
  }
  const url = endpointOf(base);
  return {
    model,
    async write(system, data) {
      const response = await fetchUrl(url, {
        method: 'POST',
        // A redirect could lead out of the network that was allowed.
        redirect: 'error',
        signal: AbortSignal.timeout(deadlineMs),
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({
          model,
          temperature: 0,
          max_tokens: tokensMax,
          messages: [
            { role: 'system', content: system },
            { role: 'user', content: data },
          ],
        }),
      });
      if (!response.ok) throw new Fault('input_invalid', `the model answered ${response.status}`);
      return contentOf(await readBounded(response));
    },
  };
}

/** Only what is encrypted on its way, or does not leave the private network. */
function endpointOf(base: string): string {
  const parsed = URL.canParse(base) ? new URL(base) : undefined;
  const isAllowed =
    parsed?.protocol === 'https:' ||
    (parsed?.protocol === 'http:' && isPrivate(parsed.hostname.replace(/^\[|\]$/g, '')));
  if (parsed === undefined || !isAllowed || parsed.username !== '' || parsed.password !== '') {
    throw new Fault(
      'input_invalid',
      'COUNTERSIGN_LLM_URL is https, or http to a private address; it holds no password',
    );
  }
  return `${base.replace(/\/+$/, '')}/chat/completions`;
}

/** RFC 1918, RFC 4193 and loopback addresses: a name could come to mean another address. */
function isPrivate(host: string): boolean {
  if (host === 'localhost') return true;
  switch (isIP(host)) {
    case 4:
      return /^(?:10|127|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(host);
    case 6:
      return /^(?:::1$|f[cd])/i.test(host);
    default:
      return false;
  }
}

/** The body, cut off where it grows too large: a lying endpoint fills no memory. */
async function readBounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > answerMaxBytes) throw new Fault('input_invalid', 'the model answers too much');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function contentOf(text: string): string {
  const { choices } = JSON.parse(text) as { choices?: { message?: { content?: unknown } }[] };
  const content = choices?.[0]?.message?.content;
  if (typeof content !== 'string') throw new Fault('input_invalid', 'the model says nothing');
  return content;
}
