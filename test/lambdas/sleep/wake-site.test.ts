import { describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { abortOperation, type SiteUnder } from '../../../core/site/change-site.ts'
import { placeOf } from '../../../core/site/location.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import { copyData, verifyCopy } from '../../../lambdas/endings/archive-site.ts'
import {
  beginCopy,
  pauseSite,
  recordOwnerCopy,
  startPaused,
  unpauseSite,
} from '../../../lambdas/endings/copy/take-copy.ts'
import { beginSuspension, stopSite, suspendDueSite, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { healOperations } from '../../../lambdas/sites/heal-work.ts'
import { wakeSite } from '../../../lambdas/sleep/wake-site.ts'
import { attemptAt } from '../../support/reclaim-scene.ts'
import { sleepScene } from './sleep-scene.ts'

const superseded = expect.objectContaining({ name: 'OperationSuperseded' })

/** A workflow that ended without an outcome. */
const ended = { start: async () => undefined, status: async () => 'failed' as const }

const asleepScene = async () => {
  const scene = await sleepScene()
  scene.outside.write(scene.site)
  await scene.sleep()
  scene.calls.length = 0
  scene.started.length = 0
  return { ...scene, asleep: () => scene.get(scene.site.id, 'asleep') }
}

describe('a visitor of a site that sleeps', () => {
  it('finds it running with its data and an address, and says how long that took', async () => {
    const scene = await asleepScene()
    expect(await scene.askToWake()).toBe('begun')
    scene.wait(700)
    await scene.wake()
    const site = await scene.get(scene.site.id, 'active')
    expect(site).toMatchObject({ size: scene.ports.plans.trial.size, trialEndsAt: scene.site.trialEndsAt })
    expect(site).not.toHaveProperty('operation')
    expect(site).not.toHaveProperty('asleepSince')
    expect(scene.outside.write(site)).toBe(true)
    expect(scene.outside.violations).toEqual([])
    const events = await scene.store.outbox.pending()
    expect(JSON.stringify(events)).toContain('"milliseconds":{"N":"700"}')
  })

  it('begins to wake once, however many ask at the same moment', async () => {
    const scene = await asleepScene()
    const outcomes = await Promise.all(Array.from({ length: 20 }, scene.askToWake))
    expect(outcomes.toSorted()).toEqual(['begun', ...Array<string>(19).fill('waking')])
    expect(scene.started).toHaveLength(1)
  })

  it('wakes although it is still being stopped, and the late stop does nothing', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    await scene.fallAsleep()
    const late = await scene.attempt()
    expect(await scene.askToWake()).toBe('begun')
    await expect(stopSite(scene.ports, late)).rejects.toThrow(superseded)
    await scene.wake()
    expect(await scene.record()).toMatchObject({ status: 'active', endpoint: {} })
    expect(scene.isRunning()).toBe(true)
  })

  it('keeps running if it wakes while its stop waits for its turn', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    await scene.fallAsleep()
    const stop: typeof scene.ports.runtime.stop = async (siteId, requireWanted) => {
      await scene.askToWake()
      await scene.wake()
      await requireWanted?.()
      await scene.outside.runtime.remove(siteId)
    }
    const ports = { ...scene.ports, runtime: { ...scene.ports.runtime, stop } }
    await expect(stopSite(ports, await scene.attempt())).rejects.toThrow(superseded)
    expect(await scene.record()).toMatchObject({ status: 'active', endpoint: {} })
    expect(scene.isRunning()).toBe(true)
  })

  it('is started again if a late stop hit it', async () => {
    const scene = await asleepScene()
    await scene.askToWake()
    const isHealthy = async () => false
    const ports = { ...scene.ports, probe: { isHealthy } }
    await expect(wakeSite(ports, await scene.attempt())).rejects.toMatchObject({ kind: 'SiteNotReady' })
    await scene.outside.runtime.remove(placeOf(scene.site))
    await scene.wake()
    expect(scene.calls).toEqual(['start', 'start'])
    expect(scene.isRunning()).toBe(true)
  })

  it('is left alone if it runs, is suspended or does not exist', async () => {
    const scene = await sleepScene()
    expect(await scene.askToWake()).toBe('not-asleep')
    await scene.askToSleep()
    expect(await scene.askToWake()).toBe('not-asleep')
    await scene.commit(suspendSite(await scene.get(scene.site.id, 'active'), { because: 'operator' }, scene.context()))
    expect(await scene.askToWake()).toBe('not-asleep')
    expect(scene.calls).toEqual([])
  })

  it('stays asleep if it does not answer in time, and wakes at another request', async () => {
    const scene = await asleepScene()
    await scene.askToWake()
    const ports = { ...scene.ports, probe: { isHealthy: async () => false } }
    await expect(wakeSite(ports, await scene.attempt())).rejects.toMatchObject({ kind: 'SiteNotReady' })
    scene.wait(600_000)
    await expect(wakeSite(ports, await scene.attempt())).rejects.toMatchObject({ kind: 'LaunchFailed' })
    await scene.fail('LaunchFailed')
    const site = await scene.asleep()
    expect([site.operation, site.reprievedUntil, scene.isRunning()]).toEqual([undefined, undefined, false])
    expect(scene.log.lines).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ event: 'operation-failed', operation: 'wake' }),
      }),
    )
    expect(await scene.askToWake()).toBe('begun')
    await scene.wake()
    expect(await scene.record()).toMatchObject({ status: 'active' })
  })

  it('has its time once more after an outage before its start', async () => {
    const scene = await asleepScene()
    await scene.askToWake()
    scene.wait(600_000)
    await scene.wake()
    expect(await scene.record()).toMatchObject({ status: 'active' })
  })

  it('gets the size of the plan that it has now', async () => {
    const scene = await asleepScene()
    await scene.commit(changePlan(await scene.asleep(), { plan: 'growth', reason: 'Paid.' }, scene.context()))
    expect(scene.calls).toEqual([])
    await scene.askToWake()
    await scene.wake()
    expect(await scene.record()).toMatchObject({ plan: 'growth', size: scene.ports.plans.find('growth').size })
  })
})

describe('a change that is committed while a site wakes', () => {
  it('wins: a suspended site is stopped again', async () => {
    const scene = await asleepScene()
    await scene.askToWake()
    const attempt = await scene.attempt()
    const { start } = scene.ports.runtime
    const runtime = {
      ...scene.ports.runtime,
      start: async (launch: Parameters<typeof start>[0]) => {
        await start(launch)
        await scene.commit(suspendSite(await scene.asleep(), { because: 'operator' }, scene.context()))
      },
    }
    await expect(wakeSite({ ...scene.ports, runtime }, attempt)).rejects.toThrow(superseded)
    expect(await scene.record()).toMatchObject({ status: 'suspended', operation: { kind: 'suspend' } })
    expect(scene.isRunning()).toBe(false)
  })
})

describe('what happens to a site that sleeps', () => {
  it('is suspended when its trial ends, without being woken', async () => {
    const scene = await asleepScene()
    scene.pass(30)
    await scene.commit(beginSuspension({ ...(await scene.asleep()), reminded: [7, 3, 1] }, scene.context()))
    expect(await scene.askToWake()).toBe('in-operation')
    await suspendDueSite(scene.ports, await scene.attempt())
    const site = await scene.record()
    expect(site).toMatchObject({ status: 'suspended', suspendedBecause: 'trial-ended' })
    expect(site).not.toHaveProperty('asleepSince')
    await scene.stop()
    await scene.finish()
    expect(scene.calls).toEqual(['remove'])
    expect(plusDays(scene.site.trialEndsAt, 1) < scene.now()).toBe(true)
  })

  it('is copied without a pause and sleeps on', async () => {
    const scene = await asleepScene()
    await scene.commit(beginCopy(await scene.asleep(), scene.context()))
    const attempt = await scene.attempt()
    for (const task of [pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy, recordOwnerCopy]) {
      await task(scene.ports, attempt)
    }
    const site = await scene.asleep()
    expect(site.archives[0]).toMatchObject({ kind: 'owner' })
    expect(site.archives[0]).not.toHaveProperty('pausedMilliseconds')
    expect(site.operation).toBeUndefined()
    expect(scene.calls).not.toContain('start')
  })

  it('wakes after a copy during which somebody asked for it', async () => {
    const scene = await asleepScene()
    await scene.commit(beginCopy(await scene.asleep(), scene.context()))
    const attempt = attemptAt(await scene.record())
    await pauseSite(scene.ports, attempt)
    expect(await scene.askToWake()).toBe('after-copy')
    const { version } = await scene.record()
    expect(await scene.askToWake()).toBe('after-copy')
    expect((await scene.record()).version).toBe(version)
    for (const task of [stopSite, copyData, startPaused, unpauseSite, verifyCopy]) await task(scene.ports, attempt)
    expect(scene.isRunning()).toBe(false)
    await recordOwnerCopy(scene.ports, attempt)
    expect(scene.started).toEqual([`wake-site-${scene.site.id}-${version + 1}-1`])
    await scene.wake()
    expect(await scene.record()).toMatchObject({ status: 'active', archives: [{ kind: 'owner' }] })
  })
  it.each(['the workflow', 'a sweep'])(
    'wakes if somebody asked for it during a copy that fails, ended by %s',
    async (by) => {
      const scene = await asleepScene()
      await scene.commit(beginCopy(await scene.asleep(), scene.context()))
      expect(await scene.askToWake()).toBe('after-copy')
      if (by === 'the workflow') await scene.fail('ArchivingFailed')
      else {
        const ending = { outcome: 'failed', because: 'ArchivingFailed' } as const
        await scene.commit(abortOperation((await scene.asleep()) as SiteUnder<'copy'>, ending, scene.context()))
        scene.wait(60_000)
        await healOperations({ ...scene.ports, workflows: ended }, 'tick')
      }
      expect(await scene.asleep()).toMatchObject({ operation: { kind: 'wake', fence: 1 }, archives: [] })
      await healOperations(scene.ports, 'tick')
      expect(scene.started).toEqual([expect.stringMatching(/^wake-site-/)])
      await scene.wake()
      expect(await scene.record()).toMatchObject({ status: 'active' })
    },
  )
})
