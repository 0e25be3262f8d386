import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createRandomness } from '../../adapters/randomness.ts'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { failedDraft } from '../../lambdas/blueprints/blueprint-status.ts'
import { changeStatus } from '../../lambdas/blueprints/change-status.ts'
import { ownParts, readBlueprints, submitBlueprints } from '../../local/blueprints.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'
import config from '../../sitewright.config.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { openTestStore } from '../support/open-test-store.ts'
import { samplePolicies } from '../support/sample-policy.ts'

describe('the blueprints of a host', () => {
  it('that cannot be had are for the person at the terminal to correct', async () => {
    const error: unknown = await readBlueprints('/nowhere/at/all', [], recordingLog()).catch(
      (reason: unknown) => reason,
    )
    expect(error).toBeInstanceOf(StartUpError)
    expect(error).toHaveProperty('message', 'the directory of blueprints, /nowhere/at/all, cannot be read')
  })

  const blueprint = parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      access: 'public',
      containers: [{ name: 'web', image: 'shop:1', environment: { LISTEN: '${PROT}' } }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
    },
    'shop.yaml',
  )

  const fixed = { ...blueprint, containers: [{ ...blueprint.containers[0]!, environment: {} }] }

  const filesOf = (...blueprints: readonly (typeof blueprint)[]) => ({ blueprints, extensions: [] })

  const openStore = async () => {
    const store = await openTestStore(samplePolicies)
    const clock = () => '2026-03-01T12:00:00.000Z'
    const log = recordingLog()
    const around = { blueprints: store.blueprints, plans: config.plans, clocks: { domain: clock, wall: clock }, log }
    const draftOf = async (name: string) => (await store.blueprints.status(name))?.draft
    return { ...around, draftOf, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  }

  it('are checked before they are drafts, and a published version never again', async () => {
    await using store = await openStore()
    const first = submitBlueprints(filesOf(blueprint), { ...store, offered: ['shop'] })
    await expect(first).rejects.toThrow(StartUpError)
    await expect(first).rejects.toThrow('containers.0.environment.LISTEN: there is no ${PROT}')
    expect(await store.draftOf('shop')).toBeUndefined()
    await store.blueprints.publish(blueprint)
    await submitBlueprints(filesOf(blueprint), { ...store, offered: ['shop'] })
    expect(await store.draftOf('shop')).toBeUndefined()
  })

  it('that cannot be published are logged in one line where another offered one can', async () => {
    await using store = await openStore()
    await submitBlueprints(filesOf(blueprint, { ...fixed, name: 'blog' }), { ...store, offered: ['shop', 'blog'] })
    expect(await store.draftOf('blog')).toMatchObject({ state: 'trying', revision: 1 })
    expect(store.log.lines).toMatchObject([
      { level: 'error', fields: { event: 'blueprint-unavailable', blueprint: 'shop', version: 1 } },
    ])
  })

  it('are tried again by a restart only while no version is current', async () => {
    await using store = await openStore()
    const failFirst = async () => {
      await submitBlueprints(filesOf(fixed), { ...store, offered: ['shop'] })
      const { revision = 0 } = (await store.draftOf('shop')) ?? {}
      const failure = {
        siteId: createRandomness().id('site'),
        at: store.clocks.wall(),
        cause: 'crash',
        detail: '',
      } as const
      await changeStatus(store, 'shop', (before) => failedDraft(before, revision, failure, true))
      await submitBlueprints(filesOf(fixed), { ...store, offered: ['shop'] })
      return store.draftOf('shop')
    }
    expect(await failFirst()).toMatchObject({ state: 'trying', revision: 2 })
    await store.blueprints.publish({ ...fixed, version: 1 })
    const second = { ...fixed, version: 2 }
    await submitBlueprints(filesOf(second), { ...store, offered: ['shop'] })
    const failure = {
      siteId: createRandomness().id('site'),
      at: store.clocks.wall(),
      cause: 'crash',
      detail: '',
    } as const
    await changeStatus(store, 'shop', (before) => failedDraft(before, 3, failure, true))
    await submitBlueprints(filesOf(second), { ...store, offered: ['shop'] })
    expect(await store.draftOf('shop')).toMatchObject({ state: 'failed', revision: 3 })
  })

  const extensionOf = (name: string, base: string) => ({
    file: `${name}.yaml`,
    extension: { name, version: 1, title: name, extends: { name: base, version: 1 } },
  })

  it('that extend a draft wait for their own, also where two drafts are published at once', async () => {
    await using store = await openStore()
    const blog = { ...fixed, name: 'blog' }
    const extensions = [extensionOf('big-shop', 'shop'), extensionOf('big-blog', 'blog')]
    const files = { blueprints: [fixed, blog], extensions }
    const submitWaiting = await submitBlueprints(files, { ...store, offered: ['shop'] })
    await store.blueprints.publish(fixed)
    await Promise.all([submitWaiting(), submitWaiting()])
    expect(await store.draftOf('big-shop')).toMatchObject({ state: 'trying', revision: 1 })
    await store.blueprints.publish(blog)
    await submitWaiting()
    expect(await store.draftOf('big-blog')).toMatchObject({ state: 'trying', revision: 1 })
    expect(store.log.lines).toEqual([])
  })

  it('that extend a draft are submitted later where the store fails', async () => {
    await using store = await openStore()
    const extensions = [extensionOf('big-shop', 'shop')]
    let isAway = false
    const latest: typeof store.blueprints.latest = async (name) => {
      if (isAway) throw new Error('away')
      return store.blueprints.latest(name)
    }
    const ports = { ...store, blueprints: { ...store.blueprints, latest }, offered: ['shop'] }
    const submitWaiting = await submitBlueprints({ blueprints: [fixed], extensions }, ports)
    await store.blueprints.publish(fixed)
    isAway = true
    await expect(submitWaiting()).rejects.toThrow('away')
    isAway = false
    await submitWaiting()
    expect(await store.draftOf('big-shop')).toMatchObject({ state: 'trying' })
  })

  it('whose file is at fault keep a host from starting only where no other is offered', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sitewright-blueprints-'))
    try {
      await writeFile(join(directory, 'shop.json'), JSON.stringify(blueprint))
      await writeFile(join(directory, 'blog.yaml'), 'name: [')
      const log = recordingLog()
      const { blueprints } = await readBlueprints(directory, ['blog', 'shop'], log)
      expect(blueprints.map(({ name }) => name)).toEqual(['shop'])
      // Not that no file has it, too.
      expect(log.lines.map(({ fields }) => fields['reason'])).toEqual([
        expect.stringContaining('blog.yaml is not valid YAML'),
      ])
      await expect(readBlueprints(directory, ['blog'], log)).rejects.toThrow('blog.yaml is not valid YAML')
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })

  it('say all that a plain process runs with: no token publishes other variables or commands of it', async () => {
    await using store = await openStore()
    const directory = await mkdtemp(join(tmpdir(), 'sitewright-blueprints-'))
    const [web] = fixed.containers
    const process = { command: ['node', 'shop.js'], directory }
    const here = { ...fixed, containers: [{ ...web!, process }], release: { command: ['node', 'migrate.js'] } }
    try {
      await writeFile(join(directory, 'shop.json'), JSON.stringify({ ...here, origin: undefined }))
      const { blueprints } = await readBlueprints(directory, ['shop'], recordingLog())
      const [own] = blueprints
      if (own === undefined) throw new Error('the file is not read')
      const require = ownParts(directory, store.blueprints)
      await expect(require(own)).resolves.toBeUndefined()
      const [container] = own.containers
      const others = {
        'containers.0': { containers: [{ ...container!, environment: { NODE_OPTIONS: '--import=data:,' } }] },
        release: { release: { ...own.release!, command: ['sh', '-c', 'id'] } },
        handOver: { handOver: { task: { command: ['sh'] } } },
      }
      for (const [path, other] of Object.entries(others)) {
        const refused = expect.objectContaining({ fields: [expect.objectContaining({ path })] })
        await expect(require({ ...own, ...other } as never)).rejects.toEqual(refused)
      }
      // What runs in a container alone is for whoever may publish.
      await expect(require({ ...own, containers: [web!], release: undefined } as never)).resolves.toBeUndefined()
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
