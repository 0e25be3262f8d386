import { describe, expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { endOfTime, plusMilliseconds } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { AsleepSite, Site } from '../../../core/site/site.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { assignVersion } from '../../../lambdas/releases/swap/begin-swap.ts'
import { chooseOwnSleep } from '../../../lambdas/sleep/choose-sleep.ts'
import { sleepIdleSites } from '../../../lambdas/sleep/sleep-idle-sites.ts'
import { welcome } from '../../support/provisioning.ts'
import { idleScene } from './idle-scene.ts'

it.each([
  [true, 20],
  [false, 1],
])('makes room in each run, for what starts without a wake, if there is any: %j', async (hasRoom, rooms) => {
  const { played, minutesPass } = await idleScene()
  Object.assign(played, { hasRoom, rooms: 0 })
  await minutesPass(1)
  expect(played.rooms).toBe(rooms)
})

describe('a site that nobody uses', () => {
  it('begins to sleep after the minutes of its plan and the time that a report of its use may take', async () => {
    const { open, follow, minutesPass, isSleeping } = await idleScene()
    const site = await open()
    await follow(site)
    await minutesPass(35)
    expect(await isSleeping(site)).toBe(false)
    await minutesPass(1)
    expect(await isSleeping(site)).toBe(true)
  })

  it('waits for the next runs, the longest idle first, where more sites are idle than may begin to sleep in one', async () => {
    const { open, minutesPass, ports } = await idleScene()
    const template = await open()
    await minutesPass(36)
    const sites = new Map(
      Array.from({ length: 450 }, () => ports.randomness.id('site')).map((id) => [id, { ...template, id }]),
    )
    let due = [...sites.keys()]
    const begun: string[] = []
    const played = {
      ...ports,
      sites: {
        ...ports.sites,
        get: async (id: SiteId) => sites.get(id),
        commit: async ({ after }: { after: Site }) => {
          begun.push(after.id)
          return { done: true as const }
        },
      },
      idleChecks: {
        ...ports.idleChecks,
        due: async function* () {
          for (const siteId of due) yield { siteId, at: template.createdAt }
        },
        replace: async ({ siteId }: { siteId: SiteId }) => {
          due = due.filter((id) => id !== siteId)
        },
      },
    }
    const order = [...due]
    for (const expected of [200, 400, 450, 450]) {
      await sleepIdleSites(played, 'tick')
      expect(begun.toSorted()).toEqual(order.slice(0, expected).toSorted())
    }
  })

  it('causes no write before', async () => {
    const { open, follow, minutesPass, played } = await idleScene()
    await follow(await open())
    await minutesPass(35)
    expect(played.checks).toHaveLength(1)
  })

  it('is checked once in a period while it is used', async () => {
    const { open, follow, minutesPass, use, isSleeping, played } = await idleScene()
    const site = await open()
    await follow(site)
    for (let minute = 0; minute < 120; minute += 5) {
      await minutesPass(5)
      await use(site)
    }
    expect(await isSleeping(site)).toBe(false)
    expect(played.checks.length).toBeLessThanOrEqual(1 + Math.ceil(120 / 30))
  })

  it('is left alone during an operation, and while its last use is a minute ago', async () => {
    const { open, follow, minutesPass, use, isSleeping, played, ports } = await idleScene()
    const site = await open()
    await follow(site)
    await minutesPass(35)
    await use(site)
    await minutesPass(30)
    expect(await isSleeping(site)).toBe(false)
    await minutesPass(6)
    expect(await isSleeping(site)).toBe(true)
    const { version } = (await ports.sites.get(site.id))!
    await minutesPass(30)
    expect((await ports.sites.get(site.id))?.version).toBe(version)
    expect(played.checks.length).toBeLessThan(25)
  })

  it('does not sleep if its plan never sleeps or its blueprint refuses', async () => {
    const paid = await idleScene()
    const customer = await paid.open({ plan: 'starter' })
    await paid.follow(customer)
    expect(paid.played.checks).toEqual([])
    const refusing = await idleScene({ ...welcome(1), sleep: 'never' })
    const worker = await refusing.open()
    await refusing.follow(worker)
    await refusing.minutesPass(40)
    expect(await refusing.isSleeping(worker)).toBe(false)
    expect(refusing.played.checks).toEqual([])
  })

  it('is checked no more after it changed to a plan that never sleeps, or ended', async () => {
    const { open, follow, minutesPass, commit, context, played, ports } = await idleScene()
    const site = await open()
    await follow(site)
    await commit(changePlan(site, { plan: 'starter', reason: 'a test' }, context()))
    await minutesPass(40)
    expect(played.checks.at(-1)).toBe('removed')
    expect((await ports.sites.get(site.id))?.status).toBe('active')
  })

  it('of an installation that had no checks is found by the first sweep', async () => {
    const { open, minutesPass, isSleeping, ports, played } = await idleScene()
    const site = await open()
    await minutesPass(5)
    expect(played.checks).toEqual([])
    await ports.idleChecks.noteSweep({ sweptAt: '2999-01-01T00:00:00.000Z', trustedSince: '2999-01-01T00:00:00.000Z' })
    await minutesPass(37)
    expect(await isSleeping(site)).toBe(true)
  })
})

describe('a changed plan', () => {
  const setTrial = (scene: Awaited<ReturnType<typeof idleScene>>, minutes: number | undefined) => {
    const { plans } = scene.ports.plans
    scene.played.plans = planCatalogue(
      plans.map(({ sleepAfterMinutes: _, ...plan }) => ({
        ...plan,
        ...(plan.kind === 'trial' && minutes !== undefined ? { sleepAfterMinutes: minutes } : {}),
      })),
    )
  }
  const dueOf = async ({ ports }: Awaited<ReturnType<typeof idleScene>>) => {
    const due = new Map<string, string>()
    for await (const { siteId, at } of ports.idleChecks.due(endOfTime)) due.set(siteId, at)
    return due
  }

  it('is followed by the sites that run, and nothing is written without a change', async () => {
    const scene = await idleScene()
    const site = await scene.open()
    await scene.follow(site)
    await scene.follow(await scene.open({ plan: 'starter' }))
    setTrial(scene, 5)
    await scene.minutesPass(1)
    expect(scene.played.checks).toHaveLength(2)
    await scene.minutesPass(10)
    expect(scene.played.checks).toHaveLength(2)
    expect(await scene.isSleeping(site)).toBe(false)
    await scene.minutesPass(1)
    expect(await scene.isSleeping(site)).toBe(true)
  })

  it('puts no rehearsal to sleep, whose use is not counted, also by a check of before', async () => {
    const scene = await idleScene()
    const original = await scene.open()
    const rehearsalOf = { siteId: original.id, target: {}, until: endOfTime }
    const [rehearsal, checked] = [await scene.open({ rehearsalOf }), await scene.open({ rehearsalOf })]
    setTrial(scene, 5)
    await scene.minutesPass(1)
    await scene.ports.idleChecks.schedule({ siteId: checked.id, at: scene.played.now })
    await scene.minutesPass(1)
    expect([...(await dueOf(scene)).keys()]).toEqual([original.id])
    await scene.minutesPass(20)
    expect(await Promise.all([original, rehearsal, checked].map(scene.isSleeping))).toEqual([true, false, false])
  })

  it('that never sleeps wakes its sites', async () => {
    const scene = await idleScene()
    const [running, sleeper] = [await scene.open(), await scene.asleep(await scene.open())]
    await scene.follow(running)
    setTrial(scene, undefined)
    await scene.minutesPass(2)
    expect((await dueOf(scene)).has(running.id)).toBe(false)
    expect(await scene.ports.sites.get(sleeper.id)).toMatchObject({ operation: { kind: 'wake' } })
  })

  it('is followed in pages, some in each sweep, and where a lost sweep ended', async () => {
    const scene = await idleScene()
    for (let count = 0; count < 12; count += 1) await scene.open()
    let pages = 0
    let lostAfter = Number.POSITIVE_INFINITY
    const { statusPage } = scene.ports.sites
    const sweep = () =>
      sleepIdleSites(
        {
          ...scene.ports,
          plans: scene.played.plans,
          sites: {
            ...scene.ports.sites,
            statusPage: async (status, { cursor }) => {
              pages += 1
              if (pages > lostAfter) throw new Error('lost')
              scene.played.monotonic += 5000
              return statusPage(status, { limit: 1, cursor })
            },
          },
        },
        'tick',
      )
    setTrial(scene, 10)
    await sweep()
    expect(pages).toBe(6)
    lostAfter = 8
    await expect(sweep()).rejects.toThrow('lost')
    lostAfter = Number.POSITIVE_INFINITY
    const scheduled = scene.played.checks.length
    for (let sweeps = 0; sweeps < 12; sweeps += 1) await sweep()
    expect(scheduled).toBeLessThan(12)
    expect(scene.played.checks).toHaveLength(12)
    expect((await dueOf(scene)).size).toBe(12)
    expect(await scene.ports.idleChecks.lastSweep()).not.toHaveProperty('walk')
  })
})

describe('a clock that jumps', () => {
  it.each([
    ['a day ahead', 86_400_000],
    ['an hour ahead', 3_600_000],
    ['a day back', -86_400_000],
  ])('%s puts nothing to sleep that was used a minute ago', async (_, jump) => {
    const { open, follow, minutesPass, use, isSleeping, played } = await idleScene()
    const site = await open()
    await follow(site)
    await minutesPass(20)
    await use(site)
    played.now = plusMilliseconds(played.now, jump)
    await minutesPass(29)
    expect(await isSleeping(site)).toBe(false)
    await minutesPass(9)
    // A use in the future counts as one now.
    expect(await isSleeping(site)).toBe(jump > 0)
  })
})

describe('the owner of a paid site', () => {
  it('chooses after how many minutes it sleeps, and that it never does', async () => {
    const { open, follow, minutesPass, isSleeping, ports } = await idleScene()
    const site = await open({ plan: 'starter' })
    const act = {
      siteId: site.id,
      accountId: site.ownership.accountId,
      actor: { kind: 'system' },
      causationId: 'test',
    } as const
    await chooseOwnSleep(ports, act, 10)
    await chooseOwnSleep(ports, act, 10)
    expect(await ports.sites.get(site.id)).toMatchObject({ sleepAfterMinutes: 10, version: site.version + 1 })
    await follow(site)
    await minutesPass(14)
    await chooseOwnSleep(ports, act, null)
    await follow(site)
    for await (const check of ports.idleChecks.due(endOfTime)) expect(check).toBeUndefined()
    await minutesPass(10)
    expect(await isSleeping(site)).toBe(false)
    await chooseOwnSleep(ports, act, 10)
    await follow(site)
    await minutesPass(16)
    expect(await isSleeping(site)).toBe(true)
  })

  it('cannot choose for a trial', async () => {
    const { open, ports } = await idleScene()
    const site = await open()
    const act = { siteId: site.id, accountId: site.ownership.accountId, actor: { kind: 'system' }, causationId: 'test' }
    await expect(chooseOwnSleep(ports, act as never, null)).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
  })
})

it('wakes a site that sleeps and may not any more', async () => {
  const { open, follow, asleep, ports } = await idleScene()
  const trial = await asleep(await open())
  await follow(trial)
  expect(await ports.sites.get(trial.id)).not.toHaveProperty('operation')
  const paid = await asleep(await open({ plan: 'starter' }))
  await follow(paid)
  expect(await ports.sites.get(paid.id)).toMatchObject({ operation: { kind: 'wake' } })
})

it('wakes a site that may never sleep again after its wake failed', async () => {
  const { open, follow, asleep, minutesPass, fail, ports } = await idleScene()
  const site = await asleep(await open({ plan: 'starter' }))
  await follow(site)
  // Not at once, or a wake that fails would be tried without a pause.
  const { version } = await fail(site)
  await minutesPass(9)
  expect((await ports.sites.get(site.id))?.version).toBe(version)
  await minutesPass(1)
  expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
})

describe('a blueprint that names times', () => {
  const nightly = { ...welcome(1), wakeOn: [{ cron: '0 15 * * *', timeZone: 'Europe/Berlin' }] }

  it('wakes its sites then, and lets them sleep again', async () => {
    const { open, follow, asleep, minutesPass, ports, played } = await idleScene(nightly)
    const site = await asleep(await open())
    await follow(site)
    // 15:00 in Berlin is 14:00 UTC in March, and the scene begins at 12:00.
    expect(played.checks).toEqual(['2026-03-01T14:00:00.000Z'])
    await minutesPass(119)
    expect(await ports.sites.get(site.id)).not.toHaveProperty('operation')
    await minutesPass(1)
    expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
    expect(played.checks.at(-1)).toBe('2026-03-02T14:00:00.000Z')
  })

  it('wakes a site whose time came before the event of its sleep', async () => {
    const { open, follow, asleep, sweep, played, ports } = await idleScene(nightly)
    const site = await open()
    played.now = '2026-03-01T13:59:59.000Z'
    const sleeper = await asleep({ ...site })
    played.now = '2026-03-01T14:00:01.000Z'
    await follow(sleeper)
    await sweep()
    expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
  })

  it.each([
    ['three days ahead, once', '2026-03-01T12:10:00.000Z', '2026-03-04T12:10:00.000Z', true],
    ['back by a moment, not again', '2026-03-01T14:05:00.000Z', '2026-03-01T13:55:00.000Z', false],
    ['back by a day, at the next time', '2026-03-02T13:30:00.000Z', '2026-03-01T13:55:00.000Z', true],
  ])('wakes its sites after a jump of the clock %s', async (_, asleepAt, jumpTo, wakes) => {
    const { open, follow, asleep, sweep, minutesPass, ports, played } = await idleScene(nightly)
    played.now = asleepAt
    const site = await asleep(await open())
    await follow(site)
    await sweep()
    played.now = jumpTo
    await minutesPass(10)
    const found = await ports.sites.get(site.id)
    expect(found !== undefined && 'operation' in found && found.operation?.kind === 'wake').toBe(wakes)
    expect(played.checks.at(-1)).toBe(
      wakes && jumpTo > asleepAt ? '2026-03-04T14:00:00.000Z' : '2026-03-02T14:00:00.000Z',
    )
  })

  it.each(['nothing else', 'a copy'])('tries a time once if the wake at it fails, after %s', async (other) => {
    const { open, follow, asleep, minutesPass, fail, commit, context, ports, played } = await idleScene(nightly)
    const site = (await asleep(await open())) as AsleepSite
    await follow(site)
    await minutesPass(119)
    const isCopied = other === 'a copy'
    if (isCopied) await commit(beginCopy(site, context()))
    await minutesPass(1)
    // The wake that waited for the copy begins with its end.
    if (isCopied) await fail(site)
    expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
    await fail(site)
    expect(played.checks.at(-1)).toBe('2026-03-02T14:00:00.000Z')
    // The walk over all sites counts times in the same way.
    played.dormantAfterDays = 3
    await minutesPass(30)
    expect(await ports.sites.get(site.id)).not.toHaveProperty('operation')
    expect(played.checks.at(-1)).toBe('2026-03-02T14:00:00.000Z')
    played.now = '2026-03-02T13:59:00.000Z'
    await minutesPass(1)
    expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
  })

  it('counts the times of a version from its assignment to a site that sleeps', async () => {
    const scene = await idleScene({ ...welcome(1) })
    const { open, follow, asleep, minutesPass, commit, context, ports, played } = scene
    const site = (await asleep(await open())) as AsleepSite
    await follow(site)
    played.now = '2026-03-11T18:00:00.000Z'
    await minutesPass(1)
    ports.blueprints.get = async () => nightly
    const upgrade = { to: 2, migrates: false, runs: false }
    await commit(assignVersion(site, upgrade, { ...context(), clocks: ports.clocks }))
    await follow(site)
    expect(played.checks.at(-1)).toBe('2026-03-12T14:00:00.000Z')
    await minutesPass(30)
    expect(await ports.sites.get(site.id)).not.toHaveProperty('operation')
    played.now = '2026-03-12T13:59:00.000Z'
    await minutesPass(1)
    expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
  })

  it('still wakes a site at a time that waits for room when a version with the same times is assigned', async () => {
    const scene = await idleScene(nightly)
    const { open, follow, asleep, minutesPass, commit, context, ports, played } = scene
    const site = (await asleep(await open())) as AsleepSite
    await follow(site)
    played.hasRoom = false
    played.now = '2026-03-01T13:59:00.000Z'
    await minutesPass(2)
    const upgrade = { to: 2, migrates: false, runs: false, keepsTimes: true }
    await commit(assignVersion(site, upgrade, { ...context(), clocks: ports.clocks }))
    await follow(site)
    played.hasRoom = true
    await minutesPass(5)
    expect(await ports.sites.get(site.id)).toMatchObject({ operation: { kind: 'wake' } })
  })

  it('wakes many no faster than sites start, and the rest in the next sweeps', async () => {
    const scene = await idleScene(nightly)
    const sites: Site[] = []
    for (let count = 0; count < 70; count += 1) sites.push(await scene.asleep(await scene.open()))
    for (const site of sites) await scene.follow(site)
    const waking = async () => {
      const found = await Promise.all(sites.map(({ id }) => scene.ports.sites.get(id)))
      return found.filter((site) => site?.status === 'asleep' && site.operation?.kind === 'wake').length
    }
    scene.played.now = '2026-03-01T13:59:00.000Z'
    await scene.minutesPass(1)
    const first = await waking()
    expect(first).toBeGreaterThanOrEqual(15)
    expect(first).toBeLessThan(70)
    scene.played.hasRoom = false
    await scene.minutesPass(2)
    expect(await waking()).toBe(first)
    scene.played.hasRoom = true
    await scene.minutesPass(1)
    expect(await waking()).toBeGreaterThan(first)
    await scene.minutesPass(4)
    expect(await waking()).toBe(70)
  })

  it('does not wake a site by the check of its sleep', async () => {
    const { open, follow, asleep, minutesPass, ports, played } = await idleScene(nightly)
    const running = await open()
    await follow(running)
    const site = await asleep(running)
    await minutesPass(40)
    expect(await ports.sites.get(site.id)).not.toHaveProperty('operation')
    expect(played.checks.at(-1)).toBe('2026-03-01T14:00:00.000Z')
  })
})
