// Looks that many share: what is asked while a look is under way goes into the next, so that looks
// grow with the load, and a lone question waits for nobody.
import { Fault } from './fault.ts';

export type LooksOptions<Question, Found> = {
  /** What is looked up, for the message when there is too much of it. */
  readonly name: string;
  /** Answers questions of one tenant, in their order. */
  readonly look: (tenant: string, questions: readonly Question[]) => Promise<readonly Found[]>;
  /** Looks under way: while one is read, another is worked out. */
  readonly looksMax: number;
  /** Questions of one look. */
  readonly questionsMax: number;
  /** Beyond, an answer would only come too late: the question is refused with `overloaded`. */
  readonly waitingMax: number;
};

type Waiting<Question, Found> = {
  readonly tenant: string;
  readonly question: Question;
  readonly answer: PromiseWithResolvers<Found>;
};

export function sharedLooks<Question, Found>(
  options: LooksOptions<Question, Found>,
): (tenant: string, question: Question) => Promise<Found> {
  const { name, look, looksMax, questionsMax, waitingMax } = options;
  let waiting: Waiting<Question, Found>[] = [];
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
      void answerAll(tenant, asked).finally(() => {
        looks -= 1;
        wake();
      });
    }
  }

  async function answerAll(tenant: string, asked: readonly Waiting<Question, Found>[]) {
    try {
      const found = await look(
        tenant,
        asked.map(({ question }) => question),
      );
      asked.forEach(({ answer }, at) => {
        answer.resolve(found[at] as Found);
      });
    } catch (error) {
      for (const { answer } of asked) answer.reject(error);
    }
  }

  return async (tenant, question) => {
    if (waiting.length >= waitingMax) throw new Fault('overloaded', `${name} are read too slowly`);
    const answer = Promise.withResolvers<Found>();
    waiting.push({ tenant, question, answer });
    // One turn of the event loop lets those that came together share the look.
    if (looks < looksMax && !isWaking) {
      isWaking = true;
      setImmediate(wake);
    }
    return answer.promise;
  };
}
