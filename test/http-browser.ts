// A browser as far as signing in needs one: it keeps cookies, goes where it is sent, and says from
// which site it comes.

export type Browser = {
  /** Follows redirects; answers where it has ended. */
  readonly go: (url: string) => Promise<Arrived>;
  /** Sends what a form of the page has, as the page itself does. */
  readonly submit: (page: Arrived, fields: Readonly<Record<string, string>>) => Promise<Arrived>;
  /** As a script of the server's own pages does, unless another site is said. */
  readonly call: (method: string, path: string, options?: CallOptions) => Promise<Arrived>;
  /** By name, as they are kept now. */
  readonly cookies: Map<string, string>;
  /** What servers have said of each cookie. */
  readonly told: string[];
};

export type Arrived = {
  readonly url: string;
  readonly status: number;
  readonly text: string;
  readonly json: any;
  readonly headers: Headers;
};

type CallOptions = { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };

const redirectsMax = 10;

/** Of one site: a cookie goes to every path of it. */
export function openBrowser(origin: string): Browser {
  const cookies = new Map<string, string>();
  const told: string[] = [];

  function keep(line: string): void {
    told.push(line);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    const isGone = /max-age=0|expires=thu, 01 jan 1970/i.test(line);
    if (isGone || value === '') cookies.delete(name);
    else cookies.set(name, value);
  }

  async function send(url: string, request: RequestInit): Promise<Arrived> {
    let [at, init] = [new URL(url, origin), request];
    for (let hop = 0; hop < redirectsMax; hop += 1) {
      const headers = new Headers(init.headers);
      const ours = at.origin === origin || at.hostname === new URL(origin).hostname;
      if (ours) headers.set('cookie', [...cookies].map((pair) => pair.join('=')).join('; '));
      const answer = await fetch(at, { ...init, headers, redirect: 'manual' });
      for (const line of answer.headers.getSetCookie()) keep(line);
      const text = await answer.text();
      const to = answer.headers.get('location');
      const isSent = answer.status >= 301 && answer.status <= 308 && to !== null;
      if (!isSent) return arrived(at, answer, text);
      [at, init] = [new URL(to, at), { method: 'GET' }];
    }
    throw new Error(`${url} goes on and on`);
  }

  return {
    cookies,
    told,
    go: (url) => send(url, { method: 'GET' }),
    submit: (page, fields) =>
      send(page.url, {
        method: 'POST',
        headers: { 'sec-fetch-site': 'same-origin' },
        body: new URLSearchParams(fields),
      }),
    call: (method, path, { body, headers = {} } = {}) =>
      send(path, {
        method,
        headers: {
          'sec-fetch-site': 'same-origin',
          ...(method === 'GET' ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
      }),
  };
}

function arrived(at: URL, answer: Response, text: string): Arrived {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { url: at.href, status: answer.status, text, json, headers: answer.headers };
}
