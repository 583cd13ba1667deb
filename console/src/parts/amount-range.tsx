// Amounts between two bounds, typed as people write them and kept as minor units in the address.
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useUrl } from '../app/url.ts';
import { amountText, minorUnitsOf, useExponents } from './money.tsx';

const names = ['amount_min', 'amount_max'] as const;
const labels = { amount_min: 'At least', amount_max: 'At most' } as const;

/** `currency`: undefined where those that are listed have several. */
export function AmountRange({ currency }: { readonly currency: string | undefined }) {
  const exponent = useExponents()?.get(currency ?? '');
  return (
    <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
      <legend style={{ fontWeight: 600, fontSize: '0.75rem', marginBottom: 4 }}>
        Amount{currency !== undefined && <span className="dimmed"> in {currency}</span>}
      </legend>
      {exponent === undefined ? (
        <span className="dimmed" style={{ fontSize: '0.75rem' }}>
          Choose one currency first
        </span>
      ) : (
        <div className="range">
          {names.map((name) => (
            <Bound key={name} name={name} exponent={exponent} />
          ))}
        </div>
      )}
    </fieldset>
  );
}

function Bound({
  name,
  exponent,
}: {
  readonly name: (typeof names)[number];
  readonly exponent: number;
}) {
  const [url, setUrl] = useUrl();
  const [isWrong, setIsWrong] = useState(false);
  const given = url[name];
  const take = (text: string) => {
    const minor = text.trim() === '' ? undefined : minorUnitsOf(text, exponent);
    setIsWrong(text.trim() !== '' && minor === undefined);
    if (text.trim() === '' || minor !== undefined) setUrl({ [name]: minor?.toString() });
  };
  return (
    <TextInput
      key={given}
      aria-label={`${labels[name]}: amount`}
      placeholder={labels[name].toLowerCase()}
      defaultValue={given === undefined ? '' : amountText(Number(given), exponent)}
      inputMode="decimal"
      error={isWrong ? 'no amount' : undefined}
      onBlur={({ currentTarget }) => {
        if (currentTarget.value !== currentTarget.defaultValue) take(currentTarget.value);
      }}
      onKeyDown={({ key, currentTarget }) => {
        if (key === 'Enter') take(currentTarget.value);
      }}
    />
  );
}
