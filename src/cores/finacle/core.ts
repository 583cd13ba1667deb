// The adapter of Infosys Finacle: FIXML requests over HTTP, as its published samples show them.
import type { Adapter, AdapterOptions, LookUp } from '../adapter.ts';
import { openClient } from './client.ts';
import { coreName } from './errors.ts';
import { eventsOf } from './events.ts';
import { holdsOf, lookUpCapture, lookUpHold } from './holds.ts';
import { loansOf } from './loans.ts';
import { movesOf, rowByReference } from './moves.ts';
import { turns } from '../turns.ts';
import { answerOfRow } from './orders.ts';
import { partiesOf } from './parties.ts';
import { listEntriesOf } from './statement.ts';

export function openFinacle(options: AdapterOptions): Adapter {
  const client = openClient(options);
  const inTurn = turns();
  const lookUpMove = async (of: LookUp) => {
    const row = await rowByReference(client, of.account, of);
    return row?.ours && { answer: answerOfRow(row, row.ours.mark), mark: row.ours.mark };
  };
  const events = eventsOf(options);
  return {
    name: coreName,
    capturesInParts: true,
    operations: {
      ...partiesOf(client),
      ...movesOf(client, inTurn),
      ...holdsOf(client, inTurn),
      ...loansOf(client, inTurn),
      listEntries: listEntriesOf(client),
      lookUp(of) {
        if (of.kind === 'capture') return lookUpCapture(client, of);
        if (of.kind === 'hold' || of.kind === 'release') return lookUpHold(client, of);
        return lookUpMove(of);
      },
    },
    ...(events.accept ? { events } : {}),
    close: client.close,
  };
}
