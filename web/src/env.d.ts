/// <reference types="vite/client" />

interface ImportMetaEnv {
  /** Hex of the genesis hash that this build trusts; wins over what the server says. */
  readonly VITE_SUYUAN_GENESIS?: string;
}
