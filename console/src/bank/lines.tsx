// Transactions in a list, day by day: what is new is offered, and moves nothing by itself.
import { Button, UnstyledButton } from '@mantine/core';
import { useMemo } from 'react';
import { Amount } from '../parts/money.tsx';
import { type Steady, useSteady } from '../parts/steady.ts';
import { dayText, useNow, useZone } from '../parts/time.tsx';
import type { Transaction } from './reads.ts';
import { lookOf, nameOf, standingOf } from './words.ts';

export function Lines({
  items,
  listKey,
  open,
}: {
  readonly items: readonly Transaction[];
  /** Names the list: with another one nothing is kept in its place. */
  readonly listKey: string;
  readonly open: (line: Transaction) => void;
}) {
  const { rows, news, show } = useSteady(items, { key: listKey, idOf });
  const zone = useZone();
  const now = useNow();
  const days = useMemo(
    () => [...Map.groupBy(rows, ({ row }) => dayText(row.at, zone, now))],
    [rows, zone, now],
  );
  return (
    <div>
      {news > 0 && (
        <Button variant="light" onClick={show}>
          {news === 1 ? 'One new transaction' : `${news} new transactions`}: show
        </Button>
      )}
      {days.map(([day, own]) => (
        <div key={day}>
          <h2 className="bank-day">{day}</h2>
          <ul className="bank-lines">
            {own.map((each) => (
              <Line key={each.row.id} of={each} open={open} />
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

function idOf({ id }: Transaction): string {
  return id;
}

function Line({
  of: { row, gone },
  open,
}: {
  readonly of: Steady<Transaction>;
  readonly open: (line: Transaction) => void;
}) {
  const { icon: Icon, words } = lookOf(row);
  const standing = standingOf(row);
  const about = row.text ?? row.counterparty.shop ?? words;
  return (
    <li>
      <UnstyledButton className="bank-line" onClick={() => open(row)} data-gone={gone || undefined}>
        <span className="bank-icon">
          <Icon size={19} aria-hidden />
        </span>
        <span className="bank-line-who">
          <span className="clip">{nameOf(row.counterparty)}</span>
          <span className="clip dimmed">{about}</span>
        </span>
        <span
          className="bank-line-sum"
          data-status={row.status}
          data-in={row.amount > 0 || undefined}
        >
          <Amount minor={row.amount} currency={row.currency} signed />
          {standing && (
            <span className="state" data-tone={standing[0]}>
              {standing[1]}
            </span>
          )}
        </span>
      </UnstyledButton>
    </li>
  );
}
