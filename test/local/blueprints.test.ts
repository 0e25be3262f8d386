import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { publishBlueprints, readBlueprints } from '../../local/blueprints.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'
import config from '../../sitewright.config.ts'
import { recordingLog } from '../support/fixed-ports.ts'

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
      containers: [{ name: 'web', image: 'shop:1', environment: { LISTEN: '${PROT}' } }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
    },
    'shop.yaml',
  )

  it('are checked before they are published, and a published version never again', async () => {
    const published: unknown[] = []
    const publish = async (found: unknown) => void published.push(found)
    const around = { plans: config.plans, offered: ['shop'], log: recordingLog() }
    const first = publishBlueprints([blueprint], { ...around, store: { get: async () => undefined, publish } })
    await expect(first).rejects.toThrow(StartUpError)
    await expect(first).rejects.toThrow('containers.0.environment.LISTEN: there is no ${PROT}')
    expect(published).toEqual([])
    await publishBlueprints([blueprint], { ...around, store: { get: async () => blueprint, publish } })
    expect(published).toEqual([blueprint])
  })

  it('that cannot be published are logged in one line where another offered one can', async () => {
    const published: unknown[] = []
    const log = recordingLog()
    const good = { ...blueprint, name: 'blog', containers: [{ ...blueprint.containers[0]!, environment: {} }] }
    const store = { get: async () => undefined, publish: async (found: unknown) => void published.push(found) }
    await publishBlueprints([blueprint, good], { store, plans: config.plans, offered: ['shop', 'blog'], log })
    expect(published).toEqual([good])
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { event: 'blueprint-unavailable', blueprint: 'shop', version: 1 } },
    ])
  })

  it('whose file is at fault keep a host from starting only where no other is offered', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sitewright-blueprints-'))
    try {
      await writeFile(join(directory, 'shop.json'), JSON.stringify(blueprint))
      await writeFile(join(directory, 'blog.yaml'), 'name: [')
      const log = recordingLog()
      const { blueprints } = await readBlueprints(directory, ['blog', 'shop'], log)
      expect(blueprints.map(({ name }) => name)).toEqual(['shop'])
      expect(log.lines.map(({ fields }) => fields['reason'])).toEqual([
        expect.stringContaining('blog.yaml is not valid YAML'),
        expect.stringContaining("blueprint 'blog' is offered"),
      ])
      await expect(readBlueprints(directory, ['blog'], log)).rejects.toThrow('blog.yaml is not valid YAML')
    } finally {
      await rm(directory, { recursive: true, force: true })
    }
  })
})
