// The features of many cases at a time: what is asked while a look is under way shares the next, so
// that looks grow with the load, and a lone question waits for nobody.
import { beginText, Fault, inOneWrite, type Pool } from '#core';
import { type FeatureQuestion, type FeatureValues, readFeatures } from './read.ts';

export type ReadFeatures = (tenant: string, question: FeatureQuestion) => Promise<FeatureValues>;

/** Looks under way: while one is read, the other is worked out. */
const looksMax = 2;
/** Questions of a look, all of one tenant. */
const questionsMax = 100;
/** Beyond, an answer would only come too late. */
const waitingMax = 1_000;

type Waiting = {
  readonly tenant: string;
  readonly question: FeatureQuestion;
  readonly answer: PromiseWithResolvers<FeatureValues>;
};

/** `pool` is of the role `ai`, in pipeline mode: nobody waits for the answer to `begin`. */
export function featureReader(pool: Pool): ReadFeatures {
  let waiting: Waiting[] = [];
  let looks = 0;
  let isWaking = false;

  function wake(): void {
    isWaking = false;
    while (looks < looksMax && waiting.length > 0) {
      const tenant = waiting[0]?.tenant ?? '';
      const asked = waiting.filter((each) => each.tenant === tenant).slice(0, questionsMax);
      const taken = new Set(asked);
      waiting = waiting.filter((each) => !taken.has(each));
      looks += 1;
      void look(pool, tenant, asked).finally(() => {
        looks -= 1;
        wake();
      });
    }
  }

  return async (tenant, question) => {
    if (waiting.length >= waitingMax) throw new Fault('overloaded', 'features are read too slowly');
    const answer = Promise.withResolvers<FeatureValues>();
    waiting.push({ tenant, question, answer });
    // One turn of the event loop lets those that came together share the look.
    if (looks < looksMax && !isWaking) {
      isWaking = true;
      setImmediate(wake);
    }
    return answer.promise;
  };
}

async function look(pool: Pool, tenant: string, asked: readonly Waiting[]): Promise<void> {
  try {
    const found = await read(
      pool,
      tenant,
      asked.map(({ question }) => question),
    );
    asked.forEach(({ answer }, index) => {
      answer.resolve(found[index] as FeatureValues);
    });
  } catch (error) {
    for (const { answer } of asked) answer.reject(error);
  }
}

async function read(
  pool: Pool,
  tenant: string,
  questions: readonly FeatureQuestion[],
): Promise<FeatureValues[]> {
  const tx = await pool.connect();
  let hasFailed = true;
  try {
    const [, values] = await inOneWrite(tx, () =>
      Promise.all([
        tx.query(beginText({ tenant, readOnly: true })),
        readFeatures(tx, questions),
        tx.query('commit'),
      ]),
    );
    hasFailed = false;
    return values;
  } finally {
    // Whatever failed, the next look is not to wait for what became of this one.
    tx.release(hasFailed);
  }
}
