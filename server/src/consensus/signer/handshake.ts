import { AppError, encodeCbor } from '@suyuan/contracts';

/** First item of the array that the two sides of a connection sign. */
export const HANDSHAKE_TAG = 'suyuan/peer/1';
const TAG_BYTES = encodeCbor(HANDSHAKE_TAG);
const TRANSCRIPT_BYTES_MAX = 4096;

/** So that a peer who can choose parts of a transcript never gets a vote signed. Throws `signer/bad-statement`. */
export function assertHandshake(transcript: Uint8Array): void {
  // A CBOR array of up to 23 items, its length in the first byte.
  const isArray = (transcript[0] ?? 0) >= 0x80 && (transcript[0] ?? 0) < 0x98;
  const isTagged = TAG_BYTES.every((byte, i) => transcript[1 + i] === byte);
  if (isArray && isTagged && transcript.length <= TRANSCRIPT_BYTES_MAX) return;
  throw new AppError(
    'signer/bad-statement',
    `A handshake is an array that begins with ${HANDSHAKE_TAG}; anything else is not signed here.`,
  );
}
