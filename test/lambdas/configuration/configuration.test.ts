import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import {
  type Configuration,
  configurationProblems,
  generatedVersion,
  keptVersions,
  newValueProblems,
  outdated,
  withValues,
} from '../../../lambdas/configuration/configuration.ts'
import { generatedFor } from '../../../lambdas/configuration/read-configuration.ts'
import { plainSecrets, sealedSecrets } from '../../support/plain-secrets.ts'

const shop = parseBlueprint(
  {
    name: 'shop',
    version: 1,
    title: 'Shop',
    containers: [
      {
        name: 'web',
        image: 'shop:1',
        variables: ['THEME', 'LOGO'],
        secrets: ['KEY', 'PASSWORD', 'ADMIN'],
        environment: { DATABASE: `postgres://shop:\${secret.PASSWORD}@127.0.0.1/${'x'.repeat(96)}` },
      },
      { name: 'queue', image: 'queue:1', variables: ['LOGO'] },
    ],
    traffic: { container: 'web' },
    data: { mode: 'exclusive' },
    variables: { THEME: { default: 'light', values: ['light', 'dark'] }, LOGO: {}, KEY: { secret: true } },
    credentials: [{ name: 'ADMIN', label: 'Administrator' }],
  },
  'shop.yaml',
)

const problemsOf = (variables: Record<string, string | null>, secrets: Record<string, string | null> = {}) =>
  newValueProblems(shop, { variables, secrets })

describe('new values', () => {
  it('are taken for declared variables and for secrets, and taken back', () => {
    expect(problemsOf({ THEME: 'dark', LOGO: '' }, { KEY: 'a secret', PASSWORD: 'another one' })).toEqual([])
    expect(problemsOf({ THEME: null }, { KEY: null })).toEqual([])
  })

  it.each([
    [{ NONE: 'x' }, {}, 'variables.NONE', 'there are: THEME, LOGO'],
    [{ KEY: 'x' }, {}, 'variables.KEY', 'there are: THEME, LOGO'],
    [{ constructor: 'x' }, {}, 'variables.constructor', 'there are: THEME, LOGO'],
    [{ THEME: 'red' }, {}, 'variables.THEME', 'must be one of: light, dark'],
    [{}, { NONE: 'a secret' }, 'secrets.NONE', 'there are: KEY, PASSWORD'],
    [{}, { ADMIN: 'a secret' }, 'secrets.ADMIN', 'there are: KEY, PASSWORD'],
    [{}, { KEY: 'short' }, 'secrets.KEY', 'must have at least 8 characters'],
    [{}, { PASSWORD: 'x'.repeat(4000) }, 'secrets.PASSWORD', 'must have at most 3955 bytes'],
  ])('are refused where they cannot be set: %#', (variables, secrets, path, message) => {
    const problems = problemsOf(variables, secrets)
    expect(problems).toEqual([{ path, message: expect.stringContaining(message) }])
    for (const value of Object.values(secrets)) expect(JSON.stringify(problems)).not.toContain(value)
  })
})

describe('a configuration', () => {
  const sealed = { sealed: '', version: 1, at: '' }

  it('is refused if its variables do not fit into a task definition, counted once for each container', () => {
    expect(configurationProblems(shop, { variables: { LOGO: 'x'.repeat(4096) }, secrets: {} })).toEqual([])
    const large = { ...shop, variables: { LOGO: { default: 'x'.repeat(4096) } } }
    const containers = Array.from({ length: 5 }, () => ({ ...shop.containers[1]! }))
    expect(configurationProblems({ ...large, containers })).toEqual([
      { path: 'variables', message: expect.stringContaining('at most 16384 bytes; these have 20480') },
    ])
    // Those that no container gets are stored all the same.
    const unused = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`A${index}`, 'x'.repeat(4096)]))
    expect(configurationProblems(shop, { variables: unused, secrets: {} })).toHaveLength(1)
  })

  it('is refused without required values, and with more secrets than an item holds', () => {
    const strict = { ...shop, variables: { LOGO: { required: true }, KEY: { secret: true, required: true } } as const }
    expect(configurationProblems(strict).map(({ path }) => path)).toEqual(['variables.LOGO', 'secrets.KEY'])
    expect(configurationProblems(strict, { variables: { LOGO: 'x' }, secrets: { KEY: sealed } })).toEqual([])
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`A${index}`, sealed]))
    expect(configurationProblems(shop, { variables: {}, secrets: many })).toHaveLength(1)
  })

  it('keeps what a change does not name', () => {
    expect(withValues({ A: '1', B: '2' }, { B: null, C: '3', D: null })).toEqual({ A: '1', C: '3' })
  })
})

describe('versions that are not kept', () => {
  const versions = (count: number, change: (version: number) => Partial<Configuration> = () => ({})) =>
    Array.from({ length: count }, (_, index): Configuration => {
      const version = count - index
      return {
        schemaVersion: 1,
        ...{ siteId: 'site_01jq3v5k8m0000000000000000', version, at: '', actor: { kind: 'system' }, reason: '' },
        ...{ basedOn: version - 1, changed: [], variables: {}, secrets: {} },
        ...change(version),
      }
    })

  it('are the oldest', () => {
    expect(outdated(versions(keptVersions), 1)).toEqual([])
    expect(outdated(versions(keptVersions + 2), keptVersions)).toEqual([2, 1])
  })

  it('are never the one in use, nor the one on which it is based', () => {
    expect(outdated(versions(keptVersions + 4), 2)).toEqual([4, 3])
    const based = (version: number) => (version === 50 ? { basedOn: 3 } : {})
    expect(outdated(versions(keptVersions + 4, based), 50)).toEqual([4, 2, 1])
  })

  it('are never those that a relocation names, on either side', () => {
    const switched = { at: '', archiveId: 'arc_01jq3v5k8m0000000000000000', back: { configuration: 3 } } as const
    expect(outdated(versions(keptVersions + 4), 50, { target: { configuration: 2 }, switched })).toEqual([4, 1])
  })
})

it('a site that comes from another installation keeps the generated secrets of there, and has its own beside them', async () => {
  const id = 'site_01jq3v5k8m0000000000000001'
  const purpose = { siteId: id, version: generatedVersion, name: 'PASSWORD' } as const
  const kept = { PASSWORD: await sealedSecrets.seal(purpose, 'of-there') }
  const plain = plainSecrets(async (_, name) => `own ${name}`)
  const ports = { ...plain, configurations: { ...plain.configurations, readGenerated: async () => kept } }
  expect(Object.fromEntries(await generatedFor(ports, { id }, ['PASSWORD', 'KEY']))).toEqual({
    PASSWORD: 'of-there',
    KEY: 'own KEY',
  })
})
