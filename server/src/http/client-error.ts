// Requests that are not HTTP, or too slow or too long in the head: answered before any route sees them.

import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { AppError } from '@suyuan/contracts';
import { PROBLEM_TYPE, problemOf } from './problems.ts';

const ANSWERS: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'http/too-slow', 'The request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [431, 'http/header-too-large', 'The header of the request is too long.'],
};

export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, code, detail] = ANSWERS[error.code ?? ''] ?? [
    400,
    'http/malformed',
    'The request is not HTTP/1.1.',
  ];
  const problem = problemOf(new AppError(code, detail), randomUUID(), status);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${status} ${problem.title}\r\nContent-Type: ${PROBLEM_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
