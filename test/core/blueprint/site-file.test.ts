import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  blockOf,
  blueprintOfFile,
  parseSiteFile,
  siteFileJsonSchema,
  siteFileSchema,
} from '../../../core/blueprint/site-file.ts'

const shop = {
  name: 'shop',
  title: 'Shop',
  containers: [
    { name: 'web', build: { context: '.' }, environment: { LOG_LEVEL: 'info' }, secrets: ['DB_PASSWORD'] },
    { name: 'db', image: 'registry.example.com/postgres:17', secrets: ['DB_PASSWORD'] },
  ],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
}
const [web, db] = shop.containers

const messagesFor = (file: object): readonly string[] =>
  siteFileSchema.safeParse(file).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []

describe('the file of a site', () => {
  it('is a blueprint without a version, for its owner alone unless it says public', () => {
    const blueprint = blueprintOfFile(parseSiteFile(shop), { version: 3 })
    expect(blueprint).toMatchObject({ name: 'shop', version: 3, access: 'owner', logs: 'owner' })
    expect(blueprintOfFile(parseSiteFile({ ...shop, access: 'public' }), { version: 1 }).access).toBe('public')
    expect(messagesFor({ ...shop, access: 'claimed' })).toEqual([expect.stringMatching(/^access: .*"owner"\|"public"/)])
    expect(messagesFor({ ...shop, version: 1 })).toEqual([expect.stringContaining('version')])
  })

  it('names the image that was built, and builds nothing then', () => {
    const images = { web: `registry.example.com/shop@sha256:${'a'.repeat(64)}` }
    const [first, second] = blueprintOfFile(parseSiteFile(shop), { version: 1, images }).containers
    expect(first).toMatchObject({ image: images.web })
    expect(first?.build).toBeUndefined()
    expect(second?.image).toBe(db?.image)
    expect(messagesFor({ ...shop, containers: [{ name: 'web' }] })).toEqual([
      'containers.0: must have `image`, `build` or `process`',
    ])
  })

  it('makes secrets for each environment, and asks people for those that are given', () => {
    const file = parseSiteFile({ ...shop, containers: [{ ...web, given: ['STRIPE_KEY'] }, db] })
    const { containers, variables } = blueprintOfFile(file, { version: 1 })
    expect(containers[0]?.secrets).toEqual(['DB_PASSWORD', 'STRIPE_KEY'])
    expect(variables).toEqual({ STRIPE_KEY: { secret: true, required: true } })
    expect(messagesFor({ ...shop, containers: [{ ...web, given: ['DB_PASSWORD'] }, db] })).toEqual([
      expect.stringMatching(/^containers\.0\.given\.0: 'DB_PASSWORD' is in `secrets` too/),
    ])
    expect(messagesFor({ ...shop, dataSecrets: ['DB_PASWORD'] })).toEqual([
      "dataSecrets.0: no container has a secret 'DB_PASWORD'",
    ])
  })

  it('gives an environment its variables', () => {
    const environments = { production: { variables: { LOG_LEVEL: 'warn', THEME: 'dark' } }, qa: {} }
    const variables = { THEME: { values: ['light', 'dark'], required: true } }
    const file = parseSiteFile({ ...shop, variables, environments })
    const ofProduction = blueprintOfFile(file, { version: 1 })
    expect(ofProduction.containers.map(({ environment }) => environment)).toEqual([
      { LOG_LEVEL: 'warn' },
      { LOG_LEVEL: 'warn' },
    ])
    expect(ofProduction.variables).toEqual({ THEME: { values: ['light', 'dark'], default: 'dark' } })
    const ofQa = blueprintOfFile(file, { version: 1, environment: { name: 'qa' } })
    expect(ofQa.containers[0]?.environment).toEqual({ LOG_LEVEL: 'info' })
    expect(ofQa.variables).toEqual({ THEME: { values: ['light', 'dark'], required: true } })
    const wrong = { production: { variables: { THEME: 'red', DB_PASSWORD: 'x' } } }
    expect(messagesFor({ ...shop, environments: wrong })).toEqual([
      'environments.production.variables.DB_PASSWORD: is a secret: it has no value in a file',
    ])
    expect(messagesFor({ ...shop, variables, environments: { qa: { variables: { THEME: 'red' } } } })).toEqual([
      expect.stringContaining('must have a `default` that is among its `values`'),
    ])
  })

  it('requires what the data of an environment is made by', () => {
    expect(messagesFor({ ...shop, environments: { qa: { data: 'seed' } } })).toEqual([
      'environments.qa.data: needs `seed` in the file',
    ])
    expect(messagesFor({ ...shop, environments: { production: { expires: '7d' } } })).toHaveLength(1)
    expect(messagesFor({ ...shop, environments: { content: {} } })).toHaveLength(1)
    expect(
      messagesFor({ ...shop, seed: { command: ['npm', 'run', 'seed'] }, environments: { qa: { data: 'seed' } } }),
    ).toEqual([])
  })

  it('keeps the rules of a blueprint, at the paths of the file', () => {
    expect(messagesFor({ ...shop, traffic: { container: 'wbe' } })).toEqual([
      "traffic.container: no container is called 'wbe'; there are: web, db",
    ])
    expect(messagesFor({ ...shop, traffic: { container: 'web', port: 80 } })).toEqual([
      expect.stringMatching(/^traffic\.port: must be at least 1024/),
    ])
  })
})

describe('its JSON Schema', () => {
  const schema = siteFileJsonSchema()
  const accepts = new Ajv2020({ strict: false }).compile(schema)

  it('has no pattern that only some languages can read', () => {
    expect(JSON.stringify(schema)).not.toContain(String.raw`\\p{`)
  })

  /** A file with everything, of which the generator breaks parts. */
  const whole = {
    ...shop,
    access: 'public',
    description: 'Sells shoes.',
    containers: [
      {
        ...web,
        process: { command: ['node', 'server.js'], directory: '.', environment: { A: 'b' } },
        command: ['node', 'server.js'],
        files: { 'app.ini': 'port = 1' },
        writable: ['/var/cache'],
        mounts: [{ path: '/var/lib/shop', directory: 'shop' }],
        capabilities: ['CHOWN'],
        given: ['STRIPE_KEY'],
        variables: ['THEME'],
        health: { command: ['true'] },
        share: 3,
      },
      db,
    ],
    variables: { THEME: { description: 'Colours.', default: 'light', values: ['light', 'dark'] } },
    traffic: {
      container: 'web',
      port: 3000,
      healthPath: '/healthz',
      healthStatus: 200,
      startSeconds: 30,
      answerSeconds: 5,
    },
    data: { mode: 'shared', directory: '/srv/data', owner: { uid: 999, gid: 999 } },
    outbound: 'internet',
    sleep: 'never',
    release: { migrates: true, command: ['migrate'], checks: [{ path: '/', status: 200, headers: { 'x-a': 'b' } }] },
    dataSecrets: ['DB_PASSWORD'],
    seed: { command: ['npm', 'run', 'seed'] },
    anonymise: { command: ['npm', 'run', 'dump'], load: ['npm', 'run', 'load'] },
    environments: { production: { variables: { LOG_LEVEL: 'warn' } }, 'feature/*': { expires: '7d', data: 'seed' } },
  }

  interface Place {
    readonly path: readonly string[]
    readonly isMap: boolean
  }
  const placesOf = (value: unknown, path: readonly string[] = []): readonly Place[] => {
    if (typeof value !== 'object' || value === null) return [{ path, isMap: false }]
    const below = Object.entries(value).flatMap(([key, one]) => placesOf(one, [...path, key]))
    return [{ path, isMap: !Array.isArray(value) }, ...below]
  }
  const places = placesOf(whole)

  const changed = (value: unknown, [key, ...rest]: readonly string[], put: (old: unknown) => unknown): unknown => {
    if (key === undefined) return put(value)
    const copy: Record<string, unknown> = Array.isArray(value) ? ([...value] as never) : { ...(value as object) }
    copy[key] = changed(copy[key], rest, put)
    if (copy[key] === undefined && !Array.isArray(value)) delete copy[key]
    return copy
  }

  const instead = fc.oneof(
    fc.constantFrom(
      undefined,
      null,
      true,
      0,
      -1,
      1.5,
      70_000,
      '',
      'owner',
      'x',
      'X Y',
      '/',
      '/data',
      '7d',
      'never',
      [],
      {},
      ['a'],
      { a: 'b' },
    ),
    fc.string({ maxLength: 8 }),
  )
  const mutation = fc.tuple(fc.constantFrom(...places), fc.constantFrom('replace', 'add', 'twice'), instead)

  it('accepts what the file accepts, and refuses it for fields that depend on each other at most', () => {
    expect(siteFileSchema.safeParse(whole).error).toBeUndefined()
    // To check times takes too long for each file.
    const timed = { ...whole, wakeOn: [{ cron: '0 3 * * *', timeZone: 'Europe/Berlin' }] }
    expect([accepts(whole), accepts(timed), messagesFor(timed)]).toEqual([true, true, []])
    const seen = { both: 0, neither: 0 }
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 2 }), (mutations) => {
        const file = mutations.reduce<unknown>((value, [{ path, isMap }, kind, by]) => {
          try {
            if (kind === 'add' && isMap) return changed(value, [...path, 'enviroment'], () => by)
            if (kind === 'twice' && !isMap)
              return changed(value, path, (old) =>
                Array.isArray(old) ? [...old, ...old, ...old, ...old, ...old] : old,
              )
            return changed(value, path, () => by)
          } catch {
            return value
          }
        }, whole)
        const issues = siteFileSchema.safeParse(file).error?.issues ?? []
        const isAccepted = accepts(file)
        const text = JSON.stringify({ file, issues, errors: accepts.errors }, undefined, 1)
        seen[issues.length === 0 ? 'both' : 'neither'] += 1
        if (issues.length === 0) expect(isAccepted, text).toBe(true)
        // Everything that one field alone can violate is in the schema; `.refine` of a text is a rule of its own.
        if (isAccepted) {
          const isOwn = ({ code, ...issue }: (typeof issues)[number]) =>
            code === 'custom' ||
            (code === 'invalid_key' && 'issues' in issue && issue.issues.every((one) => one.code === 'custom'))
          expect(
            issues.filter((issue) => !isOwn(issue)),
            text,
          ).toEqual([])
        }
      }),
      { numRuns: 3000 },
    )
    expect(seen.both).toBeGreaterThan(100)
    expect(seen.neither).toBeGreaterThan(100)
  })
})

describe('the block of an environment', () => {
  const environments = {
    production: { variables: { LEVEL: 'warn' } },
    qa: { expires: 'never' },
    '*': { expires: '1d' },
    'feature/*': { expires: '2d' },
    'feature/*/x': { expires: '3d' },
  } as const

  it.each([
    [{ name: 'qa' }, 'never'],
    [{ name: 'demo' }, '1d'],
    [{ name: 'feature-login' }, '2d'],
    [{ name: 'feature-login-3f2a1b', branch: 'feature/login' }, '2d'],
    [{ name: 'feature-a-x-3f2a1b', branch: 'feature/a/x' }, '3d'],
    [{ name: 'feature-a-xy', branch: 'feature/a/xy' }, '2d'],
  ])('of %j is the one that names it, or the longest pattern', (environment, expires) => {
    expect(blockOf({ environments }, environment)).toEqual({ expires })
  })

  it('of production is for no environment of a branch with that name', () => {
    const ofBranch = { name: 'production-3f2a1b', branch: 'production' }
    expect(blockOf({ environments }, ofBranch)).toEqual({ expires: '1d' })
    expect(blockOf({ environments: { production: {} } }, ofBranch)).toBeUndefined()
    expect(blockOf({ environments }, { name: 'production', branch: 'qa' })).toEqual(environments.production)
  })

  it('of production has no pattern, and without one there is none', () => {
    expect(blockOf({ environments }, { name: 'production' })).toEqual(environments.production)
    expect(blockOf({ environments: { '*': {} } }, { name: 'production' })).toBeUndefined()
    expect(blockOf({ environments: { 'a*b*c': {} } }, { name: 'a-b' })).toBeUndefined()
    expect(blockOf({}, { name: 'qa' })).toBeUndefined()
  })
})
