import { AppError, type ErrorDetails, isAppError } from '@suyuan/contracts';

/** Why a connection between nodes is refused or ends. */
export type PeerErrorCode =
  /** A frame that is too large, of an unknown kind, or that may not come at this point. */
  | 'peer/bad-frame'
  /** The first frame is no hello, or not as the format says. */
  | 'peer/bad-hello'
  /** The signature is not of this connection: a replay, or someone in between. */
  | 'peer/bad-proof'
  | 'peer/other-version'
  | 'peer/other-chain'
  /** Not a validator of the admitted set, and there is no room for another observer. */
  | 'peer/not-admitted'
  /** Two processes hold the key of one validator. */
  | 'peer/key-used-twice'
  /** Another process holds the key of this node. */
  | 'peer/own-key-elsewhere'
  /** An address leads to this node itself. */
  | 'peer/self'
  /** The same two nodes are connected already. */
  | 'peer/duplicate'
  /** At the address of one validator another one answers. */
  | 'peer/wrong-address'
  /** A handshake or a frame took too long. */
  | 'peer/too-slow'
  /** Nothing comes any more, not even the answer to a ping. */
  | 'peer/unresponsive'
  /** It sent too much that no honest node sends, and has to wait. */
  | 'peer/blamed'
  | 'peer/too-many-connections'
  /** What came is no TLS 1.3. */
  | 'peer/no-tls'
  | 'peer/unreachable'
  /** The other side, or the network, ended it. */
  | 'peer/closed'
  | 'peer/stopping'
  | 'peer/cannot-listen';

export type PeerError = AppError<PeerErrorCode>;

export function peerError(
  code: PeerErrorCode,
  message: string,
  details: ErrorDetails = {},
  cause?: unknown,
): PeerError {
  return new AppError(code, message, details, cause);
}

/** An error of this room as it is; any other stands for a frame that could not be read. */
export function toPeerError(error: unknown): PeerError {
  if (isPeerError(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return peerError('peer/bad-frame', `A frame could not be read: ${message}`, {}, error);
}

function isPeerError(error: unknown): error is PeerError {
  return isAppError(error, 'peer');
}
