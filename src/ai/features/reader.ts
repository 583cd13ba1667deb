// The features of many cases at a time: each question is one write to the database, and one answer.
import { beginText, inOneWrite, type Pool } from '#core';
import { type FeatureQuestion, type FeatureValues, readFeatures } from './read.ts';

/** `pool` is of the role `ai`, in pipeline mode: nobody waits for the answer to `begin`. */
export function featureReader(pool: Pool) {
  return async (tenant: string, question: FeatureQuestion): Promise<FeatureValues> => {
    const tx = await pool.connect();
    let hasFailed = true;
    try {
      const [, values] = await inOneWrite(tx, () =>
        Promise.all([
          tx.query(beginText({ tenant, readOnly: true })),
          readFeatures(tx, question),
          tx.query('commit'),
        ]),
      );
      hasFailed = false;
      return values;
    } finally {
      // Whatever failed, the next question is not to wait for what became of this one.
      tx.release(hasFailed);
    }
  };
}
