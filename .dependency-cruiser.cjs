// The walls of the house: imports go one way, one reason a rule. `test/check-imports.mjs` runs this and fails on 0 modules.
const room = (name) => `^${name}/src`;

module.exports = {
  forbidden: [
    {
      name: 'contracts-imports-none-of-ours',
      comment: 'What every party must compute identically may not depend on any party.',
      severity: 'error',
      from: { path: room('contracts') },
      to: { path: '^(durable|paper|gateway|server|firmware-sim|web|cli|test)/' },
    },
    {
      name: 'contracts-is-pure',
      comment:
        'It runs in a browser too: no Node built-ins, but in the entry that swaps in node:crypto.',
      severity: 'error',
      from: {
        path: room('contracts'),
        pathNot: '(^contracts/src/node(/|\\.ts$))|\\.test\\.ts$|^contracts/src/testing/',
      },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'testing-stays-in-tests',
      comment: 'Chains in memory with well-known keys must never reach a product.',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|/testing/|^test/' },
      to: { path: '/src/testing/' },
    },
    {
      name: 'durable-imports-none-of-ours',
      comment: 'A record file knows nothing of what it keeps.',
      severity: 'error',
      from: { path: room('durable') },
      to: { path: '^(contracts|paper|gateway|server|firmware-sim|web|cli|test)/' },
    },
    {
      name: 'paper-knows-contracts-only',
      comment: 'Sheets, tables and PDFs show what they are given; they fetch and decide nothing.',
      severity: 'error',
      from: { path: room('paper') },
      to: { path: '^(durable|gateway|server|firmware-sim|web|cli|test)/' },
    },
    {
      name: 'gateway-knows-contracts-only',
      comment:
        'Gateway and server share no files; they meet at the Ledger port and the column store.',
      severity: 'error',
      from: { path: room('gateway') },
      to: { path: '^(paper|server|firmware-sim|web|cli|test)/' },
    },
    {
      name: 'server-knows-contracts-only',
      comment: 'A validator runs without a gateway, a device or a page.',
      severity: 'error',
      from: { path: room('server') },
      to: { path: '^(gateway|firmware-sim|web|cli|test)/' },
    },
    {
      name: 'firmware-sim-knows-contracts-only',
      comment: 'A simulated device may know no more than a real one.',
      severity: 'error',
      from: { path: room('firmware-sim') },
      to: { path: '^(paper|gateway|server|web|cli|test)/' },
    },
    {
      name: 'web-knows-contracts-only',
      comment: 'The page trusts no server, so it shares no code with one.',
      severity: 'error',
      from: { path: room('web') },
      to: { path: '^(durable|paper|gateway|server|firmware-sim|cli|test)/' },
    },
    {
      name: 'scan-page-without-schemas',
      comment: 'The verifier entry stays small: schemas belong to those who write to the ledger.',
      severity: 'error',
      from: { path: '^contracts/src/provenance', pathNot: '\\.test\\.ts$' },
      to: { path: 'node_modules/typebox', reachable: true },
    },
    {
      name: 'nobody-imports-tests',
      comment: 'Tests know the rooms, never the other way.',
      severity: 'error',
      from: { pathNot: '^test/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-circles',
      comment: 'A circle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'declared-packages-only',
      comment: 'What a room needs stands in its package.json.',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|/testing/|^test/[^/]+\\.mjs$' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|data|\\.cache)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.mjs', '.js', '.vue'],
    },
  },
};
