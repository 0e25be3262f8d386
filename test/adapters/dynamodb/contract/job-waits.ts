import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRandomness } from '../../../../adapters/randomness.ts'
import type { SiteId } from '../../../../core/ids.ts'
import type { JobWait, JobWaits } from '../../../../lambdas/endings/copy/run-archive-job.ts'
import { createJobWaits, jobWaitKey } from '../../../../lambdas/endings/store.ts'
import { type OpenTestStore, storedItem, type TestStore } from '../test-store.ts'

const notedAt = '2026-03-01T12:00:00.000Z'

export const jobWaits = (open: OpenTestStore): void => {
  describe('waits for jobs', () => {
    const randomness = createRandomness()
    let store: TestStore
    let waits: JobWaits
    beforeAll(async () => {
      store = await open()
      waits = createJobWaits({ client: store.document, tables: store.tables })
    })
    afterAll(() => store?.close())

    const waitOf = (siteId: SiteId, token: string, fence = 1): JobWait => ({
      attempt: { siteId, operationId: `archive-site-${siteId}-3`, fence },
      token,
      jobs: [{ kind: 'release', id: 'a-job', siteId, home: { siteId, cell: 'local', generation: 1 } }],
      notedAt,
    })
    const all = async (siteId?: SiteId): Promise<JobWait[]> => {
      const found: JobWait[] = []
      for await (const wait of waits.list(siteId)) found.push(wait)
      return found
    }

    test('are listed by site and together, one for each attempt', async () => {
      const [one, other] = [randomness.id('site'), randomness.id('site')]
      const noted = [waitOf(one, 'a'), waitOf(one, 'b', 2), waitOf(other, 'c')]
      for (const wait of noted) await waits.note(wait)
      expect(await all(one)).toEqual([noted[0], noted[1]])
      expect(await all()).toEqual(expect.arrayContaining(noted))
    })

    test('replace what the same attempt waited for before', async () => {
      const siteId = randomness.id('site')
      await waits.note(waitOf(siteId, 'a'))
      await waits.note({ ...waitOf(siteId, 'b'), jobs: [] })
      expect(await all(siteId)).toEqual([{ ...waitOf(siteId, 'b'), jobs: [] }])
    })

    test('are removed with their own token alone, and once', async () => {
      const siteId = randomness.id('site')
      await waits.note(waitOf(siteId, 'b'))
      await waits.remove(waitOf(siteId, 'a'))
      expect(await all(siteId)).toHaveLength(1)
      await waits.remove(waitOf(siteId, 'b'))
      await waits.remove(waitOf(siteId, 'b'))
      expect(await all(siteId)).toEqual([])
    })

    test('expire after the execution that waits must have ended', async () => {
      const wait = waitOf(randomness.id('site'), 'a')
      await waits.note(wait)
      const { expiresAt } = (await storedItem(store, jobWaitKey(wait.attempt), store.tables.short)) ?? {}
      expect(Number(expiresAt) * 1000).toBeGreaterThan(Date.parse(notedAt) + 86_400_000)
    })
  })
}
