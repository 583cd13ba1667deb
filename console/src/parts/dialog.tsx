// A dialog that is there as long as it is mounted: it takes the focus, and gives it back.
import { Modal } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';

export function Dialog({
  title,
  size = 'md',
  close,
  children,
}: {
  readonly title: ReactNode;
  readonly size?: string | number;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  useFocusBack();
  return (
    <Modal opened onClose={close} title={title} size={size}>
      {children}
    </Modal>
  );
}

/** To where it was before this was there, unless it has gone elsewhere by then. */
function useFocusBack(): void {
  const [before] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const isNowhere = document.activeElement === document.body;
      if (isNowhere && before instanceof HTMLElement) before.focus({ preventScroll: true });
    },
    [before],
  );
}
