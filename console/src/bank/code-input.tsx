// The boxes for a code that the customer's app shows.
import { PinInput } from '@mantine/core';
import { useId } from 'react';

export const codeLength = 6;

export function CodeInput({
  label,
  code,
  setCode,
}: {
  readonly label: string;
  readonly code: string;
  readonly setCode: (code: string) => void;
}) {
  const id = useId();
  return (
    <div>
      <p id={id} className="bank-label">
        {label}
      </p>
      <PinInput
        {...{ length: codeLength, type: 'number', size: 'xl', radius: 10, gap: 6, placeholder: '' }}
        {...{ value: code, onChange: setCode, role: 'group', 'aria-labelledby': id }}
        getInputProps={(at) => ({ 'aria-label': `Digit ${at + 1} of ${codeLength}` })}
      />
    </div>
  );
}
