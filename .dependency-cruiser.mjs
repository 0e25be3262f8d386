/** Imports run one way: lambdas, local, router → adapters → core. */
export default {
  forbidden: [
    {
      name: 'core-is-pure',
      comment: 'The domain knows no AWS, no HTTP framework and no Node I/O. Hashing is computation.',
      severity: 'error',
      from: { path: '^core/' },
      to: { pathNot: ['^core/', '^node_modules/zod/', '^(node:)?crypto$'] },
    },
    {
      name: 'adapters-know-only-core',
      severity: 'error',
      from: { path: '^adapters/' },
      to: { path: '^(lambdas|local|router|bin|lib|web|test)/' },
    },
    {
      name: 'lambdas-know-core-and-no-world',
      comment: 'Handlers get their adapters as an argument; the host and the stacks decide which.',
      severity: 'error',
      from: { path: '^lambdas/' },
      to: { path: '^(adapters|local|router|bin|lib|web|test)/' },
    },
    {
      name: 'router-knows-core-and-adapters',
      severity: 'error',
      from: { path: '^router/' },
      to: { path: '^(lambdas|local|bin|lib|web|test)/' },
    },
    {
      name: 'local-is-not-imported',
      severity: 'error',
      from: { pathNot: '^(local|bin|bench|tools|test)/' },
      to: { path: '^local/' },
    },
    {
      name: 'nothing-imports-tests',
      severity: 'error',
      from: { pathNot: '^test/' },
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
