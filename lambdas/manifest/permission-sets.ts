import type { Permission } from './function-entry.ts'

/** To look at sites and change them, as every task of an operation does. */
export const onSites: readonly Permission[] = ['sites:read', 'sites:write']
/** To start what is there, see whether it answers, and stop it again where it is not to run any more. */
export const startingSites: readonly Permission[] = [
  'blueprints:read',
  'secrets:read',
  'runtime:read',
  'runtime:probe',
  'runtime:start',
  'runtime:remove',
]
