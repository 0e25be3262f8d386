import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { requirePublishable } from '../../../lambdas/blueprints/require-publishable.ts'
import config from '../../../sitewright.config.ts'

const { plans } = config
const blueprintOf = (container: object, more: object = {}) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 2,
      title: 'Shop',
      access: 'public',
      containers: [{ name: 'web', image: 'shop:1', ...container }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...more,
    },
    'shop.yaml',
  )

const publish =
  (container: object, more: object = {}) =>
  () =>
    requirePublishable(blueprintOf(container, more), plans)

describe('a blueprint to publish', () => {
  it('may interpolate features of any plan', () => {
    expect(publish({ environment: { A: '${feature.customCode}' } })).not.toThrow()
  })

  it('is refused with a line for each mistake', () => {
    expect(publish({ environment: { A: '${ONE}', HOST: 'x' }, command: ['$TWO'] })).toThrow(
      /^Blueprint 'shop' version 2 cannot be published:\n {2}containers\.0\.HOST: is set by Sitewright\n {2}containers\.0\.environment\.A: there is no \$\{ONE\}.*\n {2}containers\.0\.command\.0: \$TWO stays/,
    )
  })

  it('names each variable once, and none of ours for its command', () => {
    expect(publish({ environment: { KEY: '${secret.KEY}' }, secrets: ['KEY'] })).not.toThrow()
    expect(publish({ environment: { KEY: 'x' }, secrets: ['KEY'] })).toThrow(
      'containers.0.secrets.KEY: is in `environment` too',
    )
    const task = {
      command: ['shop', 'admin'],
      environment: { PORT: '1', SITEWRIGHT_SITE_ID: 'x', EMAIL: '${OWNER_EMAIL}' },
    }
    expect(publish({}, { handOver: { task } })).toThrow(
      /:\n {2}handOver\.task\.environment\.PORT: is set by Sitewright\n {2}handOver\.task\.environment\.SITEWRIGHT_SITE_ID: is set by Sitewright$/,
    )
  })

  it('shows its owner a user of known variables only', () => {
    const shown = (user: string) =>
      publish({ secrets: ['TOKEN'] }, { credentials: [{ name: 'TOKEN', label: 'Token', user }] })
    expect(shown('admin of ${OWNER_EMAIL}')).not.toThrow()
    expect(shown('${SITE_URL}')).toThrow('credentials.0.user: there is no ${SITE_URL}; there are: OWNER_EMAIL')
  })

  it('has at most 16 KiB of files', () => {
    expect(publish({ files: { a: 'é'.repeat(4096), b: 'x'.repeat(8192) } })).not.toThrow()
    expect(publish({ files: { a: 'é'.repeat(4096), b: 'x'.repeat(8193) } })).toThrow(
      'at most 16384 bytes; these have 16385',
    )
  })

  it('fits into every plan', () => {
    const { memoryMiB, processes } = plans[0]!.size
    expect(publish({}, { needs: { memoryMiB, threads: processes } })).not.toThrow()
    expect(publish({}, { needs: { memoryMiB: memoryMiB + 1 } })).toThrow(
      `needs.memoryMiB: the plan 'trial' has only ${memoryMiB}; it needs ${memoryMiB + 1}`,
    )
    expect(publish({}, { needs: { threads: processes + 1 } })).toThrow(`needs.threads: the plan 'trial' has only`)
  })

  it.each([
    ['/tmp', '/tmp'],
    ['/data/cache', '/data'],
    ['/run', '/run/sitewright/files'],
    ['/var/lib', '/var/lib/x'],
  ])('has no scratch directory %s, because of %s', (path, other) => {
    expect(publish({ writable: ['/var/cache', path, '/var/lib/x'] })).toThrow(`${path} and ${other} must be apart`)
    expect(publish({ writable: ['/var/cache', '/var/lib/x', '/database'] })).not.toThrow()
  })

  it.each(['/var/lib/../../tmp', '/var/..', '/var//lib', '/./tmp'])(
    'has no path that means another one, as %s',
    (path) => {
      expect(publish({ writable: [path] })).toThrow(`writable.0: ${path} must have no empty parts`)
      expect(publish({}, { data: { directory: path, mode: 'shared' } })).toThrow(`data.directory: ${path} must have no`)
    },
  )

  it('stores its data neither in scratch nor where its files are', () => {
    const storeAt = (directory: string) => publish({}, { data: { directory, mode: 'shared' } })
    expect(storeAt('/tmp/data')).toThrow('data.directory: /tmp/data and /tmp must be apart')
    expect(storeAt('/run')).toThrow('data.directory: /run and /run/sitewright/files must be apart')
    expect(storeAt('/var/lib/shop..d')).not.toThrow()
  })

  it('keeps its mounts apart from each other, from scratch and from the data directory', () => {
    const publishAt = (...paths: string[]) =>
      publish({ writable: ['/var/cache'], mounts: paths.map((path) => ({ path, directory: 'app' })) })
    expect(publishAt('/var/lib/app', '/srv/app')).not.toThrow()
    for (const path of ['/data/app', '/var/cache/app', '/srv']) {
      expect(publishAt(path, '/srv/app')).toThrow(`mounts.0: ${path} and`)
    }
    expect(publish({ mounts: [{ path: '/srv/app', directory: '../etc' }] })).toThrow('must be letters')
  })

  it('gives its data another owner only in a version that migrates it', () => {
    const mode = 'exclusive'
    const before = blueprintOf({}, { version: 1, data: { mode, owner: { uid: 1000, gid: 1000 } } })
    const next = (uid: number, migrates: boolean) => () =>
      requirePublishable(
        blueprintOf({}, { data: { mode, owner: { uid, gid: 1000 } }, release: { migrates } }),
        plans,
        before,
      )
    expect(next(1000, false)).not.toThrow()
    expect(next(999, true)).not.toThrow()
    expect(next(999, false)).toThrow('data.owner: differs from version 1')
    expect(next(0, true)).toThrow('data.owner.uid: must not be root')
  })

  it('learns of a custom domain in a way that it has', () => {
    const url = { A: '${SITE_URL}' }
    expect(publish({}, { urlChange: 'headers' })).not.toThrow()
    expect(publish({ environment: url }, { urlChange: 'restart' })).not.toThrow()
    expect(publish({ environment: { A: '${PORT}' } }, { urlChange: 'restart' })).toThrow('urlChange: needs a template')
    expect(publish({}, { urlChange: 'hook', handOver: { hook: { path: '/owner' } } })).not.toThrow()
    expect(publish({}, { urlChange: 'hook' })).toThrow('urlChange: needs `handOver.hook`')
  })

  it('asks only for capabilities that every platform has', () => {
    expect(publish({ capabilities: ['CHOWN', 'SETUID', 'SETGID'] })).not.toThrow()
    for (const name of ['SYS_ADMIN', 'NET_RAW', 'ALL']) {
      expect(publish({ capabilities: [name] })).toThrow('containers.0.capabilities.0')
    }
  })

  it('has no long variable with a secret', () => {
    const text = `\${secret.KEY}${'x'.repeat(3000)}`
    expect(publish({ environment: { A: text }, secrets: ['KEY'] })).toThrow('at most 3000 characters')
    expect(publish({ files: { a: text }, secrets: ['KEY'] })).not.toThrow()
  })
})
