import { describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { placeOf } from '../../../core/site/location.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { healOperations } from '../../../lambdas/sites/heal-work.ts'
import { removeStray } from '../../../lambdas/sites/run/reconcile-sites.ts'
import { putToSleep } from '../../../lambdas/sleep/sleep-site.ts'
import { attemptAt } from '../../support/reclaim-scene.ts'
import { sleepScene } from './sleep-scene.ts'

const superseded = expect.objectContaining({ name: 'OperationSuperseded' })

describe('a site that nobody uses', () => {
  it('keeps everything but its compute', async () => {
    const scene = await sleepScene()
    scene.outside.write(scene.site)
    const { endpoint: _, size: __, ...kept } = scene.site
    await scene.sleep()
    expect(await scene.record()).toEqual({
      ...kept,
      status: 'asleep',
      version: scene.site.version + 3,
      asleepSince: expect.any(String),
    })
    expect(scene.isRunning()).toBe(false)
    expect(scene.outside.violations).toEqual([])
  })

  it('has no address before it is stopped', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    expect(await scene.record()).toMatchObject({ status: 'active', endpoint: scene.site.endpoint })
    await scene.fallAsleep()
    expect(await scene.record()).toMatchObject({ status: 'asleep', operation: { leaving: scene.site.endpoint } })
    expect(await scene.record()).not.toHaveProperty('endpoint')
    expect(scene.isRunning()).toBe(true)
  })

  it('is put to sleep once, however often that is asked', async () => {
    const scene = await sleepScene()
    expect(await scene.askToSleep()).toBe('begun')
    expect(await scene.askToSleep()).toBe('in-operation')
    await scene.fallAsleep()
    expect(await scene.askToSleep()).toBe('not-active')
    expect(scene.started).toEqual([`sleep-site-${scene.site.id}-${scene.site.version + 1}-1`])
  })

  it('is not put to sleep during another operation', async () => {
    const scene = await sleepScene()
    await scene.commit(beginCopy(scene.site, scene.context()))
    expect(await scene.askToSleep()).toBe('in-operation')
    expect(scene.started).toEqual([])
  })

  it('may finish requests that were admitted', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    scene.use.open.push(0, 1, 1, 0, 0)
    await scene.fallAsleep()
    expect(scene.use.open).toEqual([])
  })

  it('is stopped by a sweep if its operation is lost, and by another one if something started it again', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    await scene.fallAsleep()
    scene.wait(60_000)
    scene.started.length = 0
    await healOperations(scene.ports, 'tick')
    expect(scene.started).toHaveLength(1)
    await scene.stop()
    await scene.finish()
    await scene.outside.runtime.start({ siteId: scene.site.id, cell: scene.site.cell, generation: 1 } as never)
    await removeStray(scene.ports, placeOf(scene.site))
    expect(scene.isRunning()).toBe(false)
  })
})

it('is stopped as a stray a minute after its sleep began, and not while it waits for requests', async () => {
  const scene = await sleepScene()
  await scene.askToSleep()
  await scene.fallAsleep()
  await removeStray(scene.ports, placeOf(scene.site))
  expect(scene.isRunning()).toBe(true)
  scene.wait(61_000)
  await removeStray(scene.ports, placeOf(scene.site))
  expect(scene.isRunning()).toBe(false)
})

describe('a site that is used again', () => {
  it.each([
    ['was used since the request', { last: 1, open: [] }],
    ['has an open request', { last: undefined, open: [1] }],
  ])('keeps running if it %s', async (_, { last, open }) => {
    const scene = await sleepScene()
    await scene.askToSleep()
    scene.use.last = last === undefined ? undefined : plusMilliseconds(scene.now(), last)
    scene.use.open.push(...open)
    await expect(scene.fallAsleep()).rejects.toThrow(superseded)
    const { operation: __, ...site } = (await scene.record()) as ActiveSite
    expect(site).toEqual({ ...scene.site, version: scene.site.version + 2 })
    expect(scene.isRunning()).toBe(true)
  })

  it.each([0, 20])(
    'keeps running if it was used %i ms after its last use was read, before the request',
    async (after) => {
      const scene = await sleepScene()
      const since = plusMilliseconds(scene.now(), -50)
      scene.use.last = plusMilliseconds(since, after)
      await scene.askToSleep(since)
      await expect(scene.fallAsleep()).rejects.toThrow(superseded)
      expect(await scene.record()).toMatchObject({ status: 'active' })
    },
  )

  it.each([
    ['is stored', { last: 1, open: [] }],
    ['is still open', { last: undefined, open: [0, ...Array<number>(1300).fill(1)] }],
  ])(
    'wakes without being stopped if a request came while it fell asleep and %s after it',
    async (_, { last, open }) => {
      const scene = await sleepScene()
      await scene.askToSleep()
      scene.use.open.push(...open)
      scene.ports.openRequests.at = async () => {
        if (last !== undefined) scene.use.last = plusMilliseconds(scene.now(), last)
        return scene.use.open.shift() ?? 0
      }
      await expect(scene.fallAsleep()).rejects.toThrow(superseded)
      expect(await scene.record()).toMatchObject({ status: 'asleep', operation: { kind: 'wake' } })
      expect(scene.started.at(-1)).toMatch(/^wake-site-/)
      await scene.wake()
      expect(await scene.record()).toMatchObject({ status: 'active', endpoint: scene.site.endpoint })
      expect(scene.calls).toEqual([])
    },
  )

  it('falls asleep if its last use was before the request', async () => {
    const scene = await sleepScene()
    scene.use.last = plusMilliseconds(scene.now(), -1)
    await scene.sleep()
    expect(await scene.record()).toMatchObject({ status: 'asleep' })
  })
})

describe('a sleep that fails', () => {
  it('leaves the site running and its deadlines as they were', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    await scene.fail('States.Timeout')
    expect(await scene.record()).toEqual({ ...scene.site, version: scene.site.version + 3 })
  })

  it('is continued once it is committed', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    await scene.fallAsleep()
    await expect(scene.fail('RuntimeUnavailable')).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await scene.record()).toMatchObject({ status: 'asleep', operation: { kind: 'sleep' } })
  })

  it('does not stop a site with an attempt that was superseded', async () => {
    const scene = await sleepScene()
    await scene.askToSleep()
    const attempt = attemptAt(await scene.record())
    await expect(putToSleep(scene.ports, { ...attempt, fence: attempt.fence + 1 })).rejects.toThrow(superseded)
  })
})
