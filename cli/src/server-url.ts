import { CliError } from './io.ts';

export const DEFAULT_SERVER = 'http://localhost:8080';

/** The origin of a node. */
export function serverUrl(text: string): URL {
  if (!URL.canParse(text) || !/^https?:/.test(text))
    throw new CliError(`${text} is not an http(s) address`);
  return new URL(text);
}
