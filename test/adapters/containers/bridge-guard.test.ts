import { expect, onTestFinished, test, vi } from 'vitest'
import { bridgeName, guardBridges, renewGuard } from '../../../adapters/containers/bridge-guard.ts'
import { recordingLog } from '../../support/fixed-ports.ts'

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

test.each(['169.254.0.0/16', '168.63.129.16', '100.100.100.200'])(
  'keeps sites from the credentials at %s, on every port but that of a name server',
  async (address) => {
    using _ = asRoot()
    const { rules, run } = firewall()
    expect(await guardBridges(run)).toBeUndefined()
    expect(rules).toContain(`iptables FORWARD -i sitew-+ -d ${address} -p tcp ! --dport 53 -j DROP`)
  },
)

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

test('is renewed each minute, and logs an error each time that fails', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const log = recordingLog()
  const guard = vi.fn(async (): Promise<string | undefined> => undefined)
  const renewal = renewGuard(guard, log)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(guard).toHaveBeenCalledTimes(1)
  guard.mockResolvedValueOnce('iptables is gone')
  await vi.advanceTimersByTimeAsync(120_000)
  expect(guard).toHaveBeenCalledTimes(3)
  expect(log.lines.map(({ level, fields }) => [level, fields])).toEqual([
    ['error', { event: 'sites-exposed', reason: 'iptables is gone' }],
  ])
  renewal.close()
  await vi.advanceTimersByTimeAsync(120_000)
  expect(guard).toHaveBeenCalledTimes(3)
})
