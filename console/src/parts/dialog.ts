// What every dialog and drawer needs to be understood by those who hear it.

/** A button with a name; and a head that is no second banner of the page. */
export const dialogProps = {
  closeButtonProps: { 'aria-label': 'Close' },
  attributes: { header: { role: 'presentation' } },
} as const;
