import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SiteId } from '../../../../core/ids.ts'
import { plusMilliseconds } from '../../../../core/instant.ts'
import { type FailureEvidence, maxFailures } from '../../../../lambdas/sites/evidence/evidence.ts'
import type { EvidenceStore } from '../../../../lambdas/sites/evidence/ports.ts'
import { createEvidenceStore } from '../../../../lambdas/sites/store.ts'
import { now, randomness } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

export const evidence = (open: OpenTestStore): void => {
  describe('the evidence of failures', () => {
    let store: TestStore
    let failures: EvidenceStore
    beforeAll(async () => {
      store = await open()
      failures = createEvidenceStore({ client: store.document, tables: store.tables })
    })
    afterAll(() => store?.close())

    const failure = (siteId: SiteId, number: number, attempt = number): FailureEvidence => ({
      schemaVersion: 1,
      id: `provision-${siteId}-${attempt}`,
      siteId,
      at: plusMilliseconds(now, number * 1000),
      during: 'build',
      error: 'LaunchFailed',
      cause: 'crash',
      detail: 'The container web ended with 1.',
      blueprint: { name: 'welcome', version: 1 },
      healthPath: '/health',
      observation: { containers: [{ name: 'web', isRunning: false, ends: 3, lines: ['no'] }] },
    })
    const idsOf = (listed: readonly { readonly id: string }[]) => listed.map(({ id }) => id)

    test('is listed by site, and in short for all sites, newest first', async () => {
      const [one, other] = [randomness.id('site'), randomness.id('site')]
      for (const made of [failure(one, 1), failure(other, 2), failure(one, 3)]) await failures.keep(made)
      expect(await failures.list(one)).toEqual([failure(one, 3), failure(one, 1)])
      const { healthPath: _, observation: __, ...summary } = failure(one, 3)
      const recent = await failures.recent(3)
      expect(recent[0]).toEqual(summary)
      expect(idsOf(recent)).toEqual(idsOf([failure(one, 3), failure(other, 2), failure(one, 1)]))
      expect(await failures.recent(1)).toHaveLength(1)
      await failures.erase(one)
      await failures.erase(other)
      expect(await failures.list(one)).toEqual([])
      expect(await failures.recent(5)).toEqual([])
    })

    test('may have text that was cut within a character', async () => {
      const siteId = randomness.id('site')
      await failures.keep({ ...failure(siteId, 1), detail: `${'🚀'.slice(0, 1)} and ${String.raw`\ud83d`}` })
      expect(await failures.list(siteId)).toMatchObject([{ detail: `\u{fffd} and ${String.raw`\ud83d`}` }])
      await failures.erase(siteId)
    })

    test('of a repeated attempt is listed once, and the oldest of a site make room', async () => {
      const site = randomness.id('site')
      await failures.keep(failure(site, 1))
      await failures.keep(failure(site, 2, 1))
      expect(await failures.recent(5)).toHaveLength(1)
      expect((await failures.recent(5))[0]?.at).toBe(failure(site, 2).at)
      for (let number = 3; number < maxFailures + 5; number += 1) await failures.keep(failure(site, number))
      expect(await failures.list(site)).toHaveLength(maxFailures)
      expect(idsOf(await failures.recent(100))).toEqual(idsOf(await failures.list(site)))
      await failures.erase(site)
      expect(await failures.recent(5)).toEqual([])
    })
  })
}
