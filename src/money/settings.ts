// A tenant's settings of the money plane: units, the closed period, the business calendar.
import { type Command, type Instant, nextDay, startOfDay } from '#core';
import { type BatchState, type Effects, key, noEffects } from './state.ts';
import { rejectedEvent, settingsEvent } from './events.ts';
import type { HolidaysBody, PeriodBody, RejectionCode, UnitBody } from './journal.ts';

const settingsOperations = new Set(['unit.register', 'period.close', 'calendar.set']);

/** Settings wait for all postings under way in their tenant, and the next ones for them. */
export function isSettings(operation: string): boolean {
  return settingsOperations.has(operation);
}

export type Settings = {
  readonly effects: Effects;
  readonly unit: { tenant: string; code: string; exponent: number; name: string } | null;
  readonly period: { tenant: string; closedThrough: string; closedBefore: Instant } | null;
  readonly holidays: readonly { tenant: string; date: string; name: string }[];
};

export function evaluateSettings(state: BatchState, command: Command): Settings {
  const { tenant, receivedAt } = command;
  const tenantState = state.tenants.get(tenant);
  switch (command.operation) {
    case 'unit.register': {
      const body = command.body as UnitBody;
      if (state.units.has(key(tenant, body.code))) return rejected(command, 'unit_exists');
      state.units.add(key(tenant, body.code));
      return { ...accepted('unit.registered', command, body), unit: { tenant, ...body } };
    }
    case 'period.close': {
      const { closed_through } = command.body as PeriodBody;
      const closedBefore = startOfDay(nextDay(closed_through), tenantState?.timeZone ?? 'UTC');
      if (closedBefore > receivedAt) return rejected(command, 'period_not_over');
      if (tenantState && closedBefore <= tenantState.closedBefore) {
        return rejected(command, 'period_already_closed');
      }
      if (tenantState) tenantState.closedBefore = closedBefore;
      const payload = { closed_through, closed_before: new Date(closedBefore).toISOString() };
      const period = { tenant, closedThrough: closed_through, closedBefore };
      return { ...accepted('period.closed', command, payload), period };
    }
    default: {
      const body = command.body as HolidaysBody;
      // Of a date that is named twice the last name stays.
      const byDate = new Map(body.holidays.map(({ date, name }) => [date, { tenant, date, name }]));
      const holidays = [...byDate.values()];
      return { ...accepted('calendar.set', command, body), holidays };
    }
  }
}

function accepted(type: string, command: Command, payload: Command['body']): Settings {
  const events = [settingsEvent(type, command.receivedAt, payload)];
  return { effects: { ...noEffects, events }, unit: null, period: null, holidays: [] };
}

function rejected(command: Command, code: RejectionCode): Settings {
  const outcome = { status: 'rejected', code } as const;
  const events = [rejectedEvent(command, outcome)];
  return { effects: { ...noEffects, outcome, events }, unit: null, period: null, holidays: [] };
}

/** The first business day on or after `date`: neither Saturday, Sunday nor a holiday. */
export function businessDayFrom(date: string, holidays: ReadonlySet<string>): string {
  let day = date;
  while (isWeekend(day) || holidays.has(day)) day = nextDay(day);
  return day;
}

function isWeekend(date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6;
}
