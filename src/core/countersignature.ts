// The countersignature: policy's mark on one exact command, without which money does nothing.
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Instant } from './clock.ts';
import { type Command, commandFields, isWhole, lengthPrefixed } from './command.ts';
import { Fault } from './fault.ts';
import { externalId, type Uuid } from './id.ts';

export const decisionOutcomes = ['allow', 'deny', 'hold', 'review'] as const;

export type Decision = {
  readonly id: Uuid;
  readonly outcome: (typeof decisionOutcomes)[number];
  readonly policyVersion: string;
  /** The id of the model score that the decision has read, if any. */
  readonly modelScoreRef: string | null;
};

declare const minted: unique symbol;

/** Made by `mint` alone, and verified again by money: a value of this type is not yet proof. */
export type Countersignature = {
  readonly decision: Decision;
  /** Until when the command may be posted, judged at the instant it was received. */
  readonly expiresAt: Instant;
  readonly keyId: string;
  /** HMAC-SHA256, base64. */
  readonly mac: string;
  readonly [minted]: true;
};

/** A command with the countersignature over it: the only thing that money accepts. */
export type Countersigned<C extends Command = Command> = {
  readonly command: C;
  readonly countersignature: Countersignature;
};

export type CountersignKeys = {
  readonly currentId: string;
  /**
   * The secret of a key id, or undefined for an id that the keyring does not know. A key object,
   * because making one of bytes costs more than the HMAC.
   */
  readonly secret: (keyId: string) => KeyObject | undefined;
};

export type Mint = (command: Command, decision: Decision, expiresAt: Instant) => Countersignature;

/** Throws `countersignature_invalid` when the mark is not policy's over exactly this command. */
export type VerifyCountersignature = (item: Countersigned) => void;

export function countersigner(keys: CountersignKeys): Mint {
  return (command, decision, expiresAt) => {
    const keyId = keys.currentId;
    const mac = macOf(keys, keyId, command, decision, expiresAt)?.toString('base64');
    if (mac === undefined) throw new Fault('keyring_invalid', `there is no key ${keyId}`);
    return { decision, expiresAt, keyId, mac } as Countersignature;
  };
}

export function countersignatureVerifier(keys: CountersignKeys): VerifyCountersignature {
  return ({ command, countersignature }) => {
    const { decision, expiresAt, keyId, mac } = countersignature;
    const expected = macOf(keys, keyId, command, decision, expiresAt);
    const given = Buffer.from(mac, 'base64');
    const genuine =
      expected !== undefined &&
      given.length === expected.length &&
      timingSafeEqual(given, expected) &&
      decision.outcome === 'allow' &&
      isWhole(command) &&
      command.receivedAt <= expiresAt;
    if (!genuine) {
      throw new Fault(
        'countersignature_invalid',
        `command ${externalId('command', command.id)} carries no valid countersignature`,
      );
    }
  };
}

function macOf(
  keys: CountersignKeys,
  keyId: string,
  command: Command,
  decision: Decision,
  expiresAt: Instant,
): Buffer | undefined {
  const secret = keys.secret(keyId);
  if (secret === undefined) return undefined;
  const fields = [
    ...commandFields(command),
    decision.id,
    decision.outcome,
    decision.policyVersion,
    decision.modelScoreRef ?? '',
    String(expiresAt),
  ];
  return createHmac('sha256', secret).update(lengthPrefixed(fields)).digest();
}
