// Signs in a text that turn the direction of what stands behind them on its line (Unicode, annex 9):
// where that is not theirs, they are shown as what they are.

const turning = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** In JSON it is the same text, and in a line of several nobody is shown another order. */
export function unturned(text: string): string {
  return text.replaceAll(
    turning,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
