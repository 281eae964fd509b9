/** What the node needs of a logger; a pino logger is one. */
export interface NodeLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: NodeLogger = { info() {}, warn() {}, error() {} };
