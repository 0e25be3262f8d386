import { describe, expect, it } from 'vitest'
import { withdrawDomain } from '../../../core/domains/check-domains.ts'
import type { SiteId } from '../../../core/ids.ts'
import { domainSamples } from './domain-samples.ts'

const { verified } = domainSamples
const other: SiteId = 'site_01jq3v5k8m0000000000000009'

/** What is done at the edge, where the hostname is held by these, one after the other. */
const withdrawing = async (holders: readonly (SiteId | undefined)[], isKnown = true) => {
  const done: string[] = []
  const left = [...holders]
  await withdrawDomain(
    {
      domains: { find: async () => (isKnown ? verified : undefined), holderOf: async () => left.shift() },
      edge: {
        serve: async (hostname) => {
          done.push(`serve ${hostname}`)
          return false
        },
        withdraw: async (hostname) => {
          done.push(`withdraw ${hostname}`)
        },
      },
    },
    verified,
  )
  return done
}

describe('what served a domain that was released', () => {
  it('is taken away', async () => {
    expect(await withdrawing([undefined, undefined])).toEqual(['withdraw www.example.com'])
  })

  it('stays where somebody else has the domain by now', async () => {
    expect(await withdrawing([other])).toEqual([])
  })

  it('is made anew where somebody got it in that very moment', async () => {
    expect(await withdrawing([undefined, other])).toEqual(['withdraw www.example.com', 'serve www.example.com'])
  })

  it('is left alone where nobody knows the domain', async () => {
    expect(await withdrawing([], false)).toEqual([])
  })
})
