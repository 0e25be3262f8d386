import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../../../core/errors.ts'
import type { ContainerLog } from '../../../../core/ports/runtime.ts'
import type { Site } from '../../../../core/site/site.ts'
import { readLogs } from '../../../../lambdas/sites/logs/api.ts'
import { plainSecrets } from '../../../support/plain-secrets.ts'
import { siteSamples } from '../../../support/site-samples.ts'

const site = { id: 'site_01jq3v5k8m0000000000000000', blueprint: { name: 'shop', version: 1 } } as unknown as Site

const portsOf = (fields: object = {}) => {
  const asked: object[] = []
  const blueprint = parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: [{ name: 'web', image: 'shop:1', secrets: ['KEY'] }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...fields,
    },
    'shop.yaml',
  )
  const runtime = {
    readLogs: async (_: object, after: Readonly<Record<string, string>>): Promise<readonly ContainerLog[]> => {
      asked.push(after)
      if (after['web'] === 'forged') throw new SitewrightError('LaunchFailed', 'no such token')
      return [
        {
          container: 'web',
          lines: ['KEY=value-of-KEY', 'admin value-of-SITEWRIGHT_ONE_TIME_PASSWORD'],
          position: `${asked.length}`,
        },
      ]
    },
  }
  const blueprints = {
    get: async () => blueprint,
    latest: async () => blueprint,
    status: async () => undefined,
    versions: async () => [],
  }
  return { asked, blueprints, runtime, ...plainSecrets(async (_: string, name: string) => `value-of-${name}`) }
}

const cursorOf = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('reading the output of a site', () => {
  it('continues where the last answer ended, without secrets', async () => {
    const ports = portsOf({ handOver: { hook: { path: '/owner' } } })
    const first = await readLogs(ports, site, { after: undefined, reader: 'operator' })
    expect(first.containers).toEqual([{ container: 'web', lines: ['KEY=…', 'admin …'] }])
    await readLogs(ports, site, { after: first.cursor, reader: 'operator' })
    expect(ports.asked).toEqual([{}, { web: '1' }])
  })

  const other = { blueprint: { name: 'former', version: 1 } }
  it.each([
    ['the side that a relocation left', { relocation: { target: {}, switched: { back: other } } }],
    ['the target of a relocation, whose switch may have failed', { relocation: { target: other } }],
    ['the target of an upgrade', { operation: { kind: 'upgrade', target: other } }],
  ])('hides secrets of %s, whose output the platform may keep', async (_, more) => {
    const [ports, former] = [portsOf({ containers: [{ name: 'web', image: 'shop:1' }] }), portsOf()]
    const blueprints = {
      ...ports.blueprints,
      get: async (name: string) => (name === 'former' ? former : ports).blueprints.latest(),
    }
    const relocated = { ...siteSamples.active, ...more } as unknown as Site
    const { containers } = await readLogs({ ...ports, blueprints }, relocated, { after: undefined, reader: 'operator' })
    expect(containers[0]?.lines[0]).toBe('KEY=…')
  })

  it('is for owners only where the blueprint says so', async () => {
    const asOwner = { after: undefined, reader: 'owner' } as const
    await expect(readLogs(portsOf(), site, asOwner)).rejects.toMatchObject({ kind: 'NotFound' })
    expect((await readLogs(portsOf({ logs: 'owner' }), site, asOwner)).containers).toHaveLength(1)
  })

  it('has nothing to show of a draft that a newer one replaced', async () => {
    const failed: Site = { ...siteSamples.failed, draft: 1 }
    const answer = await readLogs(portsOf(), failed, { after: undefined, reader: 'operator' })
    expect(answer.containers).toEqual([])
    expect(await readLogs(portsOf(), failed, { after: answer.cursor, reader: 'operator' })).toEqual(answer)
  })

  it.each(['none', cursorOf([]), cursorOf({ web: 1 }), cursorOf({ web: 'forged' })])(
    'refuses the cursor %s',
    async (after) => {
      await expect(readLogs(portsOf(), site, { after, reader: 'operator' })).rejects.toMatchObject({
        kind: 'InvalidRequest',
        fields: [{ path: 'after', message: 'is not valid' }],
      })
    },
  )
})
