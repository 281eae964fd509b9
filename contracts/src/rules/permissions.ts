// Who may do what: the checks that several modules share.

import { AppError } from '../errors.ts';
import type { Account, Role } from '../ledger/account.ts';
import { BACKDATE_MS_MAX, FUTURE_AFTER_MS } from '../limits.ts';
import type { RuleContext } from './types.ts';

/** The organisations that admit others: they answer for who and what is registered. */
export const ADMITTING_ROLES: readonly Role[] = ['association', 'regulator', 'bureau'];

export function hasRole(account: Account, roles: readonly Role[]): boolean {
  return account.roles.some((role) => roles.includes(role));
}

/** Throws `rules/role-needed` unless the signer has one of the roles. */
export function requireRole(ctx: RuleContext, roles: readonly Role[]): void {
  if (!hasRole(ctx.signer, roles)) {
    throw new AppError(
      'rules/role-needed',
      `This needs an account with the role ${roles.join(' or ')}.`,
    );
  }
}

/** Throws `rules/not-holder` unless the signer is `holder` or an admitting organisation. */
export function requireHolderOrAdmitting(ctx: RuleContext, holder: string): void {
  if (ctx.signer.id !== holder && !hasRole(ctx.signer, ADMITTING_ROLES)) {
    throw new AppError(
      'rules/not-holder',
      `Only ${holder} or an admitting organisation may do this.`,
    );
  }
}

/**
 * Throws `rules/foreign-place` unless the place belongs to `holder`, or an admitting organisation signs: a sensor or a lot in
 * somebody else's room would speak for what he does not answer for.
 */
export function requireOwnPlace(
  ctx: RuleContext,
  place: { readonly holder: string },
  holder: string,
): void {
  if (place.holder !== holder && !hasRole(ctx.signer, ADMITTING_ROLES)) {
    throw new AppError(
      'rules/foreign-place',
      'The place belongs to another account; use one of your own.',
    );
  }
}

/**
 * The time at which something recorded now happened: the block's when none is given. Throws `rules/bad-time` when it lies
 * more than 7 days before the block or more than 5 minutes after it: nobody writes himself an older past.
 */
export function recordedTime_ms(ctx: RuleContext, given_ms: number | undefined): number {
  if (given_ms === undefined) return ctx.time_ms;
  if (given_ms < ctx.time_ms - BACKDATE_MS_MAX || given_ms > ctx.time_ms + FUTURE_AFTER_MS) {
    throw new AppError(
      'rules/bad-time',
      'The time must be within the 7 days before its recording; check the clock.',
    );
  }
  return Math.min(given_ms, ctx.time_ms);
}
