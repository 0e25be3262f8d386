import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pathInSnapshot } from '../../../adapters/processes/snapshots.ts'
import { ownBlueprint, siteOfOwnBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { ownVersion } from '../../../lambdas/deployments/own-version.ts'

const siteId = 'site_01jq3v5k8m0000000000000001'
const digest = `@sha256:${'a'.repeat(64)}`

const deployed = (
  image: string,
  { images = {}, snapshot }: { images?: Record<string, string>; snapshot?: string } = {},
) =>
  ownVersion(
    {
      name: 'shop',
      title: 'Shop',
      containers: [{ name: 'web', image, process: { directory: '.', command: ['node', 'server.js'] } }],
      traffic: { container: 'web', healthPath: '/' },
      data: { mode: 'exclusive' },
    },
    { siteId, version: 3, images, snapshot },
  )

describe('a version of a site’s own software', () => {
  it('runs as a plain process from a snapshot alone', () => {
    expect(deployed('docker.io/library/node:24', { snapshot: 'a'.repeat(32) }).containers[0]).toHaveProperty('process')
    expect(deployed(`docker.io/library/node${digest}`).containers[0]).not.toHaveProperty('process')
  })

  it.each([
    'localhost/own/site-01jq3v5k8m0000000000000002/web',
    'localhost:4000/own/other',
    '127.0.0.1:4000/own/other',
    '123456789012.dkr.ecr.eu-central-1.amazonaws.com/sitewright-production/own/site-other',
    '123456789012.dkr-ecr.eu-central-1.on.aws/sitewright-production/custom',
  ])('may not name what this installation keeps: %s', (image) => {
    expect(() => deployed(`${image}${digest}`)).toThrow('push an image of your own instead')
    // What was pushed for the site replaces the name.
    expect(() => deployed(`${image}${digest}`, { images: { web: `sha256:${'b'.repeat(64)}` } })).not.toThrow()
  })

  it('belongs to its site', () => {
    expect(siteOfOwnBlueprint(ownBlueprint(siteId))).toBe(siteId)
    for (const name of ['site-builder', 'welcome', siteId]) expect(siteOfOwnBlueprint(name)).toBeUndefined()
  })
})

describe('the files of a plain process', () => {
  const home = join('/', 'home')

  it('are below the snapshots of its site', () => {
    const within = join('snapshots', siteId, 'a'.repeat(32), 'files')
    expect(pathInSnapshot(home, siteId, within)).toBe(join(home, within))
    const others = [
      '.',
      '../x',
      'run',
      join('snapshots', siteId),
      join('snapshots', `${siteId}x`, 'files'),
      join(within, '../../../../db'),
    ]
    for (const path of others)
      expect(() => pathInSnapshot(home, siteId, path)).toThrow('was not deployed from this machine')
  })
})
