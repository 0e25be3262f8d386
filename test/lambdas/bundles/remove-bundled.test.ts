import { expect, it } from 'vitest'
import type { SiteStatus } from '../../../core/site/site.ts'
import { type RemoveBundledPorts, removeBundled } from '../../../lambdas/bundles/remove-bundled.ts'

const siteId = 'site_01jq3v5k8m0000000000000001'
const original = (status: SiteStatus, more: object = {}) => ({ id: siteId, status, ...more })
const rehearsal = (status: SiteStatus, number = 2) => ({ ...original(status), id: number, rehearsalOf: { siteId } })
const notBuilt = original('failed', { imported: {} })
const all = ['secrets', 'archive']

it.each<[string, object, (object | undefined)[], readonly { status: SiteStatus }[], readonly string[]]>([
  ['everything of a rehearsal', rehearsal('purged'), [], [rehearsal('active')], all],
  ['everything of a rehearsal whose site could not be built', rehearsal('purged'), [notBuilt, notBuilt], [], all],
  ['everything of a site that could not be built', notBuilt, [notBuilt, notBuilt], [], all],
  ['nothing of a site that was not imported', original('failed'), [], [], []],
  ['nothing where the site is here', rehearsal('purged'), [original('active')], [], []],
  ['nothing where the site has come meanwhile', rehearsal('purged'), [undefined, original('building')], [], []],
  ['nothing where another rehearsal is built', rehearsal('purged'), [], [rehearsal('building', 3)], []],
  ['nothing where another rehearsal runs', rehearsal('purged'), [], [rehearsal('active', 3)], []],
  ['nothing where another rehearsal sleeps', rehearsal('purged'), [], [rehearsal('asleep', 3)], []],
])('removes %s', async (_, ended, reads, here, removed) => {
  const done: string[] = []
  const ports = {
    sites: {
      get: async () => reads.shift(),
      listByStatus: async function* (status: SiteStatus) {
        yield* here.filter((one) => one.status === status)
      },
    },
    archives: {
      list: async function* (key: string) {
        yield { key }
      },
      remove: async () => void done.push('archive'),
    },
    configurations: { erase: async () => void done.push('secrets') },
  } as unknown as RemoveBundledPorts
  await removeBundled(ports, ended as never)
  expect(done).toEqual(removed)
})
