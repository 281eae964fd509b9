import { formatDuration, formatMonths, formatSilence } from '../format/duration.ts';
import { type AgeSummary, type Alert, isGrave, type Seal, type Summary } from '../scan/summary.ts';
import { scansEn } from '../scans/words-en.ts';
import type { Messages } from './index.ts';

const age = (ms: number) => formatDuration(ms, 'en');
const silence = (ms: number) => formatSilence(ms, 'en');
const months = (count: number) => formatMonths(count, 'en');
const plural = (count: number, one: string, many = `${one}s`) =>
  `${count} ${count === 1 ? one : many}`;

function source({ subject, origin, lot, unit, alerts }: Summary): string {
  if (subject === 'product') return 'The product is registered';
  if (subject === 'unit' && unit !== 'proven') return 'This pack’s identity is not proven';
  if (lot !== 'proven') return 'The lot is not proven';
  if (alerts.some(({ kind }) => kind === 'disputed'))
    return 'The lot is genuine, its origin disputed';
  if (origin.grade === 'proven') return 'Origin and lot are proven';
  if (origin.grade === 'attested') return 'The lot is genuine, its origin vouched for';
  return origin.grade === 'self-declared'
    ? 'The lot is genuine, its origin only claimed'
    : 'The lot is genuine, its origin unknown';
}

function ageing(a: AgeSummary): string {
  const claimed = a.claimed_months === null ? '' : months(a.claimed_months);
  switch (a.reach) {
    case 'none':
      return claimed === ''
        ? 'nothing was recorded in storage'
        : `no readings back the ${claimed} on the label`;
    case 'all':
      return a.grade === 'proven'
        ? `all ${claimed} of ageing are proven`
        : `readings cover all ${claimed} of ageing`;
    case 'nearly':
      return `of ${claimed} of ageing, readings miss only ${age(a.short_ms)}`;
    case 'part':
      return `readings cover ${age(a.covered_ms)}, not all of the ${claimed} claimed`;
    case 'unclaimed':
      if (a.short_ms === 0) return `readings cover all ${age(a.stay_ms)} in storage`;
      return a.whole
        ? `of ${age(a.stay_ms)} in storage, readings miss only ${age(a.short_ms)}`
        : `readings cover ${age(a.covered_ms)} of ${age(a.stay_ms)} in storage`;
  }
}

function alarm({ kind }: Alert): readonly [string, string] | null {
  switch (kind) {
    case 'recalled':
      return ['This lot has been recalled:', 'do not eat, use or pass it on'];
    case 'void':
      return ['The label of this pack is void:', 'do not take it for the genuine article'];
    case 'refuted':
      return ['The origin has been found false:', 'do not believe the place on the label'];
    case 'beyond-policy':
      return ['More came out than the rules allow:', 'the ledger’s rules were not kept'];
    default:
      return null;
  }
}

export const en: Messages = {
  brand: 'Suyuan',
  skip: 'Skip to content',
  switchLanguage: '中文',
  switchLanguageLabel: '切换到中文',
  nav: { products: 'Products', status: 'Status' },
  grade: {
    proven: 'Proven',
    attested: 'Vouched for',
    'self-declared': 'Claimed',
    unknown: 'Unknown',
  },
  attestedBy: (name) => `Vouched for by ${name}`,
  step: {
    bundle: 'The evidence is whole and well formed',
    genesis: 'The ledger’s root is the one this device trusts',
    epochs: 'Every change of validators was signed',
    certificate: 'The latest block is signed by a quorum of organisations',
    state: 'Every record really is in the ledger',
    lots: 'Lots follow one from another; no weight appears from nowhere',
    recalls: 'The scope of every recall is backed by proof; no lot can be left out',
    unit: 'This pack is on the issued list',
    anchors: 'Fingerprints of the readings were in the ledger first',
    packs: 'Each sensor signature is valid',
    statements: 'The gateway’s monthly statements are signed',
    samples: 'Readings picked at random by this device match',
    claims: 'The conclusions follow from the rules',
  },
  broken: {
    bundle: 'the evidence is incomplete or malformed',
    genesis: 'the evidence belongs to a different ledger from the one this device trusts',
    epochs: 'a change of validators lacks the signatures it needs',
    certificate: 'the latest block lacks enough valid signatures',
    state: 'a record is not in the ledger, or was altered',
    lots: 'the lots do not follow one from another, or their weights do not add up',
    recalls: 'the proof of a recall’s scope does not hold',
    unit: 'this pack is not on the issued list',
    anchors: 'the fingerprints of the readings do not match the ledger',
    packs: 'a sensor’s message does not match its signature or its fingerprint in the ledger',
    statements: 'a monthly statement’s signature is not valid',
    samples: 'readings picked at random do not match the ledger',
    claims: 'the evidence does not lead to the conclusions',
  },

  title: {
    list: 'Suyuan · check every pack yourself',
    status: 'Suyuan · status',
    scan: (product) => `${product} · Suyuan`,
    checking: 'Checking · Suyuan',
    notice: 'Suyuan',
  },

  verdict: {
    sentence: (summary) => {
      const [first] = summary.alerts;
      return (
        (first && alarm(first)) ?? [
          `${source(summary)};`,
          summary.subject === 'product'
            ? 'the code names no lot, so no lot can be checked'
            : ageing(summary.age),
        ]
      );
    },
    second: (summary) => {
      if (summary.alerts.some(isGrave)) {
        return 'The records below are still shown, for you and the regulator to check; they do not vouch for this pack.';
      }
      const { age: a, origin, spotCheck } = summary;
      const parts: string[] = [];
      if (spotCheck !== null && spotCheck.contradicted > 0) {
        return `The spot check found ${plural(spotCheck.contradicted, 'message')} at odds with what the gateway stated, so its word counts for nothing here.`;
      }
      if (origin.by !== null) parts.push(`${origin.by.name.en} vouches for the origin.`);
      if (a.reach !== 'none') {
        if (a.grade === 'attested') {
          const who = a.by === null ? 'the gateway' : a.by.name.en;
          parts.push(
            a.proven_ms > 0
              ? `Your phone checked the raw readings of ${age(a.proven_ms)}; ${who} vouches for the rest.`
              : `${who} vouches for the readings.`,
          );
        } else if (a.grade === 'proven') parts.push('Your phone checked every reading.');
      }
      if (spotCheck !== null && spotCheck.picked > 0) {
        parts.push(
          spotCheck.matched === spotCheck.picked
            ? `The readings at ${plural(spotCheck.picked, 'spot')} it picked at random all match.`
            : `Of ${plural(spotCheck.picked, 'spot')} it picked at random, ${spotCheck.matched} ${spotCheck.matched === 1 ? 'matches' : 'match'} and ${spotCheck.missing} did not arrive.`,
        );
      }
      return parts.join(' ');
    },
    level: { complete: 'Evidence complete', partly: 'Evidence in part', warned: 'Warning' },
    lot: (lot) => `Lot ${lot}`,
    pack: (number, count) => `Pack ${number} of ${count}`,
    checked: (signatures, hashes, seconds) =>
      `${signatures} signatures and ${hashes} hashes checked on this device in ${seconds} s`,
    stored: (when) =>
      `The server is out of reach. This is evidence kept on this device since ${when}, checked again just now; anything newer is not visible.`,
    stale: (when) => `The ledger’s latest page is from ${when}; anything newer is not visible.`,
  },
  seal: (seal: Seal) => {
    switch (seal.kind) {
      case 'age':
        return [plural(seal.years, 'year'), 'proven'];
      case 'unit':
        return ['Pack', 'on record'];
      case 'lot':
        return ['Lot', 'on record'];
      case 'none':
        return ['Not', 'proven'];
      case 'recalled':
        return ['Recalled'];
    }
  },

  alert: {
    region: 'Warnings',
    heading: (alert) => {
      switch (alert.kind) {
        case 'recalled':
          return `Recalled, level ${alert.level}`;
        case 'refuted':
          return 'The origin was found false';
        case 'disputed':
          return 'The origin is disputed';
        case 'void':
          return 'This label is void';
        case 'beyond-policy':
          return 'One step yielded more than is allowed';
        case 'excursion':
          return alert.times === 1
            ? 'Beyond its climate limits once'
            : `Beyond its climate limits ${alert.times} times`;
        case 'spare':
          return 'This label was never put on a pack';
        case 'printed':
          return 'This label is printed, not yet recorded on a pack';
        case 'recall-unknown':
          return 'Whether this lot is recalled is unknown';
        case 'label-unknown':
          return 'Whether this label is void is unknown';
      }
    },
    body: (alert, since) => {
      switch (alert.kind) {
        case 'recalled':
          return `By ${alert.by.name.en} since ${since}. Reason: ${alert.reason}. Stop using it, keep the pack and go back to where you bought it.`;
        case 'refuted':
          return `The grower ${alert.by?.name.en ?? ''} denied that these goods came from their plot, and the regulator agreed${alert.reason === '' ? '' : `: ${alert.reason}`}.`;
        case 'disputed':
          return `The grower ${alert.by?.name.en ?? ''} denies that these goods came from their plot${alert.reason === '' ? '' : `: ${alert.reason}`}. Until it is decided, the origin counts for nothing.`;
        case 'void':
          return `${alert.by.name.en} made it void. Reason: ${alert.reason}. If it is on a pack, nobody knows where that pack comes from.`;
        case 'beyond-policy':
          return 'Your phone worked every step out again by the signed limits, and one does not fit. See “Limits worked out again” below.';
        case 'excursion':
          return 'Readings signed by sensors went beyond the limits in storage or on the road. When and for how long stands under the climate below.';
        case 'spare':
          return 'It was left over when the run was closed, and its weight went back to the lot. If it is on a pack, nobody knows where that pack comes from.';
        case 'printed':
          return 'It may have been packed a moment ago, or the label may be stray. Look again later.';
        case 'recall-unknown':
          return 'The server did not show all the evidence of recalls. No evidence does not mean no recall.';
        case 'label-unknown':
          return 'The server did not show whether the label was made void.';
      }
    },
  },

  checking: {
    heading: 'Checking on your device',
    lead: 'No need to take this site’s word: every signature and hash is worked out here.',
    fetching: 'Fetching the evidence',
    steps: 'Steps of the check',
    progress: (done, total) => `${done} / ${total}`,
    sampling: (fetched, picked) => `Random spots: ${fetched} of ${picked} fetched`,
    done: 'checked',
    waiting: 'waiting',
    active: 'under way',
  },

  checks: {
    heading: 'What was checked',
    counts: (packs, readings) => `${packs} signed messages with ${readings} readings.`,
    signers: (signers, total) =>
      `The latest block is signed by ${signers} (of ${plural(total, 'validator')}).`,
    head: (height, when) => `Ledger height ${height}, ${when}.`,
    exact: (elapsed) => `The check took ${elapsed} ms, all of it on this device.`,
  },

  age: {
    heading: 'Age',
    headingStay: 'Time in storage',
    covered: 'covered by readings',
    claimed: 'on the label',
    claimedShort: (short_ms) => `on the label; ${age(short_ms)} without readings`,
    stay: 'in storage so far',
    none: 'No readings',
    provenPart: (ms) => `${age(ms)} of it checked reading by reading on this device`,
    gaps: (count, ms) => `${plural(count, 'gap')}, ${silence(ms)} in all`,
    noGaps: 'No gaps',
    late: (count) =>
      `${count} readings arrived more than 48 hours late: their times rest on the sensor’s own clock.`,
    legend: {
      proven: 'checked here',
      attested: 'readings, vouched for',
      gap: 'readings broke off',
      unrecorded: 'no readings, does not count',
      tick: 'spot-checked here',
    },
    claimedFrom: 'start as labelled',
    today: 'today',
    label: (covered_ms, from, to, gaps, gap_ms) =>
      `Time band from ${from} to ${to}: ${age(covered_ms)} with readings, ${plural(gaps, 'gap')} of ${silence(gap_ms)} in all`,
  },

  origin: {
    heading: 'Origin and quantity',
    unknown: 'No origin on record',
    notShown: 'Further origins are not shown: the way back is too long',
    kinds: {
      plot: 'orchard or field',
      yard: 'drying yard',
      warehouse: 'warehouse',
      plant: 'plant',
      vehicle: 'vehicle',
      shop: 'shop',
      laboratory: 'laboratory',
    },
    mass: (made) => `This lot: ${made}`,
    inputs: (inputs) => `made from ${inputs}`,
    labelled: (labelled, percent) => `${labelled} labelled, ${percent}`,
    rule: 'The ledger counts weight: labels may never add up to more than the lot really held.',
    jin: (jin) => jin,
    package: (net) => `${net} net in each pack`,
    barLabel: (percent) => `${percent} of the lot’s weight is labelled`,
    packs: (issued, possible, net) => `${issued} packs issued of at most ${possible}, ${net} each`,
    mark: (name) => `within “${name}”`,
    grantedBy: (name) => `granted by ${name}`,
    basis: {
      membership: 'the plot belonged to the mark when it was picked',
      registration: 'the plot is registered on the ledger',
      consent: 'bought with the grower’s own signature',
      'no-consent': 'no grower signed; the buyer says so',
      audit: 'stock older than the ledger, counted by an auditor',
    },
    quota: (product, season) => `Quota of ${product}, ${season}`,
    quotaBar: (drawn, granted, percent) => `${drawn} of ${granted} drawn (${percent})`,
    quotaPlots: (plots, here) => `${plural(plots, 'plot')}; ${here} of it on the way to this lot`,
    quotaUnknown: 'not every quota is shown',
    lost: (amount) => `${amount} lost`,
    destroyed: (amount) => `${amount} destroyed`,
    used: (amount) => `${amount} made into other lots`,
    left: (amount) => `${amount} left in bulk`,
  },

  papers: {
    heading: 'Papers',
    lead: 'Their issuers vouch for them; the ledger keeps the fingerprint, how long each holds and whether it was revoked.',
    types: {
      photo: 'Photo',
      'laboratory-report': 'Laboratory report',
      conformity: 'Certificate of conformity',
      'gi-authorisation': 'Use of the origin mark',
      licence: 'Licence',
      calibration: 'Calibration',
      audit: 'Audit',
      invoice: 'Invoice',
      other: 'Other paper',
    },
    standing: {
      valid: 'valid',
      expired: 'expired',
      revoked: 'revoked',
      'not-yet': 'not valid yet',
    },
    until: (when) => `until ${when}`,
    issued: (when) => `issued ${when}`,
    fingerprint: 'SHA-256',
    notShown: 'Some papers are not shown',
  },

  climate: {
    heading: 'Temperature and humidity',
    device: 'Sensor',
    ranges: { all: 'All of it', month: 'Last 30 days', recent: 'Last 48 hours' },
    rangeLabel: 'Period',
    summary: (name, min, max, mean) => `${name} ${min} – ${max}, mean ${mean}`,
    nothing: 'no readings',
    noSeries: 'This lot has no climate readings.',
    read: (when, values) => `${when}: ${values}`,
    readNothing: (when) => `${when}: no readings`,
    hint: 'Drag, or use the arrow keys, to read values',
    slider: 'Read values along time',
    band: 'lowest to highest',
    mean: 'mean',
    hole: 'no readings',
    provenRail: 'checked here',
    attestedRail: 'gateway vouches',
    table: 'As a table',
    columns: { from: 'Period', min: 'Lowest', max: 'Highest', mean: 'Mean', grade: 'Basis' },
    mixed: 'partly checked',
    proves: 'Sensors prove the room, not the goods.',
    kinetic: (value) => `mean kinetic temperature ${value}`,
    limits: 'Limits of the policy',
    bound: (name, above, limit, duration, cumulative) =>
      `${name} ${above ? 'above' : 'below'} ${limit} for ${duration}${cumulative ? ' in all' : ' on end'}`,
    exceeded: (count, longest) =>
      `exceeded ${count === 1 ? 'once' : `${count} times`}, at most ${longest}`,
    noneShown: 'not exceeded while there are readings',
    boundHidden: (product) => `${product}: a limit stands in the ledger and is not shown here`,
    boundUnknown: 'whether it was passed is unknown',
    statedDays: (days) => `${plural(days, 'stated day')} with a value beyond it`,
    unknownFor: (duration) => `${duration} without readings: unknown`,
  },

  timeline: {
    heading: 'The road of this lot',
    zone: (zone) => `Dates in this device’s zone, ${zone}.`,
    signedBy: (name) => `signed by ${name}`,
    processes: {
      harvest: 'Harvested',
      grade: 'Graded',
      wash: 'Washed',
      peel: 'Peeled',
      'peel-dry': 'Peeled and sun-dried',
      dry: 'Sun-dried',
      age: 'Put up to age',
      store: 'Put into store',
      resun: 'Sunned again',
      mill: 'Milled',
      pack: 'Packed',
      blend: 'Blended',
      split: 'Divided',
      open: 'Opening stock',
      opening: 'Opening stock',
      label: 'Labels issued',
      purchase: 'Bought from the grower',
      'opening-balance': 'Counted in by audit',
      're-sun': 'Sunned again',
      clean: 'Cleaned',
      mix: 'Mixed',
      chill: 'Chilled',
      merge: 'Merged',
      receive: 'Received',
      carry: 'Loaded and sent',
      move: 'Moved',
    },
    kinds: {
      harvest: 'Harvested',
      purchase: 'Bought',
      opening: 'Opening stock',
      transform: 'Processed',
      label: 'Labels issued',
      move: 'Moved',
    },
    heldBy: (name) => `held by ${name}`,
  },

  claims: {
    heading: 'Claim by claim',
    lead: 'Open one to see who signed, what it proves and what it does not.',
    kinds: {
      recall: 'Recalls',
      dispute: 'Dispute about the origin',
      label: 'This pack’s identity',
      mass: 'The weight account',
      quota: 'Quota of the plots',
      policy: 'Limits worked out again',
      age: 'Age by the ledger',
      limit: 'Climate limit',
      document: 'Paper',
      origin: 'Origin',
      ageing: 'Storage and ageing',
      'spot-check': 'Random spot check',
      climate: 'Climate',
      devices: 'Sensors',
      'process-note': 'Maker’s note',
      freshness: 'Age of the ledger page',
    },
    proves: 'Proves',
    provesNot: 'Does not prove',
    evidence: 'Rests on',
    evidenceKinds: {
      state: 'ledger record',
      transaction: 'ledger transaction',
      pack: 'sensor message',
      statement: 'monthly statement',
      anchor: 'anchor of readings',
      header: 'block header',
    },
    more: (count) => `${count} more in the evidence file`,
    by: (name, id) => `Vouched for by ${name} (${id})`,
    label: (number, count, net) => `Pack ${number} of ${count}, ${net} each`,
    issued: (when) => `issued ${when}`,
    mass: (made, labelled) => `${made} made, ${labelled} labelled`,
    covered: (covered_ms, stay_ms) => `${age(covered_ms)} of ${age(stay_ms)} covered`,
    spot: (picked, matched, missing, contradicted) =>
      `${plural(picked, 'spot')} picked, ${matched} match${missing > 0 ? `, ${missing} missing` : ''}${contradicted > 0 ? `, ${contradicted} at odds with the gateway` : ''}`,
    devices: (count) => `${plural(count, 'sensor')} registered and not revoked`,
    device: (id, suite, calibrated) => `${id} · ${suite} · ${calibrated}`,
    calibrated: (when) => `calibrated until ${when}`,
    notCalibrated: 'no calibration on record',
    fresh: (age_ms) => `the ledger’s latest page is ${age(age_ms)} old`,
    readings: (count) => `${count} readings`,
    nothing: 'nothing on record',
    noRecall: 'no recall covers this lot',
    recallUnknown: 'not all the evidence is shown: unknown',
    recalled: (level, since) => `level ${level}, since ${since}`,
    dispute: { open: 'not decided yet', upheld: 'found false', unknown: 'the case is not shown' },
    steps: (good, all) => `${good} of ${plural(all, 'step')} within the limits`,
    yieldStep: (lot, from, to, most, policy) =>
      `${lot}: ${from} → ${to}, at most ${most} (${policy})`,
    born: (when, old) => `youngest part picked ${when}, ${old} ago`,
    standing: {
      active: 'on a pack',
      printed: 'not on a pack yet',
      spare: 'never used',
      void: 'void',
      unknown: 'void or not: unknown',
    },
    hidden: {
      none: 'no scratch code',
      sealed: 'scratch code untouched',
      revealed: 'scratch code shown before',
      unknown: 'scratch code: unknown',
    },
  },
  explain: {
    recall: {
      proves:
        'Every open recall on the ledger was looked at; whether this lot is in its scope is proven, and none can be left out.',
      not: 'That there is no recall tomorrow: see how old the ledger’s page is.',
    },
    dispute: {
      proves: 'A grower signed a denial on the ledger, or the regulator decided on it.',
      not: 'Who is right, until it is decided.',
    },
    quota: {
      proves:
        'What these plots may yield this season and what was drawn; the ledger takes no harvest beyond it.',
      not: 'That so much really grew there.',
    },
    policy: {
      proves:
        'Your phone worked out again the most that each step could yield, by the limits of its time.',
      not: 'That the limits themselves are right.',
    },
    age: {
      proves: 'Since when the ledger knows the youngest part of the lot; no label may claim more.',
      not: 'That the day of picking was told right; for opening stock it rests on the audit.',
    },
    limit: {
      proves:
        'What signed readings show beyond the limit; only time between two such readings counts.',
      not: 'Anything about time without readings: that is unknown.',
    },
    document: {
      proves: 'Its issuer signed this paper’s fingerprint into the ledger and has not revoked it.',
      not: 'That what it says is true.',
    },
    label: {
      proves:
        'The ledger accepted this run of labels, this number is on it, and the run weighs no more than the lot.',
      not: 'That the label was not peeled off and stuck on something else.',
    },
    mass: {
      proves:
        'From harvest to label every weight obeyed the rules; not a gram too much was labelled.',
      not: 'That whoever weighed the harvest told the truth.',
    },
    origin: {
      proves:
        'The lot goes back to land registered on the ledger; whoever registered it answers for where it is.',
      not: 'That the grower added no harvest from elsewhere.',
    },
    ageing: {
      proves:
        'While there are readings, registered sensors were at work in the store where the lot is registered.',
      not: 'That the goods never left that store, or anything about the time without readings.',
    },
    'spot-check': {
      proves:
        'Fingerprints were in the ledger before your phone chose the spots by chance; the server could not prepare.',
      not: 'That every spot not picked is sound; for those the gateway vouches.',
    },
    climate: {
      proves:
        'Readings are signed by registered sensors and match the ledger, or the gateway vouches for them month by month.',
      not: 'That the sensor’s corner stands for the whole room, let alone for the goods.',
    },
    devices: {
      proves: 'The signing keys are registered on the ledger and were not revoked up to this page.',
      not: 'That nobody warmed, damped or moved the sensor.',
    },
    'process-note': { proves: 'The maker signed these words.', not: 'That they are true.' },
    freshness: {
      proves: 'You have seen the account up to this page.',
      not: 'That nothing has happened since.',
    },
  },

  raw: {
    heading: 'Raw proof',
    lead: 'Do not trust this page? Take the evidence and check it with another program.',
    save: 'Save the evidence',
    show: 'Header and signatures',
    header: 'Block header',
    certificate: 'Signatures of the validators (certificate)',
    genesis: 'Root of the ledger',
    command: 'Check on a computer',
    copy: 'Copy',
    copied: 'Copied',
    pinBuild: 'The ledger’s root is written into this page’s program.',
    pinRemembered: (when) =>
      `This site first told the ledger’s root on ${when}; this device remembers it and warns if it changes.`,
    pinFirst:
      'This site has just told the ledger’s root for the first time; this device now remembers it and warns if it changes. Compare it with the one in print if you can.',
  },

  ...scansEn,

  notice: {
    unknown: {
      heading: 'This code is not on the ledger',
      body: 'It is well formed, but no organisation has registered it. It may be misprinted, not registered yet, or false. Do not take it as a sign of the genuine article.',
    },
    malformed: {
      heading: 'This code cannot be read',
      body: 'The product code, lot or serial in the address breaks the rules. The scan may have missed a part, or someone changed it. Please scan the pack again.',
    },
    unreachable: {
      heading: 'The server is out of reach',
      body: 'No evidence arrived and this device keeps none for this code, so nothing can be proven. Try again when online.',
    },
    refused: {
      heading: 'The server gave no evidence',
      body: 'The server answered, but with nothing that can be checked, so nothing can be proven. Please try again later.',
    },
    code: 'The code you scanned',
    retry: 'Try again',
    home: 'See other products',
  },

  break: {
    heading: 'The evidence does not add up. Do not rely on it',
    lead: (which) => `It breaks here: ${which}.`,
    body: 'This need not be a fake; a server may be at fault. Until it is explained, take nothing this site says about it as fact.',
    chain: 'How far the check came',
    failed: 'breaks here',
    technical: 'Technical detail',
    save: 'Save the raw evidence',
    saveHint:
      'The file holds exactly what the server gave, for a regulator or anyone who knows how to read it.',
  },

  pin: {
    heading: 'The root of the ledger has changed',
    body: 'The ledger this device remembers and the one this site now names are not the same. Unless a change was announced officially, someone may be posing as the ledger. Nothing has been checked.',
    remembered: (when) => `Remembered here (${when})`,
    offered: 'Named by the site now',
    keep: 'Check against the remembered one',
    accept: 'It was announced: use the new one',
  },

  footer: {
    proof: '“Proven” is worked out by your own device and does not rest on this site.',
    limits:
      'Sensors prove the room, not the goods. Stolen keys, a grower and a packer who collude, and stock older than the system are outside what the proofs cover. In this version one program holds the keys of all the ledger’s members: the signatures are real, their independence is yet to come.',
    zone: (zone) => `Times in this device’s zone, ${zone}.`,
  },

  list: {
    heading: ['Where it came from,', 'how long it aged:', 'check for yourself'],
    lead: 'Scan the code on a pack, or open one here. Signatures and hashes are checked on your device; no need to believe us.',
    products: 'Products you can check',
    open: 'Open a real pack',
    noSample: 'No labels issued yet',
    lots: (count) => (count === 0 ? 'No lots yet' : `${plural(count, 'lot')} on the ledger`),
    empty: 'No products on the ledger yet.',
    failed: 'The list of products did not arrive.',
    retry: 'Try again',
    loading: 'Fetching the products',
    categories: {
      'farm-product': 'Farm product',
      food: 'Food',
      drug: 'Medicine',
      'agricultural-input': 'Farm supply',
      'special-equipment': 'Special equipment',
    },
    regimes: {
      gi: 'Geographical indication',
      mark: 'Certification mark',
      both: 'Geographical indication · certification mark',
      none: '',
    },
    how: 'What “proven” takes',
    steps: [
      [
        'Sensors sign',
        'Every set of readings is signed in the store as it is taken; change one figure and it no longer fits.',
      ],
      [
        'Many keep the ledger',
        'Fingerprints go first into a ledger kept by independent organisations; nobody can fill them in later.',
      ],
      [
        'Your phone checks',
        'It fetches the evidence, does the sums itself, then picks sixteen spots by chance.',
      ],
    ],
  },

  status: {
    heading: 'Status',
    lead: 'From sensor to ledger: where things stand now.',
    live: 'live',
    polling: 'every 5 s',
    lost: 'connection lost, trying again',
    updated: (when) => `updated ${when}`,
    health: { ok: 'All parts work', bad: 'Some parts do not work', part: 'Part' },
    packs: 'Packs',
    equation: 'Each one received is accounted for',
    received: 'received',
    stored: 'stored',
    quarantined: 'quarantined',
    duplicate: 'duplicate',
    in_flight: 'in flight',
    balances: 'balances',
    unbalanced: (difference) => `off by ${difference}: does not balance`,
    batches: 'Batches',
    open: 'collecting',
    closed: 'closed',
    storedBatches: 'stored',
    anchored: 'anchored',
    chain: 'Ledger',
    height: 'height',
    blockTime: 'latest block',
    ago: (seconds) => (seconds < 1 ? 'just now' : `${age(seconds * 1000)} ago`),
    transactions: 'transactions',
    mempool: 'waiting',
    profile: { guomi: 'guomi (SM2 · SM3)', international: 'international (Ed25519 · SHA-256)' },
    genesis: 'root of the ledger',
    blocks: 'New blocks',
    devices: 'Sensors',
    connected: (live, all) => `${all}, ${live} connected`,
    device: 'Id',
    last: 'Received',
    reading: 'Reading',
    boot: 'Boot',
    seq: 'Seq',
    missing: 'Missing',
    alarms: 'Alarms',
    noDevices: 'No sensor online yet.',
    noAlarms: 'No alarms.',
    noGateway: 'This node runs no gateway.',
    alarmKinds: {
      equivocation: 'two packs, one number',
      'identity-abuse': 'posing as another',
      'chain-break': 'broken chain',
      'future-clock': 'clock ahead',
      'unknown-device': 'unknown device',
      'revoked-device': 'revoked device',
      'bad-signature': 'bad signature',
      'quarantine-quota': 'too many bad packs',
      'anchor-refused': 'anchor refused',
      'store-failed': 'store failed',
      'statement-failed': 'statement failed',
    },
    unreachable: 'Status did not arrive; trying again.',
  },
};
