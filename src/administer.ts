// Carrying out what is administered: each command in one transaction, alone in its tenant or, where
// its operation guards itself, beside others.
import { type Database, Fault, type Tx, withPipelinedTx, withTx } from '#core';
import { underWayFault } from '#money';
import { operations } from '#operations';
import {
  administer,
  type Administered,
  type Administration,
  type AdministrationItem,
} from '#policy';

/** Administrative commands that go on beside each other. */
const concurrentMax = 8;

export async function administerIn(
  database: Database,
  item: AdministrationItem,
  administration: Administration,
): Promise<Administered> {
  const { tenant, operation } = item.command;
  const prepare = (tx: Tx) => administer(tx, item, administration);
  try {
    if (operations[operation]?.isConcurrent) {
      const pool = database.pipeline('policy', concurrentMax);
      return await withPipelinedTx(pool, prepare, { tenant });
    }
    const inTurn = async (tx: Tx) => {
      const { result, send } = await prepare(tx);
      await Promise.all(send());
      return result;
    };
    return await withTx(database.pool('policy'), inTurn, { tenant });
  } catch (error) {
    const isTaken = (error as { code?: string }).code === '23505';
    if (isTaken) throw new Fault('conflict', 'it exists already', { cause: error });
    throw underWayFault(error) ?? error;
  }
}
