/** What a capability is, apart from how it is reached and where it is stored. */
const rules =
  '^lambdas/(?!_runtime/|http/|events/).+(?<!/functions|[/-]api|[/-]operations|[/-]answers|[/-]views?|[/-]store|/manifest|/capabilities)[.]ts$'

/** What a capability keeps in the table. */
const store = '^lambdas/.+[/-]store[.]ts$'

/** What a capability runs, and which parts of the table it gives to functions. */
const functions = '^lambdas/.+/functions[.]ts$'

/** Imports run one way: bin → lib, cloud, local → router → adapters → the rules of capabilities → core. */
export default {
  forbidden: [
    {
      name: 'core-does-no-io',
      comment:
        'The domain awaits ports and imports no AWS, no HTTP framework and no Node I/O. Hashes, checksums (zlib) and the times of cron expressions are computation.',
      severity: 'error',
      from: { path: ['^core/', rules] },
      to: { pathNot: ['^core/', rules, '^node_modules/(zod|croner)/', '^(node:)?(crypto|zlib)$'] },
    },
    {
      name: 'core-knows-no-capability',
      comment:
        'Three records are made of what capabilities say of themselves: the configuration, the blueprint and the event.',
      severity: 'error',
      from: { path: '^core/', pathNot: '^core/(config/config|blueprint/blueprint|events/event)\\.ts$' },
      to: { path: '^lambdas/' },
    },
    {
      name: 'adapters-know-core-and-rules',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^(lambdas|local|cloud|router|bin|lib|web|test)/', pathNot: rules },
    },
    {
      name: 'lambdas-know-core-and-no-world',
      comment: 'Handlers get their adapters as an argument; the host and the stacks decide which.',
      severity: 'error',
      from: { path: '^lambdas/', pathNot: [store, functions, '^lambdas/manifest[.]ts$'] },
      to: { path: ['^(adapters|local|cloud|router|bin|lib|web|test)/', store] },
    },
    {
      name: 'a-store-knows-the-table',
      comment: 'What a capability keeps in the table is read and written in its store alone.',
      severity: 'error',
      from: { path: store },
      to: {
        path: '^(adapters|lambdas|local|cloud|router|bin|lib|web|test)/',
        pathNot: ['^adapters/dynamodb/', rules, store],
      },
    },
    {
      name: 'functions-know-the-table',
      comment: 'Where a function is defined, so is what it is given of the table.',
      severity: 'error',
      from: { path: functions },
      to: { path: '^(adapters|local|cloud|router|bin|lib|web|test)/', pathNot: '^adapters/dynamodb/' },
    },
    {
      name: 'functions-load-stores-on-demand',
      comment: 'The stacks and the host read the definitions of all functions.',
      severity: 'error',
      from: { path: functions },
      to: { path: ['^adapters/', store], pathNot: '^adapters/dynamodb/access[.]ts$', dynamic: false },
    },
    {
      name: 'router-knows-core-adapters-and-rules',
      severity: 'error',
      from: { path: '^router/' },
      to: { path: '^(lambdas|local|cloud|bin|lib|web|test)/', pathNot: rules },
    },
    {
      name: 'cloud-is-no-infrastructure',
      comment: 'What runs on AWS is put together there; what AWS is made to hold is in lib.',
      severity: 'error',
      from: { path: '^cloud/' },
      to: { path: '^(local|bin|lib|web|test)/' },
    },
    {
      name: 'cloud-is-not-imported',
      severity: 'error',
      from: { pathNot: '^(cloud|lib|bin|tools|test)/' },
      to: { path: '^cloud/' },
    },
    {
      name: 'lib-knows-no-handler',
      comment:
        'Infrastructure is made from the manifest and the configuration, the names, environments and settings of what it deploys, and ' +
        'what an adapter says of tables, policies and cells.',
      severity: 'error',
      from: { path: '^lib/' },
      to: {
        path: '^(core|adapters|lambdas|cloud|router|local|bin|web|test)/',
        pathNot: [
          '^core/',
          rules,
          '^lambdas/manifest\\.ts$',
          '^lambdas/_runtime/(browser-headers|define-function|operation|own-headers|ports)\\.ts$',
          '^lambdas/http/openapi\\.ts$',
          '^cloud/(names|router-settings|variables)\\.ts$',
          '^adapters/dynamodb/(access|tables)\\.ts$',
          '^adapters/cells/site-tags\\.ts$',
          '^adapters/iam/(archiver|site)-policies\\.ts$',
          '^adapters/ssm/cell-description\\.ts$',
        ],
      },
    },
    {
      name: 'lib-is-not-imported',
      severity: 'error',
      from: { pathNot: '^(lib|bin|tools|test)/' },
      to: { path: '^lib/' },
    },
    {
      name: 'local-is-not-imported',
      severity: 'error',
      from: { pathNot: '^(local|bin|tools|test)/' },
      to: { path: '^local/' },
    },
    {
      name: 'packages-stand-alone',
      comment: 'A package could move to a repository of its own: it imports nothing of this one but itself.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { pathNot: ['^packages/$1/', '^node_modules/', '^(node:)?[a-z_]+(/promises)?$'] },
    },
    {
      name: 'packages-serve-one-machine',
      severity: 'error',
      from: { pathNot: '^(packages|local|test)/' },
      to: { path: '^packages/' },
    },
    {
      name: 'pages-know-only-the-api',
      comment:
        'The browser pages get types that are generated from the description of the API, and nothing of the back end but the table of currencies.',
      severity: 'error',
      from: { path: '^web/', pathNot: '^web/build/' },
      to: { pathNot: ['^web/(?!build/)', '^core/plan/money[.]ts$', '^node_modules/'] },
    },
    {
      name: 'the-build-of-the-pages-knows-core',
      severity: 'error',
      from: { path: '^web/build/' },
      to: { path: '^(adapters|lambdas|cloud|router|local|lib|bin|test)/', pathNot: rules },
    },
    {
      name: 'pages-share-a-design-system',
      comment: 'A page imports no other page; the design system, the client and the texts import no page.',
      severity: 'error',
      from: { path: '^web/(sign-up|owner|operator|shared|ui|api|texts)/' },
      to: { path: '^web/(sign-up|owner|operator|shared)/', pathNot: '^web/$1/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      // The page of costs is generated from the simulator.
      from: { pathNot: ['^test/', '^tools/generate-docs\\.ts$'] },
      to: { path: '^test/' },
    },
    { name: 'no-circles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    moduleSystems: ['es6'],
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
}
