import { expect, test, vi } from 'vitest'
import { bridgeName, guardBridges } from '../../../adapters/containers/bridge-guard.ts'

const asRoot = (uid = 0) => vi.spyOn(process, 'getuid').mockReturnValue(uid)

/** A firewall that knows the rules that it was given. */
const firewall = () => {
  const rules: string[] = []
  const run = async (command: string, args: readonly string[]): Promise<void> => {
    const [, , , , action, ...rule] = args
    const line = [command, ...rule].join(' ')
    if (action === '-A') rules.push(line)
    else if (!rules.includes(line)) throw new Error('Bad rule (does a matching rule exist in that chain?).')
  }
  return { rules, run }
}

test('adds each rule once', async () => {
  using _ = asRoot()
  const { rules, run } = firewall()
  expect(await guardBridges(run)).toBeUndefined()
  expect(rules).toContain('iptables INPUT -i sitew-+ -m conntrack ! --ctstate ESTABLISHED,RELATED -j DROP')
  expect(rules).toContain('iptables FORWARD -i sitew-+ -o sitew-+ -j DROP')
  const before = [...rules]
  expect(await guardBridges(run)).toBeUndefined()
  expect(rules).toEqual(before)
})

test('says why it does not hold', async () => {
  using _ = asRoot()
  const missing = () => Promise.reject(new Error('spawn iptables ENOENT'))
  expect(await guardBridges(missing)).toBe('iptables cannot set firewall rules: spawn iptables ENOENT')
  using __ = asRoot(1000)
  expect(await guardBridges(firewall().run)).toBe('firewall rules need root')
})

test('matches the bridges of all ports, whose names the kernel takes', () => {
  for (const port of [1024, 65_535]) expect(bridgeName(port)).toMatch(/^sitew-\d{4,5}$/)
})
