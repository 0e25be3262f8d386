import type { CustomDomain, DomainIn } from '../../../lambdas/domains/custom-domain.ts'

export const addedAt = '2026-03-01T12:00:00.000Z'

const every = {
  schemaVersion: 1,
  id: 'dom_01jq3v5k8m0000000000000001',
  version: 4,
  siteId: 'site_01jq3v5k8m0000000000000002',
  accountId: 'acct_01jq3v5k8m0000000000000003',
  hostname: 'www.example.com',
  addedAt,
  nextCheckAt: addedAt,
} as const

const verifiedAt = '2026-03-01T13:00:00.000Z'

/** One domain in each state. */
export const domainSamples = {
  pending: { ...every, state: 'pending' },
  verified: { ...every, state: 'verified', verifiedAt },
  failing: { ...every, state: 'failing', verifiedAt, failingSince: '2026-03-10T12:00:00.000Z' },
  releasing: {
    ...every,
    state: 'releasing',
    verifiedAt,
    because: 'records-gone',
    releaseAt: '2026-03-18T12:00:00.000Z',
  },
} as const satisfies { readonly [State in CustomDomain['state']]: DomainIn<State> }
