import type { EngineFinders } from './choose-engine.ts'
import type { FindProgram } from './engine.ts'
import { findDynamodbLocal } from './find-dynamodb-local.ts'
import { findDynoxide } from './find-dynoxide.ts'

/** It can be told neither an address to listen on nor whom to answer, and it holds every session and hash. */
const unfitForThePublic: FindProgram = async () => ({
  missing: 'listens on every network interface and asks nobody who they are, so no host for the public may use it',
})

/** How to find the engines that may be used, on a host that strangers can reach or on one's own machine. */
export const engineFinders = ({ isPublic }: { readonly isPublic: boolean }): EngineFinders => ({
  dynoxide: findDynoxide,
  'dynamodb-local': isPublic ? unfitForThePublic : findDynamodbLocal,
})
