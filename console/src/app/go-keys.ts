// `g` and then a letter or a digit goes to a place, from anywhere but where somebody types.
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { places } from './places.ts';

/** How long the second key may take. */
const patienceMs = 1_200;

export function useGoKeys(): void {
  const navigate = useNavigate();
  useEffect(() => {
    let until = 0;
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === 'g') {
        until = event.timeStamp + patienceMs;
        return;
      }
      if (event.timeStamp > until) return;
      until = 0;
      const place = places.flatMap((group) => group.places).find(({ key }) => key === event.key);
      if (!place) return;
      event.preventDefault();
      // Not for the screen on which it was typed: `g k` is no `k`.
      event.stopImmediatePropagation();
      void navigate({ to: place.to as never });
    };
    document.addEventListener('keydown', hear, { capture: true });
    return () => document.removeEventListener('keydown', hear, { capture: true });
  }, [navigate]);
}

export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}
