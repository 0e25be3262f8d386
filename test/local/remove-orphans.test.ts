import { describe, expect, it } from 'vitest'
import type { SiteId } from '../../core/ids.ts'
import type { SitePlace } from '../../core/site/location.ts'
import { removeOrphans } from '../../local/choose-runtime.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { siteSamples } from '../support/site-samples.ts'

const stranger: SiteId = 'site_01jq3v5k8m00000000000zzzzz'
const known = siteSamples.suspended

const played = (ids: readonly SiteId[], refuses: readonly SiteId[] = []) => {
  const running = new Set(ids)
  const log = recordingLog()
  const ports = {
    log,
    sites: { get: async (id: SiteId) => (id === known.id ? known : undefined) },
    runtime: {
      list: async () => [...running].map((siteId) => ({ siteId, cell: 'local', state: 'running' as const })),
      remove: async ({ siteId }: SitePlace) => {
        if (refuses.includes(siteId)) throw new Error('the engine is away')
        running.delete(siteId)
      },
    },
  }
  return { ports, running, log }
}

describe('what an earlier host left running', () => {
  it('is removed where its site has no record; of others the sweep decides', async () => {
    const { ports, running, log } = played([stranger, known.id])
    await removeOrphans(ports)
    expect([...running]).toEqual([known.id])
    expect(log.lines).toMatchObject([{ level: 'warn', fields: { siteId: stranger } }])
  })

  it('does not block the start where it cannot be removed', async () => {
    const { ports, running } = played([stranger], [stranger])
    await removeOrphans(ports)
    expect(running.size).toBe(1)
  })
})
