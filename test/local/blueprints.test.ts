import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { publishBlueprints, readBlueprints } from '../../local/blueprints.ts'
import { StartUpError } from '../../local/home/start-up-error.ts'
import config from '../../sitewright.config.ts'

describe('the blueprints of a host', () => {
  it('that cannot be had are for the person at the terminal to correct', async () => {
    const error: unknown = await readBlueprints('/nowhere/at/all', []).catch((reason: unknown) => reason)
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
    const first = publishBlueprints([blueprint], { get: async () => undefined, publish }, config.plans)
    await expect(first).rejects.toThrow(StartUpError)
    await expect(first).rejects.toThrow('containers.0.environment.LISTEN: there is no ${PROT}')
    expect(published).toEqual([])
    await publishBlueprints([blueprint], { get: async () => blueprint, publish }, config.plans)
    expect(published).toEqual([blueprint])
  })
})
