// Following events: a stream that breaks off, and goes on after the last event that it brought.
//   COUNTERSIGN_URL=http://127.0.0.1:7400 COUNTERSIGN_KEY=… node run.mjs

const { COUNTERSIGN_URL: url, COUNTERSIGN_KEY: key } = process.env;
const authorization = `Bearer ${key}`;

async function post(path, body) {
  const headers = {
    authorization,
    'content-type': 'application/json',
    'idempotency-key': crypto.randomUUID(),
  };
  const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
  return answer.json();
}

/** Server-sent events: blocks of `name: value` lines, each ended by a blank line. */
async function* follow(lastEventId) {
  const headers = { authorization, accept: 'text/event-stream', 'last-event-id': lastEventId };
  const { body } = await fetch(`${url}/v1/events`, { headers });
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop();
    for (const block of blocks) {
      const lines = block.split('\n').map((line) => line.split(/: ?(.*)/s, 2));
      const { id, event: type, data } = Object.fromEntries(lines);
      if (id !== undefined) yield { position: id, type, event: JSON.parse(data) };
    }
  }
}

/** Prints events up to the given number of them; leaving the loop ends the stream. */
async function print(count, after) {
  let position = after;
  for await (const { position: at, type, event } of follow(after)) {
    position = at;
    // Every write brings its decision along; here only what has come of it is wanted.
    if (type === 'decision.made') continue;
    const { amount, currency } = event.data;
    console.log(`  ${type}${amount === null ? '' : ` ${amount} ${currency}`}`);
    count -= 1;
    if (count === 0) break;
  }
  return position;
}

// Whoever has no position yet begins at 0. This example begins with what is to come.
async function latest() {
  for (let after = 0; ; ) {
    const path = `/v1/events?limit=200&after=${after}`;
    const page = await fetch(url + path, { headers: { authorization } }).then((it) => it.json());
    if (page.items.length === 0) return String(page.next);
    after = page.next;
  }
}

let position = await latest();
const cash = await post('/v1/accounts', { type: 'asset', currency: 'EUR' });
const ada = await post('/v1/accounts', { type: 'liability', currency: 'EUR' });
const move = { debit_account_id: cash.id, credit_account_id: ada.id, currency: 'EUR' };

console.log('following');
const reading = print(3, position);
await post('/v1/transfers', { ...move, amount: 10_00 });
position = await reading;

console.log('away, while more happens');
await post('/v1/holds', { ...move, amount: 20_00 });
await post('/v1/transfers', { ...move, amount: 30_00 });

console.log('back, where we were');
await print(2, position);
