import { describe, expect, it } from 'vitest'
import type { Engine } from '../../../adapters/containers/engine.ts'
import { imageFailure, provideImages } from '../../../bin/blueprint/try/images.ts'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'

const blueprintOf = (container: object = {}, more: object = {}) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: [{ name: 'web', image: 'registry.example.com/shop:4', ...container }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...more,
    },
    'test',
  )

const container = blueprintOf().containers[0]!

/** An engine with one image. */
const engineWith = (image: object, { registryDigest = 'sha256:aa', paths = ['/bin/sh'] } = {}) =>
  ({
    address: 'a test',
    calls: {
      version: async () => ({ Arch: 'amd64' }),
      getImage: () => ({
        inspect: async () => ({
          Id: 'x',
          Architecture: 'amd64',
          Size: 1e8,
          RepoDigests: ['registry.example.com/shop@sha256:aa'],
          ...image,
        }),
        distribution: async () => ({ Descriptor: { digest: registryDigest } }),
      }),
      createContainer: async () => ({
        infoArchive: async ({ path }: { path: string }) => {
          if (!paths.includes(path)) throw Object.assign(new Error('none'), { statusCode: 404, message: 'none' })
        },
        remove: async () => undefined,
      }),
    },
  }) as unknown as Engine

const check = async (engine: Engine, container: object = {}, more: object = {}) => {
  const found = await provideImages(
    blueprintOf(container, more),
    { engine, resolvePath: (_, path) => path },
    () => undefined,
  )
  return found.map(({ verdict, result, change }) => `${verdict}: ${result} ${change}`)
}

describe('an image', () => {
  it('that cannot be had is told by its cause, or else by the last line', () => {
    const results = ['denied', 'STEP 1\nno idea'].map((reason) => imageFailure(container, reason).result)
    expect(results.map((result) => result.replace(/.*: /, ''))).toEqual([
      'the registry of its image refuses access.',
      'no idea.',
    ])
  })

  it('that cannot be built is told by the last line', () => {
    const { result } = imageFailure(
      { ...container, build: { context: '.', dockerfile: 'Dockerfile' } },
      'STEP 1\nno such file',
    )
    expect(result).toBe('registry.example.com/shop:4 could not be built: no such file')
  })

  it('is told how to be pinned', async () => {
    expect(await check(engineWith({}))).toEqual([
      'note: registry.example.com/shop:4: 0.09 GiB; not pinned. AWS needs `image: registry.example.com/shop@sha256:aa`.',
    ])
  })

  it('of another architecture is told', async () => {
    expect((await check(engineWith({ Architecture: 'arm64' })))[0]).toContain(
      'change: registry.example.com/shop:4 cannot be had: its image is made for another kind of processor',
    )
  })

  it('whose tag moved is told', async () => {
    expect((await check(engineWith({}, { registryDigest: 'sha256:bb' })))[0]).toContain(
      'change: The tag of registry.example.com/shop:4 moved',
    )
  })

  it('without the shell that is called is told', async () => {
    const calling = { health: { command: ['sh', '-c', 'true'] } }
    expect((await check(engineWith({}, { paths: [] }), calling))[0]).toContain("has no `sh`, which 'web' calls")
    expect(await check(engineWith({}), calling)).toHaveLength(1)
  })

  it('without the shell of a command that runs once is told', async () => {
    const calling = {
      handOver: { task: { command: ['sh', '-c', 'shop admin'] } },
      release: { command: ['/bin/bash', '-c', 'shop migrate'] },
    }
    const [first, second] = await check(engineWith({}, { paths: [] }), {}, calling)
    expect(first).toContain('has no `sh`, which `handOver.task.command` calls')
    expect(second).toContain('has no `/bin/bash`, which `release.command` calls')
    expect(await check(engineWith({}, { paths: ['/bin/sh', '/bin/bash'] }), {}, calling)).toHaveLength(1)
  })

  it('that is large is told', async () => {
    expect((await check(engineWith({ Size: 8 * 1024 ** 3 })))[0]).toContain(
      '8.00 GiB; a start on Fargate pulls all of it',
    )
  })
})
