import { describe, expect, it } from 'vitest'
import type { Site } from '../../core/site/site.ts'
import { createCachedDirectory } from '../../router/find-upstream.ts'
import { activeSite, silentSites } from './sites.ts'

const site = activeSite({ host: '127.0.0.1', port: 1 })
const moved = activeSite({ host: '127.0.0.1', port: 2 })

/** A directory whose lookups are answered by hand. */
const setUp = (capacity?: number) => {
  const time = { now: 0 }
  const lookups: { hostname: string; answer: (site: Site | undefined) => void; fail: (error: Error) => void }[] = []
  const directory = createCachedDirectory({
    now: () => time.now,
    lookup: (hostname) => new Promise((answer, fail) => lookups.push({ hostname, answer, fail })),
    ...(capacity === undefined ? {} : { capacity }),
  })
  const learn = async (hostname: string, answer: Site | undefined) => {
    const found = directory.find(hostname)
    lookups.at(-1)!.answer(answer)
    return found
  }
  return { time, lookups, directory, learn }
}

describe('the cached directory', () => {
  it('caches an active site for less than a second', async () => {
    const { time, lookups, directory } = setUp()
    const first = directory.find('acme.localhost')
    time.now = 600
    lookups[0]!.answer(site)
    expect(await first).toBe(site)
    time.now = 999
    expect(await directory.find('acme.localhost')).toBe(site)
    expect(lookups).toHaveLength(1)
    time.now = 1000
    void directory.find('acme.localhost')
    expect(lookups).toHaveLength(2)
  })

  it.each([...Object.entries(silentSites), ['unknown', undefined] as const])(
    'does not cache a site that is %s',
    async (_, silent) => {
      const { lookups, learn } = setUp()
      expect(await learn('acme.localhost', silent)).toBe(silent)
      expect(await learn('acme.localhost', site)).toBe(site)
      expect(lookups).toHaveLength(2)
    },
  )

  it('looks a changed site up again, even during a lookup', async () => {
    const { time, lookups, directory, learn } = setUp()
    await learn('acme.localhost', site)
    directory.forget(site.id)
    time.now = 1
    const before = directory.find('acme.localhost')
    directory.forget(site.id)
    const after = directory.find('acme.localhost')
    expect(lookups).toHaveLength(3)
    lookups[2]!.answer(moved)
    expect(await after).toBe(moved)
    // The answer of before the change came late: only its caller has it.
    lookups[1]!.answer(site)
    expect(await before).toBe(site)
    expect(await directory.find('acme.localhost')).toBe(moved)
    expect(lookups).toHaveLength(3)
  })

  it('keeps unchanged sites', async () => {
    const { lookups, directory, learn } = setUp()
    await learn('acme.localhost', site)
    directory.forget(activeSite({ host: '127.0.0.1', port: 3 }, { number: 2 }).id)
    expect(await directory.find('acme.localhost')).toBe(site)
    expect(lookups).toHaveLength(1)
  })

  it('shares a lookup between concurrent requests', async () => {
    const { lookups, directory } = setUp()
    const questions = [1, 2, 3].map(() => directory.find('acme.localhost'))
    expect(lookups).toHaveLength(1)
    lookups[0]!.answer(site)
    expect(await Promise.all(questions)).toEqual([site, site, site])
    expect(lookups).toHaveLength(1)
  })

  it('does not share a missing site with later requests', async () => {
    const { lookups, directory } = setUp()
    const early = directory.find('acme.localhost')
    const later = [1, 2].map(() => directory.find('acme.localhost'))
    lookups[0]!.answer(undefined)
    expect(await early).toBeUndefined()
    await Promise.resolve()
    expect(lookups).toHaveLength(2)
    lookups[1]!.answer(site)
    expect(await Promise.all(later)).toEqual([site, site])
  })

  it('makes a new lookup for a fresh answer and caches the newer one', async () => {
    const { lookups, directory } = setUp()
    const old = directory.find('acme.localhost')
    const fresh = directory.find('acme.localhost', { fresh: true })
    lookups[1]!.answer(moved)
    expect(await fresh).toBe(moved)
    lookups[0]!.answer(site)
    expect(await old).toBe(site)
    expect(await directory.find('acme.localhost')).toBe(moved)
  })

  it('drops a site that a fresh answer shows as inactive', async () => {
    const { lookups, directory, learn } = setUp()
    await learn('acme.localhost', site)
    const fresh = directory.find('acme.localhost', { fresh: true })
    lookups[1]!.answer(silentSites.suspended)
    await fresh
    void directory.find('acme.localhost')
    expect(lookups).toHaveLength(3)
  })

  it('does not cache a failed lookup', async () => {
    const { lookups, directory, learn } = setUp()
    const failing = directory.find('acme.localhost')
    lookups[0]!.fail(new Error('no answer'))
    await expect(failing).rejects.toThrow('no answer')
    expect(await learn('acme.localhost', site)).toBe(site)
  })

  it.each(['fails', 'does not come'])('uses the last answer for a minute if the lookup %s', async (how) => {
    const { time, lookups, directory, learn } = setUp()
    await learn('acme.localhost', site)
    const failLookup = () => lookups.at(-1)!.fail(new Error('no answer'))
    time.now = 59_999
    const found = directory.find('acme.localhost')
    if (how === 'fails') failLookup()
    expect(await found).toBe(site)
    if (how === 'does not come') failLookup()

    time.now = 60_000
    const late = directory.find('acme.localhost')
    failLookup()
    await expect(late).rejects.toThrow('no answer')
  })

  it('waits once for a lookup that does not come, however many ask', async () => {
    const { time, lookups, directory, learn } = setUp()
    await learn('acme.localhost', site)
    time.now = 2000
    const begunAt = performance.now()
    expect(await directory.find('acme.localhost')).toBe(site)
    const waited = performance.now() - begunAt
    time.now = 2500
    for (let visitor = 0; visitor < 5; visitor += 1) expect(await directory.find('acme.localhost')).toBe(site)
    expect(waited).toBeGreaterThan(450)
    expect(performance.now() - begunAt - waited).toBeLessThan(450)
    expect(lookups).toHaveLength(2)
    lookups.at(-1)!.answer(moved)
    expect(await directory.find('acme.localhost')).toBe(moved)
  })

  it('does not use an answer that proved wrong', async () => {
    const { time, lookups, directory, learn } = setUp()
    await learn('acme.localhost', site)
    time.now = 2000
    const fresh = directory.find('acme.localhost', { fresh: true })
    lookups.at(-1)!.fail(new Error('no answer'))
    await expect(fresh).rejects.toThrow('no answer')
  })

  it('accepts that a site is no longer active', async () => {
    const { time, learn } = setUp()
    await learn('acme.localhost', site)
    time.now = 2000
    expect(await learn('acme.localhost', silentSites.suspended)).toBe(silentSites.suspended)
  })

  it('limits the number of cached hostnames', async () => {
    const { lookups, directory, learn } = setUp(2)
    for (const hostname of ['a.localhost', 'b.localhost', 'c.localhost']) await learn(hostname, site)
    expect(await directory.find('c.localhost')).toBe(site)
    expect(await directory.find('b.localhost')).toBe(site)
    expect(lookups).toHaveLength(3)
    void directory.find('a.localhost')
    expect(lookups.map(({ hostname }) => hostname)).toEqual([
      'a.localhost',
      'b.localhost',
      'c.localhost',
      'a.localhost',
    ])
  })
})
