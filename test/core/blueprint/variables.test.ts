import { describe, expect, it } from 'vitest'
import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { bytesOfVariables, factsFor, interpolate, templateProblems } from '../../../core/blueprint/interpolate.ts'
import { missingValues, replaceableSecrets, variableValue, variableValues } from '../../../core/blueprint/variables.ts'

const plan = {
  features: [],
  limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
}

const blueprint = (variables: object, container: object = {}, more: object = {}): Blueprint =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: [{ name: 'web', image: 'shop:1', ...container }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      variables,
      ...more,
    },
    'shop.yaml',
  )

const refused = (...given: Parameters<typeof blueprint>): string => {
  try {
    blueprint(...given)
    return ''
  } catch (error) {
    return String(error)
  }
}

describe('the variables of a blueprint', () => {
  it('have defaults, allowed values and descriptions', () => {
    const variables = {
      THEME: { description: 'The colours.', default: 'light', values: ['light', 'dark'] },
      HOST_NAME: { required: true },
      API_KEY: { secret: true, required: true, description: 'Of the shop system.' },
    }
    expect(blueprint(variables, { variables: ['THEME'], secrets: ['API_KEY'] }).variables).toEqual(variables)
  })

  it.each([
    [{ THEME: { default: 'red', values: ['light'] } }, {}, 'must have a `default` that is among its `values`'],
    [{ KEY: { secret: true, default: 'x' } }, { secrets: ['KEY'] }, 'because it is a secret'],
    [{ KEY: { secret: true } }, {}, 'is a secret that no container lists in `secrets`'],
    [{ KEY: {} }, { secrets: ['KEY'] }, 'is among the `secrets` of a container too'],
    [{ KEY: { required: true, default: 'x' } }, {}, 'must not be `required` beside a `default`'],
    [{}, { variables: ['THEME'] }, "there is no variable 'THEME' in `variables`"],
    [{ KEY: { secret: true } }, { secrets: ['KEY'], variables: ['KEY'] }, "'KEY' is a secret: list it in `secrets`"],
    [{ A: {} }, { variables: ['A'], environment: { A: 'x' } }, "'A' is in `environment` too"],
    [
      { A: {} },
      { variables: ['A'], process: { command: ['x'], environment: { A: 'x' } } },
      "'A' is in `environment` too",
    ],
    [{ PORT: {} }, {}, 'is set by Sitewright'],
    [{ SITEWRIGHT_X: {} }, {}, 'are set by Sitewright'],
    [{ A: { default: 'a\0b' } }, {}, 'must hold no control characters'],
    [{ A: { other: 1 } }, {}, 'Unrecognized key'],
    [Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`A${index}`, {}])), {}, 'must be at most 100'],
  ])('are refused with names that clash or are unknown: %#', (variables, container, message) => {
    expect(refused(variables, container)).toContain(message)
  })

  it('can be mentioned in templates, but not in commands', () => {
    const variables = { THEME: { default: 'light' }, KEY: { secret: true } }
    const problems = (container: object) =>
      templateProblems(blueprint(variables, { secrets: ['KEY'], ...container }), [])
    expect(problems({ files: { 'a.conf': 'theme = ${variable.THEME}' } })).toEqual([])
    expect(problems({ environment: { OPTIONS: '--theme=${variable.THEME}' } })).toEqual([])
    expect(problems({ command: ['sh', '-c', 'run ${variable.THEME}'] })).toMatchObject([
      { path: 'containers.0.command.2', message: expect.stringContaining('must not hold a variable') },
    ])
    expect(problems({ environment: { A: '${variable.NONE}' } })).toMatchObject([{ path: 'containers.0.environment.A' }])
    expect(problems({ environment: { A: '${variable.KEY}' } })).toMatchObject([{ path: 'containers.0.environment.A' }])
  })
})

describe('the values of variables', () => {
  const variables = { THEME: { default: 'light' }, LOGO: {}, KEY: { secret: true } } as const

  it('are those that are set for a site, or the defaults; other names count for nothing', () => {
    expect(variableValues({ variables })).toEqual({ THEME: 'light', LOGO: '' })
    expect(variableValues({ variables }, { THEME: 'dark', LOGO: 'x', OTHER: 'y', KEY: 'z' })).toEqual({
      THEME: 'dark',
      LOGO: 'x',
    })
    expect(variableValues({ variables }, { THEME: '' })).toEqual({ THEME: '', LOGO: '' })
  })

  it('are facts of a launch as they are, also where they look like templates', () => {
    const shop = blueprint({ THEME: {} }, { variables: ['THEME'] })
    const facts = factsFor(shop, { siteUrl: undefined, plan }, { THEME: '${PORT} $$' })
    expect(facts).toEqual({ 'variable.THEME': '${PORT} $$' })
    expect(interpolate('a ${variable.THEME}', { ...facts, PORT: '80' })).toBe('a ${PORT} $$')
    expect(factsFor(blueprint({}), { siteUrl: undefined, plan }, { THEME: 'x' })).toBeUndefined()
  })

  it('count as often as containers get them', () => {
    const shop = blueprint(
      { A: {}, B: {} },
      { variables: ['A'], environment: { X: '${variable.A}${variable.B}' }, files: { f: '${variable.A}' } },
    )
    expect(bytesOfVariables(shop, { A: 'é', B: 'xyz' })).toBe(2 + 2 + 3 + 2)
  })

  it.each(['a\0', 'a\u001b[1m', 'a\u0085', '\ud800', 'é'.repeat(2049)])(
    'with control characters, half characters or too many are refused: %#',
    (value) => {
      expect(variableValue.safeParse(value).success).toBe(false)
    },
  )

  it.each(['', 'a\tb\r\nc', 'é'.repeat(2048), '🔑', 'x'.repeat(4096)])('of any other text are taken: %#', (value) => {
    expect(variableValue.safeParse(value).success).toBe(true)
  })
})

it('required variables and secrets without a value are missing', () => {
  const shop = blueprint({ A: { required: true }, K: { secret: true, required: true }, B: {} }, { secrets: ['K'] })
  expect(missingValues(shop, { variables: {}, secrets: {} })).toEqual(['A', 'K'])
  expect(missingValues(shop, { variables: { A: '' }, secrets: { K: 1 } })).toEqual(['A'])
  expect(missingValues(shop, { variables: { A: 'x', K: 'x' }, secrets: {} })).toEqual(['K'])
  expect(missingValues(shop, { variables: { A: 'x' }, secrets: { K: 1 } })).toEqual([])
})

it('secrets that Sitewright sends or shows itself cannot be replaced', () => {
  const shop = blueprint(
    {},
    { secrets: ['HOOK', 'ADMIN', 'DATABASE'] },
    {
      handOver: { hook: { path: '/owner', secret: 'HOOK' } },
      credentials: [{ name: 'ADMIN', label: 'Administrator' }],
    },
  )
  expect(replaceableSecrets(shop)).toEqual(['DATABASE'])
})
