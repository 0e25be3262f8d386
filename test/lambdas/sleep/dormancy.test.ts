import { describe, expect, it } from 'vitest'
import { endOfTime, plusMilliseconds } from '../../../core/instant.ts'
import type { AsleepSite } from '../../../core/site/site.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { failOperation } from '../../../lambdas/endings/fail-operation.ts'
import { freePlaces, giveBack } from '../../../lambdas/sleep/dormancy.ts'
import { isDormant } from '../../../lambdas/sleep/sleep-policy.ts'
import { requestWake } from '../../../lambdas/sleep/wake-site.ts'
import { attemptAt } from '../../support/reclaim-scene.ts'
import { idleScene } from './idle-scene.ts'

const hour = 3_600_000
const day = 24 * hour

/** Sites on a platform that keeps something of those that sleep, and what is called on it. */
const dormantScene = async () => {
  const scene = await idleScene()
  scene.played.dormantAfterDays = 3
  const calls: string[] = []
  const before: Record<string, () => Promise<unknown>> = {}
  const called = async (what: string) => {
    await before[what]?.()
    calls.push(what)
  }
  const ports = {
    ...scene.ports,
    runtime: {
      remove: async (_place: object, requireWanted?: () => Promise<unknown>) => {
        await called('service')
        await requireWanted?.()
        await called('role')
      },
    },
    storage: { ...scene.ports.storage, release: () => called('access point') },
  }
  const read = async ({ id }: { readonly id: AsleepSite['id'] }): Promise<AsleepSite> => {
    const site = await scene.ports.sites.get(id)
    if (site?.status !== 'asleep') throw new Error(`it is ${site?.status}`)
    return site
  }
  const sleeper = async () => {
    const site = await scene.asleep(await scene.open())
    await scene.follow(site)
    return read(site)
  }
  const checkOf = async ({ id }: AsleepSite): Promise<string | undefined> => {
    for await (const { siteId, at } of scene.ports.idleChecks.due(endOfTime)) if (siteId === id) return at
    return undefined
  }
  const pass = async (milliseconds: number) => {
    scene.played.now = plusMilliseconds(scene.played.now, milliseconds)
    await scene.sweep()
  }
  const give = async (site: AsleepSite) => giveBack(ports, attemptAt(await read(site)))
  const becomeDormant = async (site: AsleepSite) => {
    await pass(3 * day)
    await give(site)
    return read(site)
  }
  return { ...scene, ports, calls, before, read, sleeper, checkOf, pass, give, becomeDormant }
}

describe('a site that has slept for days', () => {
  it('gives back what its platform keeps of it, its access to the data last, and is then dormant', async () => {
    const { sleeper, pass, read, give, calls, checkOf, played } = await dormantScene()
    const site = await sleeper()
    await pass(3 * day - 1)
    expect((await read(site)).operation).toBeUndefined()
    await pass(1)
    expect((await read(site)).operation?.kind).toBe('dormancy')
    await give(site)
    expect(calls).toEqual(['service', 'role', 'access point'])
    expect(await read(site)).toMatchObject({ dormantSince: played.now, asleepSince: site.asleepSince })
    expect((await read(site)).operation).toBeUndefined()
    // Nothing is done for it any more.
    await pass(hour)
    expect(await checkOf(site)).toBeUndefined()
  })

  it('does not do so on one machine', async () => {
    const { sleeper, pass, read, checkOf, played } = await dormantScene()
    played.dormantAfterDays = undefined
    const site = await sleeper()
    expect(await checkOf(site)).toBeUndefined()
    await pass(30 * day)
    expect(await read(site)).toEqual(site)
  })

  it('is found if it slept before the configuration said so', async () => {
    const { sleeper, pass, read, played } = await dormantScene()
    played.dormantAfterDays = undefined
    const site = await sleeper()
    await pass(60_000)
    played.dormantAfterDays = 2
    await pass(2 * day)
    await pass(60_000)
    expect((await read(site)).operation?.kind).toBe('dormancy')
  })

  it('waits for an hour while the brake is on', async () => {
    const { sleeper, pass, read, played } = await dormantScene()
    const site = await sleeper()
    played.isBraked = true
    await pass(3 * day)
    played.isBraked = false
    await pass(hour - 1)
    expect((await read(site)).operation).toBeUndefined()
    await pass(1)
    expect((await read(site)).operation?.kind).toBe('dormancy')
  })

  it('waits for its turn: thirty begin in a minute', async () => {
    const { sleeper, pass, read } = await dormantScene()
    const sites = [await sleeper()]
    while (sites.length < 70) sites.push(await sleeper())
    const begun = async () => {
      const found = await Promise.all(sites.map(read))
      return found.filter(({ operation }) => operation?.kind === 'dormancy').length
    }
    await pass(3 * day)
    expect(await begun()).toBe(30)
    await pass(60_000)
    expect(await begun()).toBe(60)
    await pass(60_000)
    expect(await begun()).toBe(70)
  })

  it('is tried again an hour after it failed, and keeps its deadlines', async () => {
    const { sleeper, pass, read, ports } = await dormantScene()
    const site = await sleeper()
    await pass(3 * day)
    await failOperation({ ...ports, archiver: ports.archiver }, attemptAt(await read(site)), 'RuntimeUnavailable')
    expect(await read(site)).toMatchObject({ asleepSince: site.asleepSince })
    expect(await read(site)).not.toHaveProperty('reprievedUntil')
    await pass(hour)
    expect((await read(site)).operation?.kind).toBe('dormancy')
  })
})

describe('a visitor', () => {
  it.each([
    ['service', ['service']],
    ['access point', ['service', 'role', 'access point']],
  ])(
    'who comes before the removal of the %s replaces the dormancy, and no further part is removed',
    async (what, removed) => {
      const { sleeper, pass, read, give, before, calls, ports } = await dormantScene()
      const site = await sleeper()
      await pass(3 * day)
      before[what] = () => requestWake(ports, site.id, 'req')
      await expect(give(site)).rejects.toMatchObject({ kind: 'OperationSuperseded' })
      expect(calls).toEqual(removed)
      const waking = await read(site)
      expect(waking).toMatchObject({ operation: { kind: 'wake', fromDormancy: true } })
      expect(waking.dormantSince).toBeUndefined()
    },
  )

  it('wakes a dormant site, which is known to take longer until it runs', async () => {
    const { sleeper, becomeDormant, read, ports } = await dormantScene()
    const site = await becomeDormant(await sleeper())
    expect(isDormant(site)).toBe(true)
    expect(await requestWake(ports, site.id, 'req')).toBe('begun')
    const waking = await read(site)
    expect([isDormant(waking), waking.dormantSince]).toEqual([true, undefined])
  })
})

describe('a dormant site', () => {
  it('that is copied gives its access to the data back after the copy', async () => {
    const { sleeper, becomeDormant, commit, context, read, follow, pass } = await dormantScene()
    const site = await becomeDormant(await sleeper())
    await commit(beginCopy(site, context()))
    expect((await read(site)).dormantSince).toBeUndefined()
    // As the event of the copy's end does it.
    await follow(site)
    await pass(hour)
    expect((await read(site)).operation?.kind).toBe('copy')
  })

  it('is suspended like any other', async () => {
    const { sleeper, becomeDormant, commit, context } = await dormantScene()
    const site = await becomeDormant(await sleeper())
    const suspended = await commit(suspendSite(site, { because: 'trial-ended' }, context()))
    expect(suspended).not.toHaveProperty('dormantSince')
  })
})

describe('in a cell with few free places', () => {
  it('those who have slept for longest become dormant before their time, but none of the last hour', async () => {
    const { sleeper, pass, read, played } = await dormantScene()
    const first = await sleeper()
    await pass(2 * hour)
    const second = await sleeper()
    await pass(60_000)
    expect((await read(first)).operation).toBeUndefined()
    played.places.used = 901
    await pass(60_000)
    expect((await read(first)).operation?.kind).toBe('dormancy')
    expect((await read(second)).operation).toBeUndefined()
    await pass(hour)
    expect((await read(second)).operation?.kind).toBe('dormancy')
  })

  it('those who sleep are found behind however many sites that run', async () => {
    const { sleeper, pass, read, played, open, ports } = await dormantScene()
    const site = await sleeper()
    const runs = await open()
    await pass(2 * hour)
    played.places.used = 901
    const checks = [...Array.from({ length: 501 }, () => runs.id), site.id].map((siteId) => ({
      siteId,
      at: played.now,
    }))
    const begun: string[] = []
    await freePlaces(
      {
        ...ports,
        idleChecks: {
          due: async function* () {
            yield* checks
          },
        },
      },
      { now: played.now, beginDormancy: async ({ siteId }) => begun.push(siteId) > 0 },
    )
    expect(begun).toEqual([(await read(site)).id])
  })
})
