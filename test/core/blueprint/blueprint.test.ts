import { describe, expect, it } from 'vitest'
import { parseBlueprint, requireDeployable } from '../../../core/blueprint/blueprint.ts'
import { type FieldProblem, SitewrightError } from '../../../core/errors.ts'

const web = { name: 'web', image: 'example/shop:1' }
const minimal = {
  name: 'shop',
  version: 1,
  title: 'Shop',
  containers: [web],
  traffic: { container: 'web' },
  data: { mode: 'exclusive' },
}

const problemsOf = (input: unknown): readonly FieldProblem[] => {
  try {
    parseBlueprint(input, 'shop.yaml')
  } catch (error) {
    if (error instanceof SitewrightError && error.kind === 'BlueprintInvalid') return error.fields
    throw error
  }
  return []
}

describe('a blueprint', () => {
  it('needs little; the rest has defaults', () => {
    expect(parseBlueprint(minimal, 'shop.yaml')).toEqual({
      ...minimal,
      description: '',
      containers: [{ ...web, environment: {}, secrets: [], share: 1 }],
      traffic: { container: 'web', healthPath: '/', startSeconds: 60 },
      data: { directory: '/data', mode: 'exclusive' },
      outbound: 'none',
      features: [],
    })
  })

  const container = (change: object) => ({ containers: [{ ...web, ...change }] })
  const traffic = (change: object) => ({ traffic: { ...minimal.traffic, ...change } })
  it.each<[string, object, string, string]>([
    ['a name in capitals', { name: 'Shop' }, 'name', 'lower-case'],
    ['a name that begins with a digit', { name: '1shop' }, 'name', 'lower-case'],
    ['version 0', { version: 0 }, 'version', '>0'],
    ['half a version', { version: 1.5 }, 'version', 'int'],
    ['a version as text', { version: '1' }, 'version', 'number'],
    ['no title', { title: '' }, 'title', '>=1'],
    [
      'nine containers',
      { containers: Array.from({ length: 9 }, (_, i) => ({ ...web, name: `c${i}` })) },
      'containers',
      '<=8',
    ],
    ['two containers of one name', { containers: [web, web] }, 'containers', 'names must be different'],
    ['a container without an image', container({ image: undefined }), 'containers.0.image', 'string'],
    ['a share of nothing', container({ share: 0 }), 'containers.0.share', '>0'],
    ['a process without a command', container({ process: { command: [] } }), 'containers.0.process.command', '>=1'],
    [
      'a variable with a space',
      container({ environment: { 'a b': '1' } }),
      'containers.0.environment.a b',
      'must be letters',
    ],
    [
      'an environment that we set',
      container({ environment: { PORT: '1' } }),
      'containers.0.environment.PORT',
      'set by Sitewright',
    ],
    [
      'a name of ours',
      container({ environment: { SITEWRIGHT_X: '1' } }),
      'containers.0.environment.SITEWRIGHT_X',
      'SITEWRIGHT_',
    ],
    [
      'a number in the environment',
      container({ environment: { LEVEL: 1 } }),
      'containers.0.environment.LEVEL',
      'string',
    ],
    ['a secret that we set', container({ secrets: ['DATA_DIRECTORY'] }), 'containers.0.secrets.0', 'set by Sitewright'],
    ['a file in another directory', container({ files: { '../x': '' } }), 'containers.0.files.../x', 'must be letters'],
    ['a misspelt field', container({ comand: ['x'] }), 'containers.0', 'comand'],
    [
      'traffic to nobody',
      traffic({ container: 'api' }),
      'traffic.container',
      "no container is called 'api'; there are: web",
    ],
    ['a health path without a slash', traffic({ healthPath: 'healthz' }), 'traffic.healthPath', 'must start with /'],
    ['a health path with a space', traffic({ healthPath: '/a b' }), 'traffic.healthPath', 'no spaces'],
    ['a port of root', traffic({ port: 80 }), 'traffic.port', 'at least 1024'],
    [
      'a port of root without the right to it',
      { ...container({ capabilities: ['CHOWN', 'SETUID'] }), ...traffic({ port: 80 }) },
      'traffic.port',
      'NET_BIND_SERVICE',
    ],
    ['a start after nobody', container({ after: ['db'] }), 'containers.0.after', "no container is called 'db'"],
    [
      'containers that wait for each other',
      {
        containers: [
          { ...web, after: ['db'] },
          { ...web, name: 'db', after: ['web'] },
          { ...web, name: 'c' },
        ],
      },
      'containers',
      'these wait for each other: web, db',
    ],
    ['a start without time', traffic({ startSeconds: 0 }), 'traffic.startSeconds', '>=1'],
    ['a start without end', traffic({ startSeconds: 901 }), 'traffic.startSeconds', '<=900'],
    ['data in a relative directory', { data: { directory: 'data', mode: 'shared' } }, 'data.directory', 'absolute'],
    ['data without a mode', { data: {} }, 'data.mode', '"exclusive"|"shared"'],
    ['a feature in capitals', { features: ['Export'] }, 'features.0', 'lower-case'],
    ['a field of its own', { replicas: 2 }, '', 'replicas'],
  ])('with %s is refused where it is wrong', (_, change, path, message) => {
    const problems = problemsOf({ ...minimal, ...change })
    expect(problems).toEqual([{ path, message: expect.stringContaining(message) }])
  })

  it('may have a port of root where its container has the right to it', () => {
    const changed = { ...container({ capabilities: ['NET_BIND_SERVICE'] }), ...traffic({ port: 80 }) }
    expect(parseBlueprint({ ...minimal, ...changed }, 'shop.yaml').traffic.port).toBe(80)
  })

  it('without containers is refused for that, and for traffic that goes nowhere', () => {
    const paths = problemsOf({ ...minimal, containers: [] }).map(({ path }) => path)
    expect(paths).toEqual(['containers', 'traffic.container'])
  })

  it.each([undefined, null, 'shop', 3, []])('is no %j', (input) => {
    expect(problemsOf(input)).toEqual([{ path: '', message: expect.stringContaining('expected object') }])
  })

  it('has a line for each thing that is wrong, under the name of its file', () => {
    const input = { ...minimal, version: 0, data: { directory: 'x', mode: 'both' } }
    expect(() => parseBlueprint(input, 'shop.yaml')).toThrow(
      /^shop\.yaml is not a valid blueprint:\n {2}version: .+\n {2}data\.directory: .+\n {2}data\.mode: .+$/,
    )
    expect(() => parseBlueprint(null, 'shop.yaml')).toThrow('(whole file): ')
  })

  it('shows no values in its message', () => {
    const input = { ...minimal, containers: [{ ...web, environment: { TOKEN: ['hunter2'] } }] }
    expect(JSON.stringify(problemsOf(input))).not.toContain('hunter2')
  })
})

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

const blueprint = (...images: readonly { image: string; build?: { context: string } }[]) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: images.map((given, index) => ({ name: `c${index}`, ...given })),
      traffic: { container: 'c0' },
      data: { mode: 'shared' },
    },
    'a test',
  )

it.each([
  ['answerSeconds', [1, 60, 900], [0, 901, 1.5]],
  ['fieldsKiB', [16, 64], [15, 65, 20.5]],
])('a blueprint has bounds for traffic.%s', (field, valid, invalid) => {
  const of = (value: number) => problemsOf({ ...minimal, traffic: { ...minimal.traffic, [field]: value } })
  expect(valid.map(of)).toEqual(valid.map(() => []))
  expect(invalid.map((value) => of(value)[0]?.path)).toEqual(invalid.map(() => `traffic.${field}`))
})

describe('a blueprint on AWS', () => {
  it('has images that are pinned by a digest, or that a deploy builds', () => {
    const fit = blueprint({ image: `ghcr.io/example/shop:3@${digest}` }, { image: 'shop:1', build: { context: '.' } })
    expect(() => requireDeployable(fit)).not.toThrow()
  })

  it.each(['example/shop:3', 'example/shop', 'example/shop@sha256:abc', `@${digest}`, `example/shop@${digest}0`])(
    'is refused with the image %s, which somebody else could replace',
    (image) => {
      expect(() => requireDeployable(blueprint({ image }))).toThrow(
        expect.objectContaining({
          kind: 'BlueprintInvalid',
          message: expect.stringContaining(`'shop' cannot be deployed to AWS:\n  containers.0.image: must be pinned`),
        }),
      )
    },
  )

  it('is refused with more containers than a task has, ours included', () => {
    const image = `example/shop@${digest}`
    const of = (count: number, files?: Record<string, string>, port?: number) => {
      const made = blueprint(...Array.from({ length: count }, () => ({ image })))
      const containers = made.containers.map((container) => ({
        ...container,
        ...(files === undefined ? {} : { files }),
      }))
      return { ...made, containers, traffic: { ...made.traffic, port } }
    }
    expect(() => requireDeployable(of(5, { a: '' }))).not.toThrow()
    expect(() => requireDeployable(of(8, undefined, 8055))).not.toThrow()
    expect(() => requireDeployable(of(5, { a: '' }, 8055))).toThrow('at most 10 containers: these 5, and 6 for `files`')
  })

  it('is refused with larger fields than a load balancer passes on', () => {
    const made = blueprint({ image: `example/shop@${digest}` })
    const of = (fieldsKiB: number) => ({ ...made, traffic: { ...made.traffic, fieldsKiB } })
    expect(() => requireDeployable(of(32))).not.toThrow()
    expect(() => requireDeployable(of(33))).toThrow('traffic.fieldsKiB: a load balancer passes on at most 32 KiB')
  })

  it('is refused with mounts of subdirectories, which an access point does not offer', () => {
    const mounts = [{ path: '/srv/app', directory: 'app' }]
    const made = blueprint({ image: `example/shop@${digest}` })
    const refused = { ...made, containers: made.containers.map((container) => ({ ...container, mounts })) }
    expect(() => requireDeployable(refused)).toThrow(
      'containers.0.mounts: Fargate mounts the data directory as a whole',
    )
  })

  it('is refused with a line for each such image', () => {
    const refused = blueprint({ image: 'one:1' }, { image: `two@${digest}` }, { image: 'three:3' })
    expect(() => requireDeployable(refused)).toThrow(
      /containers\.0\.image: .*"one:1"\)\n.*containers\.2\.image: .*"three:3"\)$/,
    )
  })
})

describe('the release of a version', () => {
  const releaseOf = (release: object) => parseBlueprint({ ...minimal, release }, 'shop.yaml').release

  it('migrates nothing, allows no way back and expects a success, if it does not say otherwise', () => {
    expect(releaseOf({ checks: [{ path: '/about' }] })).toEqual({
      migrates: false,
      backwardCompatible: false,
      checks: [{ path: '/about', status: 200 }],
      bakeSeconds: 600,
    })
  })

  it.each([
    { checks: [{ path: 'about' }] },
    { checks: [{ path: '/', status: 99 }] },
    { checks: [{ path: '/', seconds: 5 }] },
    { checks: [{ command: ['check'], contains: 'x' }] },
    { checks: [{ path: '/', command: ['check'] }] },
    { bakeSeconds: -1 },
    { x: true },
  ])('is refused: %o', (release) => {
    expect(problemsOf({ ...minimal, release })).toHaveLength(1)
  })
})
