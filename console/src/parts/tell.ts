// A word in the corner on what was done, or why it was not: heard as well as seen, gone by itself.
import { notifications } from '@mantine/notifications';

const shownMs = 4_000;

export function tell(message: string): void {
  notifications.show({
    message,
    autoClose: shownMs,
    closeButtonProps: { 'aria-label': 'Close' },
  });
}
