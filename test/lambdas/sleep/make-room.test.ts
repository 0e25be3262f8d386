import { expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { makeRoom } from '../../../lambdas/sleep/make-room.ts'
import { reclaimScene } from '../../support/reclaim-scene.ts'

const minute = 60_000

/** Sites that were used so many minutes ago, on a machine without free memory. */
const fullMachine = async (...minutesAgo: readonly number[]) => {
  const scene = await reclaimScene()
  const now = plusMilliseconds(scene.now(), 600 * minute)
  const { idleChecks, usage } = scene.store
  const pauses: number[] = []
  await idleChecks.noteSweep({ sweptAt: now, trustedSince: plusMilliseconds(now, -600 * minute) })
  const ports = {
    ...scene.ports,
    clocks: { domain: scene.now, wall: () => now },
    idleChecks,
    usage,
    usageLatenessSeconds: 20,
    isMemoryShort: () => true,
    pollMilliseconds: 1000,
    pause: async (milliseconds: number) => void pauses.push(milliseconds),
  }
  const sites: ActiveSite[] = []
  for (const ago of minutesAgo) {
    const site = await scene.open()
    const at = plusMilliseconds(now, -ago * minute)
    await usage.addToHour({ siteId: site.id, usage: noUsage(), at })
    await idleChecks.schedule({ siteId: site.id, at: plusMilliseconds(at, 30 * minute) })
    sites.push(site)
  }
  const sleeping = async () => {
    const found = await Promise.all(sites.map(({ id }) => scene.ports.sites.get(id)))
    return found.map((site) => site !== undefined && 'operation' in site && site.operation?.kind === 'sleep')
  }
  return { ...scene, ports, sites, sleeping, pauses }
}

it('puts the longest unused site to sleep, and waits for it some seconds', async () => {
  const { ports, sleeping, pauses } = await fullMachine(15, 40, 20)
  expect(await makeRoom(ports, 'wake')).toBe(true)
  expect(await sleeping()).toEqual([false, true, false])
  expect(pauses).toHaveLength(10)
  expect(await makeRoom(ports, 'wake')).toBe(true)
  expect(await sleeping()).toEqual([false, true, true])
})

it('puts the next one to sleep if the first is used again, and none if all are', async () => {
  const { ports, sites, sleeping, commit, context } = await fullMachine(15, 40, 20)
  const [, longest] = sites
  const using = (...used: readonly (ActiveSite | undefined)[]) => ({
    ...ports,
    pause: async () => {
      for (const one of used) {
        const found = one && (await ports.sites.get(one.id))
        if (found?.status === 'active' && found.operation) await commit(endOperation(found, 'refused', context()))
      }
    },
  })
  expect(await makeRoom(using(longest), 'wake')).toBe(true)
  expect(await sleeping()).toEqual([false, false, true])
  expect(await makeRoom(using(...sites), 'wake')).toBe(false)
})

it('leaves sites alone that were used within ten minutes or have no check, because they never sleep', async () => {
  const { ports, sleeping, open } = await fullMachine(1, 9, 10)
  await open({ plan: 'starter' })
  expect(await makeRoom(ports, 'wake')).toBe(false)
  expect(await sleeping()).toEqual([false, false, false])
})

it('puts no site to sleep against its plan, although it has a check', async () => {
  const { ports, sleeping, open } = await fullMachine()
  const paid = await open({ plan: 'starter' })
  await ports.idleChecks.schedule({ siteId: paid.id, at: plusMilliseconds(ports.clocks.wall(), -600 * minute) })
  expect(await makeRoom(ports, 'wake')).toBe(false)
  expect(await ports.sites.get(paid.id)).not.toHaveProperty('operation')
  expect(await sleeping()).toEqual([])
})

it('counts a wake and what the sweep trusts as uses', async () => {
  const { ports, sleeping, sites } = await fullMachine(60, 40)
  const now = ports.clocks.wall()
  await ports.idleChecks.schedule({ siteId: sites[0]!.id, at: plusMilliseconds(now, 29 * minute) })
  expect(await makeRoom(ports, 'wake')).toBe(true)
  expect(await sleeping()).toEqual([false, true])
  const other = await fullMachine(60)
  await other.ports.idleChecks.noteSweep({ sweptAt: now, trustedSince: plusMilliseconds(now, -minute) })
  expect(await makeRoom(other.ports, 'wake')).toBe(false)
})

it.each([
  ['may not sleep', { plan: 'starter' }],
  ['are in use', {}],
])('finds an unused site behind many that %s', async (_, asPlanned) => {
  const { ports, sleeping, open } = await fullMachine(15)
  const now = ports.clocks.wall()
  for (let number = 0; number < 50; number += 1) {
    const { id } = await open(asPlanned)
    await ports.usage.addToHour({ siteId: id, usage: noUsage(), at: now })
    await ports.idleChecks.schedule({ siteId: id, at: plusMilliseconds(now, -600 * minute) })
  }
  expect(await makeRoom(ports, 'wake')).toBe(true)
  expect(await sleeping()).toEqual([true])
})

it('puts no site to sleep after a jump of the clock, before the next sweep', async () => {
  const { ports, sleeping } = await fullMachine(60)
  const clocks = { ...ports.clocks, wall: () => plusMilliseconds(ports.clocks.wall(), 20 * minute) }
  expect(await makeRoom({ ...ports, clocks }, 'wake')).toBe(false)
  expect(await sleeping()).toEqual([false])
})

it('does nothing while there is memory', async () => {
  const { ports, sleeping } = await fullMachine(60)
  expect(await makeRoom({ ...ports, isMemoryShort: () => false }, 'wake')).toBe(true)
  expect(await sleeping()).toEqual([false])
})
