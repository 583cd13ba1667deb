// Deliveries make no events, or each would make the next: they are looked for, now and then.
import { useEffect, useRef } from 'react';

export const lookMs = 3_000;

export function useLooking(look: () => unknown, isOn = true): void {
  const latest = useRef(look);
  latest.current = look;
  useEffect(() => {
    if (!isOn) return;
    const timer = setInterval(() => {
      if (!document.hidden) void latest.current();
    }, lookMs);
    return () => clearInterval(timer);
  }, [isOn]);
}
