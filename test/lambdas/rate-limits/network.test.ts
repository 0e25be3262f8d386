import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { networkOf } from '../../../lambdas/rate-limits/network.ts'

describe('the network of an address', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.7', '64:ff9b:0:0::/64'],
    ['', 'unknown'],
    ['localhost', 'unknown'],
    ['1::2::3', 'unknown'],
    ['1:2:3', 'unknown'],
    ['1:2:3:4:5:6:7::8:9', 'unknown'],
    ['12345::', 'unknown'],
  ])('%j is %s', (address, name) => {
    expect(networkOf(address).name).toBe(name)
  })

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '0:0:0:0:0:0:0:1'])('%s is this machine', (address) => {
    expect(networkOf(address).isLoopback).toBe(true)
  })

  it.each(['128.0.0.1', '::', '::2', '1::1', '', '127.0.0.1.example', '10.127.0.1'])('%j is not', (address) => {
    expect(networkOf(address).isLoopback).toBe(false)
  })

  it('is one for all addresses of an IPv6 /64, and another for the next /64', () => {
    const group = fc.integer({ min: 0, max: 0xffff })
    const groups = (length: number) => fc.array(group, { minLength: length, maxLength: length })
    const written = (parts: readonly number[]) => parts.map((part) => part.toString(16)).join(':')
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), (prefix, one, other) => {
        const name = networkOf(written([...prefix, ...one])).name
        expect(networkOf(written([...prefix, ...other])).name).toBe(name)
        const [last = 0] = prefix.slice(3)
        expect(networkOf(written([...prefix.slice(0, 3), last ^ 1, ...one])).name).not.toBe(name)
      }),
    )
  })
})
