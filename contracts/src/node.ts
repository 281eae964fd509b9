// `@suyuan/contracts/node`: the cryptography of the house for Node, with OpenSSL where it is right and threads for SM2.

export { nodeCrypto } from './node/node-crypto.ts';
export { createThreadedCrypto, type ThreadedCrypto } from './node/threaded-crypto.ts';
