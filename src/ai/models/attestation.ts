// Attestations: what the server has recorded of a model, signed, so that a row which somebody has
// written, changed or taken away behind its back lets no model serve. Each tells of the one before.
import {
  type CheckpointKey,
  Fault,
  type Instant,
  instantToText,
  parseNote,
  sha256Hex,
  signNote,
  verifierKey,
  verifyNote,
} from '#core';

/** An act with all that makes a difference to who serves. */
export type Attested = {
  readonly tenant: string;
  readonly name: string;
  readonly ordinal: number;
  readonly stage: string;
  readonly act: string;
  /** Null where a trial ends, with what it would be of. */
  readonly version: number | null;
  readonly cardDigest: string | null;
  readonly artefact: string | null;
  readonly share: number | null;
  readonly approvalId: string | null;
  readonly reason: string | null;
  /** SHA-256 of the attestation of the act before; null for the first of a model. */
  readonly previous: string | null;
  readonly actedBy: string;
  readonly recordedAt: Instant;
};

/** Of the key, in its notes (c2sp.org/signed-note). */
const signerName = 'countersign-models';

export function attest(act: Attested, { publicKey, sign }: CheckpointKey): string {
  return signNote(attestationText(act), { name: signerName, publicKey, sign });
}

export type AttestationFlaw = 'unsigned' | 'signature_wrong';

/** What is wrong with the attestation of an act; undefined for one that a key of ours has made. */
export function attestationFlaw(
  act: Attested,
  note: string,
  publicKeys: readonly Buffer[],
): AttestationFlaw | undefined {
  if (note === '') return 'unsigned';
  try {
    if (parseNote(note).text !== attestationText(act)) return 'signature_wrong';
    const isOurs = publicKeys.some((key) => verifyNote(note, verifierKey(signerName, key)));
    return isOurs ? undefined : 'signature_wrong';
  } catch (error) {
    if (error instanceof Fault) return 'signature_wrong';
    throw error;
  }
}

/** A line per field, none of them empty; the first is that of no other kind of note. */
export function attestationText(act: Attested): string {
  const fields = [
    ['tenant', act.tenant],
    ['model', act.name],
    ['ordinal', act.ordinal],
    ['stage', act.stage],
    ['act', act.act],
    ['version', act.version],
    ['card', act.cardDigest],
    ['artefact', act.artefact],
    ['share', act.share],
    ['approval', act.approvalId],
    // In words, which may have lines of their own.
    ['reason', act.reason === null ? null : sha256Hex(act.reason)],
    ['previous', act.previous],
    ['by', act.actedBy],
    ['at', instantToText(act.recordedAt)],
  ] as const;
  const lines = fields.map(([field, value]) => `${field} ${value ?? '-'}\n`);
  return `countersign model act 1\n${lines.join('')}`;
}
