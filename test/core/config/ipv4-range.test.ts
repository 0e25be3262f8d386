import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ipv4Range, rangesOverlap, subnetsOf } from '../../../core/config/stage.ts'

const networks = fc
  .tuple(fc.integer({ min: 16, max: 20 }), fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 255 }))
  .map(([length, part, second]) => `10.${second}.${(part * 2 ** (24 - length)) % 256}.0/${length}`)
  .filter((cidr) => ipv4Range(cidr) !== undefined)

describe('the parts of a network', () => {
  it('are its addresses, in order', () => {
    expect(subnetsOf('10.1.0.0/17', 3)).toEqual([
      '10.1.0.0/20',
      '10.1.16.0/20',
      '10.1.32.0/20',
      '10.1.48.0/20',
      '10.1.64.0/20',
      '10.1.80.0/20',
      '10.1.96.0/20',
      '10.1.112.0/20',
    ])
    expect(subnetsOf('192.168.128.0/24', 0)).toEqual(['192.168.128.0/24'])
  })

  it('are of one size, fill it, and share nothing', () => {
    fc.assert(
      fc.property(networks, fc.integer({ min: 1, max: 4 }), (cidr, bits) => {
        const whole = ipv4Range(cidr)!
        const parts = subnetsOf(cidr, bits)
        const ranges = parts.map((part) => ipv4Range(part)!)
        expect(ranges.at(0)!.first).toBe(whole.first)
        expect(ranges.at(-1)!.last).toBe(whole.last)
        expect(new Set(ranges.map(({ first, last }) => last - first)).size).toBe(1)
        parts.slice(1).forEach((part, index) => {
          expect(rangesOverlap(part, parts[index]!)).toBe(false)
        })
      }),
    )
  })

  it('are of no text that is no network', () => {
    expect(() => subnetsOf('10.1.0.0', 2)).toThrow('10.1.0.0 is no network')
  })
})
