export type { PeerAddress } from './dialer.ts';
export type { Identity } from './handshake.ts';
export { PEER_LIMITS, type PeerLimits } from './limits.ts';
export type { ListenAddress } from './listener.ts';
export type { PeerErrorCode } from './peer-error.ts';
export {
  createTlsTransport,
  type PeerStatus,
  type TlsTransport,
  type TlsTransportOptions,
} from './transport.ts';
