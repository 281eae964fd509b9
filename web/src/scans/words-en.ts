import type { scansZh } from './words-zh.ts';

export const scansEn: typeof scansZh = {
  scans: {
    heading: 'Scans of this pack',
    see: 'See the scans',
    signal: {
      none: 'Nobody else has scanned it yet',
      few: 'Others have scanned it too, which is normal',
      unusual: 'More people scanned it than usual for one pack',
      'strong-sign': 'This code has very likely been copied',
      'copy-proven': 'The code under the coating was shown again',
    },
    lead: {
      none: 'Being first proves nothing: a copied label has a first scan too.',
      few: 'A shop assistant, your family or the customer before you may have looked. A second scan is no fraud.',
      unusual:
        'It may have stood on a counter for people to try, or somebody copied the label. Before you buy, look at the seal and ask the seller where it came from.',
      'strong-sign':
        'One pack can hardly meet so many people in so many places. It is a strong sign and no proof: yours may be the genuine one. If the seal was touched or nobody can say where it came from, do not buy it.',
      'copy-proven':
        'After this code was first shown, somebody came with it again: the same household, a copied label, or a reader of the public ledger. If you have only now scratched an intact coating and the code was used before, one of the two packs is a copy.',
    },
    figures: { scans: 'scans', visitors: 'visitors', areas: 'places', since: 'first scan' },
    reasons: {
      'revealed-again': (count) => `Times the right code was shown after the reveal: ${count}`,
      'many-visitors': (count) => `${count} visitors in all`,
      'many-in-one-day': (count) => `${count} visitors on the busiest day`,
      'many-areas': (count) => `From ${count} places`,
      'areas-chosen': (count) =>
        `${count} of the places were named by visitors; nobody checked them`,
      'scanned-before': (count) => `${count} visitors so far`,
      'revealed-once': () => 'The code was revealed once; the ledger does not say by whom',
    },
    barsLabel: (from, to, most) => `Scans a day from ${from} to ${to}, at most ${most} on one day`,
    bar: (day, count) => `${day}: ${count}`,
    note: 'This site counts scans; your phone cannot check the count. A phone is one visitor a day, and another one tomorrow. Places are towns or cities; no network address and no position is kept.',
  },

  reveal: {
    heading: 'The code under the coating',
    standing: {
      none: () => 'No hidden code',
      sealed: () => 'The ledger proves: nobody has shown this code',
      revealed: (when) => `The ledger proves: shown on ${when}`,
      mine: (when) => `Shown by this device on ${when}`,
      unknown: () => 'Not known whether it was shown',
    },
    lead: {
      none: 'These labels have no hidden code.',
      sealed:
        'Once it is yours, scratch the coating off and type the code. It works once: when it is on the ledger, whoever comes with the same code sees that it was used. If the coating is damaged already, do not buy it.',
      revealed:
        'If it was not you or your family, one of the two packs is a copy. Did you scratch yours only now? Type the code to check it.',
      mine: 'The one on the ledger is yours. Whoever shows this code from now on sees that it was used.',
      unknown: 'The server gave no evidence of it. You can still check the code.',
    },
    label: 'The code you see',
    hint: 'Upper or lower case; O counts as 0, I and L as 1; gaps come by themselves.',
    lacking: (count) => `At least ${count} more`,
    submit: 'Check it and put it on the ledger',
    sending: 'Putting it on the ledger…',
    offline: 'The server is out of reach, so the code cannot be checked now. It is not used up.',
    reload: 'Check the ledger again on this device',
    result: {
      first: {
        heading: 'The code is genuine, and you are the first',
        body: (when, height) =>
          `It is in block ${height} of the ledger, ${when}. Nobody showed this code before you. Whether the contents were swapped, only the seal can tell.`,
      },
      same: {
        heading: 'The code is genuine, and already on record',
        body: (when) =>
          `You showed it on ${when}. Typing it again on this device within the hour does not count.`,
      },
      again: {
        heading: 'The code is right, but it was used before',
        body: (when) =>
          `Somebody showed the same code on ${when}. If it was not you or your family, one of the two packs is a copy. Keep the pack and the receipt, and go to the seller and the market regulator.`,
      },
      wrong: {
        heading: 'Not the code of this pack',
        body: () =>
          'Read it again from the label. A wrong code does not use up the right one. If it keeps failing, the label may be false.',
      },
      'too-many': {
        heading: 'Too many wrong codes',
        body: () => 'Try again in a quarter of an hour. The right code still works.',
      },
      'not-packed': {
        heading: 'This label is not on a pack yet, says the ledger',
        body: () =>
          'The code is right and not used up. If the label is on a pack, nobody knows where that pack is from.',
      },
      void: {
        heading: 'This label is void',
        body: () =>
          'The code is right, but its issuer voided the label. If it is on a pack, nobody knows where that pack is from.',
      },
      unavailable: {
        heading: 'The code cannot be checked now',
        body: () =>
          'This site cannot put codes on the ledger at the moment. The code is not used up; try again later.',
      },
      late: {
        heading: 'No answer came',
        body: () =>
          'The code may be on the ledger or not. Try again on this device in a moment; within the hour it does not count twice.',
      },
    },
  },
};
