import { expect, it } from 'vitest'
import type { SiteStore } from '../../core/ports/stores.ts'
import { beginCopy } from '../../lambdas/endings/copy/take-copy.ts'
import { tellOfChanges } from '../../local/open-store.ts'
import { fixedContext } from '../support/fixed-ports.ts'
import { siteSamples } from '../support/site-samples.ts'

const change = beginCopy(siteSamples.active, fixedContext())

const told = async (commit: SiteStore['commit']) => {
  const changed: string[] = []
  const result = await tellOfChanges(
    commit,
    (siteId) => void changed.push(siteId),
  )(change).catch((error: unknown) => error)
  return { changed, result }
}

it('says of a change that there was one, after it was written', async () => {
  const seen: string[] = []
  const commit = tellOfChanges(
    async () => {
      seen.push('written')
      return { done: true }
    },
    (siteId) => void seen.push(siteId),
  )
  expect(await commit(change)).toEqual({ done: true })
  expect(seen).toEqual(['written', change.after.id])
})

it('says so, too, where nobody knows what came of it', async () => {
  const lost = new Error('the reply was lost')
  expect(await told(() => Promise.reject(lost))).toEqual({ changed: [change.after.id], result: lost })
})
