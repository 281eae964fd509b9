// Payload fields that the actions on lots share.

import Type from 'typebox';
import { Amount, Closed, Gtin, Text20 } from '../schema.ts';

export const Note = Type.Optional(Type.String({ minLength: 1, maxLength: 200 }));
export const ClaimedAge = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1200, description: 'months claimed on the label' }),
);
export const LotAmount = Closed({ gtin: Gtin, lot: Text20, amount: Amount });
