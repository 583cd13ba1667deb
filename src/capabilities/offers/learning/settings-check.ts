// What settings of learning would do, before anybody agrees to them.
import type { Instant } from '#core';
import { holdoutPeriod } from './arms.ts';
import type { LearningSettings } from './settings.ts';

/** What is no flaw, and whoever agrees to it should know: sentences. */
export function learningRemarks(
  settings: LearningSettings,
  { before, at }: { readonly before: LearningSettings; readonly at: Instant },
): readonly string[] {
  const { holdout_bps, control_bps, exploration_bps } = settings;
  const isBlind = holdout_bps === 0 && control_bps === 0;
  const isOtherPeriod = holdoutPeriod(settings, at) !== holdoutPeriod(before, at);
  const untold = 'could not be told';
  return [
    ...(isBlind ? [`Nobody would be kept from offers: what they change ${untold}.`] : []),
    ...(exploration_bps === 0
      ? [`Nothing would be left to chance: what other offers would have brought ${untold}.`]
      : []),
    ...(isOtherPeriod && holdout_bps > 0
      ? ['The hold-out would be of another period: others are held out from now on.']
      : []),
    ...(before.holdout_bps > holdout_bps || before.control_bps > control_bps
      ? ['Fewer would be kept from offers: who was kept out of one on record stays out.']
      : []),
  ];
}
