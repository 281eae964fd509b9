import { VERIFY_STEPS as ofTheVerifier } from '@suyuan/contracts/verify';
import { expect, test } from 'vitest';
import { VERIFY_STEPS } from './steps.ts';

test('the page knows the steps of the verifier, in order', () => {
  expect(VERIFY_STEPS).toEqual(ofTheVerifier);
});
