import { expect, it } from 'vitest'
import { isOwnersFailure, ownBlueprint } from '../../../lambdas/deployments/deployment.ts'

const own = ownBlueprint('site_01jq3v5k8m0000000000000000')

it.each([
  [own, 'LaunchFailed', true],
  [own, 'SiteNotReady', true],
  [own, 'RuntimeUnavailable', false],
  [own, 'ArchivingFailed', false],
  ['welcome', 'LaunchFailed', false],
] as const)('an owner of %s repairs %s: %s', (name, error, isOwners) => {
  expect(isOwnersFailure({ blueprint: { name, version: 1 } }, error)).toBe(isOwners)
})
