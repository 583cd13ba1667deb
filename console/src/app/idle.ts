// A console that nobody uses falls silent: it asks for nothing more, so that its session ends when it
// should and an open window costs the bank nothing.
import { focusManager } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

/** Without a key or a pointer. */
const idleMs = 10 * 60_000;
const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

/** Whether somebody is there; while nobody is, nothing is read by itself. */
export function useIsThere(): boolean {
  const [isThere, setThere] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const become = (there: boolean) => {
      setThere(there);
      // `undefined` leaves it to the browser to say whether the window is seen.
      focusManager.setFocused(there ? undefined : false);
    };
    const show = () => {
      clearTimeout(timer);
      timer = setTimeout(() => become(false), idleMs);
      become(true);
    };
    show();
    for (const sign of signs) document.addEventListener(sign, show, { passive: true });
    return () => {
      clearTimeout(timer);
      for (const sign of signs) document.removeEventListener(sign, show);
    };
  }, []);
  return isThere;
}
