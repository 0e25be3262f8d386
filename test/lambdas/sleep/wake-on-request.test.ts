import { describe, expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { Site } from '../../../core/site/site.ts'
import { type SleepPolicy, sleepPolicySchema, wakeAnswerSchema } from '../../../lambdas/sleep/sleep-policy.ts'
import { wakeOnRequest } from '../../../lambdas/sleep/wake-site.ts'
import { countedWindows } from '../../support/counted-windows.ts'
import { reclaimScene } from '../../support/reclaim-scene.ts'
import { siteSamples } from '../../support/site-samples.ts'

const few: SleepPolicy['wakes'] = {
  client: [{ limit: 2, minutes: 10 }],
  site: [{ limit: 4, minutes: 60 }],
  everyone: [{ limit: 6, minutes: 1 }],
  button: [{ limit: 1, minutes: 1 }],
  buttonOfClient: [{ limit: 2, minutes: 10 }],
}

/** Sites that sleep again as soon as they were woken. */
const scene = async () => {
  const { ports } = await reclaimScene()
  const { operation: _, ...asleep } = siteSamples.asleep
  const played = {
    site: asleep as Site | undefined,
    woken: [] as string[],
    now: '2026-03-01T12:00:00.000Z',
    hasRoom: true,
  }
  const wake = async (siteId: SiteId, client: string | undefined, isDeliberate = false) => {
    const call = JSON.parse(JSON.stringify({ siteId, client, isDeliberate }))
    return wakeAnswerSchema.parse(await wakeOnRequest(given, call, 'request'))
  }
  const given = {
    ...ports,
    clocks: { domain: () => played.now, wall: () => played.now },
    rateWindows: countedWindows(),
    makeRoom: async () => played.hasRoom,
    sleep: { ...sleepPolicySchema.parse({}), wakes: few },
    sites: {
      get: async (id: SiteId) => played.site && { ...played.site, id },
      commit: async ({ after }: { after: Site }) => {
        played.woken.push(after.id)
        return { done: true } as const
      },
    },
  }
  return { played, wake, one: siteSamples.asleep.id, other: 'site_01jq3v5k8m0000000000000009' as const }
}

const limited = { outcome: 'limited', retryAfterSeconds: expect.any(Number) }

describe('a wake on request', () => {
  it('wakes a site that sleeps', async () => {
    const { played, wake, one } = await scene()
    expect(await wake(one, 'a')).toEqual({ outcome: 'waking' })
    expect(played.woken).toEqual([one])
  })

  it.each(['active', 'suspended', 'archived', 'purged', 'ready', 'building', 'failed'] as const)(
    'changes no site that is %s',
    async (status) => {
      const { played, wake, one } = await scene()
      played.site = siteSamples[status]
      expect(await wake(one, 'a')).toEqual({ outcome: status === 'active' ? 'waking' : 'refused' })
      played.site = undefined
      expect(await wake(one, 'a')).toEqual({ outcome: 'refused' })
      expect(played.woken).toEqual([])
    },
  )

  it('counts nothing for a site that wakes already', async () => {
    const { played, wake, one } = await scene()
    const at = played.now
    played.site = {
      ...siteSamples.asleep,
      operation: { id: 'op', kind: 'wake', fence: 1, startedAt: at, requestedAt: at },
    }
    for (let visit = 0; visit < 20; visit += 1) expect(await wake(one, 'a')).toEqual({ outcome: 'waking' })
    expect(played.woken).toEqual([])
  })

  it('counts nothing if another operation decides, or while a copy that it waits for continues', async () => {
    const { played, wake, one } = await scene()
    const started = { id: 'op', fence: 1, startedAt: played.now } as const
    const operations = [
      [{ ...started, kind: 'suspend' }, 'refused'],
      [{ ...started, kind: 'copy', wakeRequestedAt: played.now }, 'waking'],
    ] as const
    for (const [operation, outcome] of operations) {
      played.site = { ...siteSamples.asleep, operation } as Site
      for (let visit = 0; visit < 5; visit += 1) expect(await wake(one, 'a')).toEqual({ outcome })
    }
    expect(played.woken).toEqual([])
    const { operation: _, ...asleep } = siteSamples.asleep
    played.site = asleep
    expect(await wake(one, 'a')).toEqual({ outcome: 'waking' })
  })

  it('is limited for a client, whose refused wakes count for nobody else', async () => {
    const { wake, one, other } = await scene()
    await wake(one, 'a')
    await wake(one, 'a')
    for (let visit = 0; visit < 20; visit += 1) expect(await wake(other, 'a')).toEqual(limited)
    expect(await wake(other, 'b')).toEqual({ outcome: 'waking' })
  })

  it('is limited for a site and for all, also for clients that nobody knows', async () => {
    const { played, wake, one, other } = await scene()
    for (let visit = 0; visit < 6; visit += 1) await wake(one, undefined)
    expect(played.woken).toHaveLength(4)
    for (let visit = 0; visit < 6; visit += 1) await wake(other, undefined)
    expect(played.woken).toHaveLength(6)
    played.now = plusMilliseconds(played.now, 60_000)
    expect(await wake(other, 'b')).toEqual({ outcome: 'waking' })
  })

  it('is limited also where many come at the same moment', async () => {
    const { played, wake, one } = await scene()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, number) => wake(one, `client-${number}`)))
    expect(played.woken).toHaveLength(4)
    expect(answers.filter(({ outcome }) => outcome === 'limited')).toHaveLength(16)
  })

  it('by a button has a limit of its own', async () => {
    const { wake, one, other } = await scene()
    for (let visit = 0; visit < 10; visit += 1) await wake(one, undefined)
    expect(await wake(one, 'a', true)).toEqual({ outcome: 'waking' })
    expect(await wake(one, 'a', true)).toEqual({ outcome: 'limited', retryAfterSeconds: 60 })
    expect(await wake(other, 'a', true)).toEqual({ outcome: 'waking' })
  })

  it('by a button is limited for a client and for all, apart from other wakes', async () => {
    const { played, wake, one } = await scene()
    const at = (number: number) => `site_01jq3v5k8m000000000000001${number}` as const
    for (let site = 0; site < 4; site += 1) await wake(at(site), 'a', true)
    expect(played.woken).toEqual([at(0), at(1)])
    for (let site = 2; site < 9; site += 1) await wake(at(site), undefined, true)
    expect(played.woken).toHaveLength(6)
    expect(await wake(one, 'b')).toEqual({ outcome: 'waking' })
  })

  it('says so if memory is short and nothing else can sleep', async () => {
    const { played, wake, one } = await scene()
    played.hasRoom = false
    for (let visit = 0; visit < 5; visit += 1) expect(await wake(one, 'a')).toEqual({ outcome: 'no-memory' })
    expect(played.woken).toEqual([])
    played.hasRoom = true
    expect(await wake(one, 'a')).toEqual({ outcome: 'waking' })
  })

  it('of a call that is not valid fails', async () => {
    const { wake } = await scene()
    await expect(wake('nothing' as SiteId, 'a')).rejects.toThrow()
  })
})
