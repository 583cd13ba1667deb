// What a contact policy would do, before anybody agrees to it.
import { contactMonthDays, type ContactPolicy } from './contact-policy.ts';

/** What is no flaw, and whoever agrees to it should know: sentences. */
export function contactPolicyRemarks(policy: ContactPolicy): readonly string[] {
  const { offers_max: most, channels, nightly } = policy;
  const idle = channels.filter(
    ({ offers_max, days }) => days <= contactMonthDays && offers_max >= most,
  );
  return [
    ...(most === 0 ? ['Nobody would be offered anything that counts as a contact.'] : []),
    ...idle.map(
      ({ channel, offers_max, days }) =>
        `${wordOf(channel)}: ${offers_max} within ${days} days bounds nothing, as all together ` +
        `are let ${most} within ${contactMonthDays}.`,
    ),
    ...(nightly === undefined ? ['No batch would begin by itself at night.'] : atNight(policy)),
  ];
}

function atNight({ nightly, channels, offers_max }: ContactPolicy): readonly string[] {
  if (!nightly) return [];
  const mute = nightly.channels.filter((name) =>
    channels.some((cap) => cap.channel === name && cap.offers_max === 0),
  );
  const hour = `${String(nightly.hour).padStart(2, '0')}:00`;
  return [
    `Each night from ${hour} on every customer would be looked at, ` +
      `for ${nightly.channels.map(wordOf).join(', ')}.`,
    ...(offers_max === 0 ? [] : mute).map(
      (name) => `At night nothing that counts could go by ${wordOf(name)}: its own cap is 0.`,
    ),
  ];
}

function wordOf(channel: string): string {
  return channel.replaceAll('_', ' ');
}
