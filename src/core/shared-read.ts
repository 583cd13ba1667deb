// What many read of a tenant at a time: questions that come together share a transaction.
import { beginText, inOneWrite, type Pool, type Tx } from './database.ts';
import { sharedLooks } from './looks.ts';

export type SharedRead<Question, Answer> = (tenant: string, question: Question) => Promise<Answer>;

export type SharedReadOptions<Question, Answer> = {
  /** What is read, for whoever hears that it takes too long. */
  readonly name: string;
  /** In pipeline mode: nobody waits for the answer to `begin`. */
  readonly pool: Pool;
  /** In the tenant of the questions, of which there is one at least; answers in their order. */
  readonly read: (tx: Tx, questions: readonly Question[]) => Promise<readonly Answer[]>;
};

/** Two at a time: while one is read, the other is worked out. */
const bounds = { looksMax: 2, questionsMax: 100, waitingMax: 1_000 };

export function sharedRead<Question, Answer>({
  name,
  pool,
  read,
}: SharedReadOptions<Question, Answer>): SharedRead<Question, Answer> {
  return sharedLooks({
    ...bounds,
    name,
    async look(tenant, questions: readonly Question[]) {
      const tx = await pool.connect();
      let hasFailed = true;
      try {
        const [, answers] = await inOneWrite(tx, () =>
          Promise.all([
            tx.query(beginText({ tenant, readOnly: true })),
            read(tx, questions),
            tx.query('commit'),
          ]),
        );
        hasFailed = false;
        return answers;
      } finally {
        // Whatever failed, the next look is not to wait for what became of this one.
        tx.release(hasFailed);
      }
    },
  });
}
