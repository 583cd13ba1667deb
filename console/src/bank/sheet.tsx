// What slides up over a page: a detail, or a question that is asked once more.
import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';

export function Sheet({
  title,
  isOpen,
  close,
  children,
}: {
  readonly title: string;
  readonly isOpen: boolean;
  readonly close: () => void;
  readonly children: ReactNode;
}) {
  return (
    <Drawer
      // Within the frame, which is a phone's width also on a large screen.
      {...{ opened: isOpen, onClose: close, title, withinPortal: false, lockScroll: false }}
      {...{ position: 'bottom', size: 'auto' }}
      classNames={{
        ...{ inner: 'bank-sheet-place', content: 'bank-sheet' },
        ...{ header: 'bank-sheet-head', body: 'bank-sheet-body' },
      }}
      closeButtonProps={{ size: 44, iconSize: 22, radius: 'xl', 'aria-label': 'Close' }}
      overlayProps={{ backgroundOpacity: 0.4 }}
    >
      {children}
    </Drawer>
  );
}
