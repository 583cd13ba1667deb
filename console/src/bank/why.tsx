// "Why this?" below something that the bank shows: the words unfold where they are asked for.
import { UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';

export function WhyThis({
  beside,
  children,
}: {
  readonly beside: ReactNode;
  readonly children: ReactNode;
}) {
  const [isOpen, { toggle }] = useDisclosure();
  return (
    <>
      <div className="bank-offer-foot">
        <span className="dimmed">{beside}</span>
        <UnstyledButton className="bank-why" onClick={toggle} aria-expanded={isOpen}>
          Why this? <ChevronDown size={16} aria-hidden data-open={isOpen || undefined} />
        </UnstyledButton>
      </div>
      {isOpen && <div className="bank-why-words">{children}</div>}
    </>
  );
}
