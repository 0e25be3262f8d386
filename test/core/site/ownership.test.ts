import { expect, it } from 'vitest'
import { allowanceSlot, isOwnersFailure } from '../../../core/site/ownership.ts'

const ownership = {
  accountId: 'acct_1',
  slug: 'a',
  hostname: 'a.example.com',
  name: 'A',
  since: '2026-01-05T09:00:00.000Z',
}
const own = { ...ownership, trialOf: allowanceSlot(1) }

it.each([
  [own, 'LaunchFailed', true],
  [own, 'SiteNotReady', true],
  [own, 'RuntimeUnavailable', false],
  [own, 'ArchivingFailed', false],
  [ownership, 'LaunchFailed', false],
  [undefined, 'LaunchFailed', false],
] as const)('%o: an owner repairs %s: %s', (given, error, isOwners) => {
  expect(isOwnersFailure({ ownership: given as never }, error)).toBe(isOwners)
})
