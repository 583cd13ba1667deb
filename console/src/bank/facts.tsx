// Names and values of a payment, one below the other.
import type { ReactNode } from 'react';
import { dayText, instantText, useNow, useZone } from '../parts/time.tsx';
import type { Transaction } from './reads.ts';
import { lookOf, nameOf } from './words.ts';

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** `Tuesday 17 November, 19:37`. */
export function useWhen(at: string): string {
  const zone = useZone();
  return `${dayText(at, zone, useNow())}, ${instantText(at, zone, false).slice(11)}`;
}

/** Whom, by what, and the words that went with it. */
export function LineFacts({ line }: { readonly line: Transaction }) {
  const { counterparty, amount, text } = line;
  return (
    <dl className="bank-facts">
      <Fact name={amount < 0 ? 'To' : 'From'}>{nameOf(counterparty)}</Fact>
      <Fact name="Account">
        <span className="mono">{counterparty.account_id}</span>
      </Fact>
      <Fact name="How">{[lookOf(line).words, counterparty.shop].filter(Boolean).join(', ')}</Fact>
      {text !== null && (
        <Fact name="Text">
          <span className="text">{text}</span>
        </Fact>
      )}
    </dl>
  );
}
