// How offers are told: their states, the ways by which they are made, what customers answer.
import type { Tone } from '../../parts/state.tsx';
import type { Listed } from './shapes.ts';

export const statusLooks: Readonly<Record<Listed['status'], readonly [string, Tone]>> = {
  presented: ['review', 'look'],
  viewed: ['review', 'look'],
  accepted: ['ok', 'good'],
  declined: ['closed', 'still'],
  expired: ['expired', 'still'],
  withdrawn: ['withdrawn', 'still'],
  booked: ['posted', 'good'],
};

const paths: Readonly<Record<string, string>> = {
  in_session: 'in session',
  trigger: 'by an event',
  batch: 'in the nightly batch',
  statement: 'on a statement',
  advisor: 'by an advisor',
};

export function pathText(path: string): string {
  return paths[path] ?? path.replaceAll('_', ' ');
}

const arms: Readonly<Record<string, string>> = {
  treated: 'treated: offered by its rank',
  explored: 'of the control, offered by chance to learn',
  control: 'of the control group',
};

export function armText(arm: string): string {
  return arms[arm] ?? arm.replaceAll('_', ' ');
}

export function percentOf(bps: number): string {
  return `${(bps / 100).toLocaleString('en', { minimumFractionDigits: 2 })} %`;
}

const acts: Readonly<Record<string, string>> = {
  present: 'presented',
  view: 'viewed',
  accept: 'accepted',
  decline: 'declined',
  expire: 'expired',
  withdraw: 'withdrawn',
  book: 'booked',
  advise: 'a person was asked to advise',
};

export function actText(act: string): string {
  return acts[act] ?? act.replaceAll('_', ' ');
}
