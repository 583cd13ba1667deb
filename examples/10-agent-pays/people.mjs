// People of the demo bank, each with a browser of their own: signed in at the bank, where they say
// yes or no. Nothing of it is in the hands of the agent.
import { randomUUID } from 'node:crypto';

export const { COUNTERSIGN_URL: url = 'http://127.0.0.1:7400' } = process.env;

/** Follows redirects up to one that leaves the bank; answers where it stands. */
function openBrowser() {
  const cookies = new Map();
  async function go(to, init = {}) {
    const headers = {
      ...init.headers,
      cookie: [...cookies].map((each) => each.join('=')).join('; '),
    };
    const answer = await fetch(to, { ...init, headers, redirect: 'manual' });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const place = answer.headers.get('location');
    if (place === null) return { at: String(to), text: await answer.text(), status: answer.status };
    const next = new URL(place, to);
    return next.origin === url ? go(next) : { at: next.href };
  }
  const submit = ({ at }, fields) =>
    go(at, { method: 'POST', headers: own, body: new URLSearchParams(fields) });
  return { go, submit };
}

const own = { 'sec-fetch-site': 'same-origin' };

/** Signs in as a user of the demo, as the button of the sign-in page does. */
export async function signIn(name) {
  const { go, submit } = openBrowser();
  const choose = (page) => submit(page, { user: `demo-bank user:${name}` });
  await choose(await go(`${url}/auth/sign-in`));
  async function call(path, body) {
    const asking = { method: 'POST', body: JSON.stringify(body) };
    const typed = { ...own, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const { text } = await go(url + path, body ? { ...asking, headers: typed } : { headers: own });
    return JSON.parse(text);
  }
  return {
    call,
    /** Lets an agent act, on the page to which it sends people; answers where they come back to. */
    async allow(page) {
      const asked = await go(page);
      const offer = asked.text.includes('name="act"') ? asked : await choose(asked);
      return new URL((await submit(offer, { act: 'allow' })).at);
    },
  };
}
