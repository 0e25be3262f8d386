import { describe, expect, it } from 'vitest'
import { parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import {
  factsFor,
  interpolate,
  interpolateInPart,
  isBoundLate,
  templateProblems,
  variablesIn,
} from '../../../core/blueprint/interpolate.ts'

const limits = { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 256 }

const blueprint = (container: object, more: object = {}) =>
  parseBlueprint(
    {
      name: 'shop',
      version: 1,
      title: 'Shop',
      containers: [{ name: 'web', image: 'shop:1', ...container }],
      traffic: { container: 'web' },
      data: { mode: 'exclusive' },
      ...more,
    },
    'shop.yaml',
  )

describe('interpolate', () => {
  const values = { PORT: '80', 'secret.KEY': 'k$$y ${PORT}' }
  it.each([
    ['plain text', 'plain text'],
    ['', ''],
    ['${PORT}', '80'],
    ['a${PORT}b${PORT}', 'a80b80'],
    ['${secret.KEY}', 'k$$y ${PORT}'],
    ['$$', '$'],
    ['$$$$', '$$'],
    ['$${PORT}', '${PORT}'],
    ['$$${PORT}', '$80'],
    ['$PORT and 5 $', '$PORT and 5 $'],
    ['${UNKNOWN}', '${UNKNOWN}'],
    ['${toString}', '${toString}'],
    ['${PORT', '${PORT'],
    ['${${PORT}}', '${80}'],
    ['a\nb ${PORT}\n', 'a\nb 80\n'],
  ])('turns %j into %j', (template, text) => {
    expect(interpolate(template, values)).toBe(text)
  })

  it.each(['$$', '$${A}', '${A}${B}', '$$${B}', '${A}$$${A}', '${C}', '$A $B', '$$$$${A}'])(
    'gives the same for %j in two passes as in one',
    (template) => {
      const [first, second] = [{ A: 'a$$b ${B} $' }, { B: '$$ ${A}' }]
      expect(interpolate(interpolateInPart(template, first), second)).toBe(
        interpolate(template, { ...first, ...second }),
      )
    },
  )

  it('names the variables of a template', () => {
    expect(variablesIn('${A} $${B} $C ${secret.D}${}')).toEqual(['A', 'secret.D', ''])
  })
})

describe('late binding', () => {
  it.each<[boolean, object]>([
    [false, { environment: { A: '${PORT}${HOST}${DATA_DIRECTORY}${secret.KEY}' }, secrets: ['KEY'] }],
    [false, { environment: { A: '$${SITE_URL}' } }],
    [true, { environment: { A: '${SITE_URL}' } }],
    [true, { command: ['serve', '${feature.export}'] }],
    [true, { process: { command: ['serve', '${limit.uploadMiB}'] } }],
    [true, { files: { a: '${SITE_URL}' } }],
  ])('is %s for %j', (isLate, container) => {
    expect(isBoundLate(blueprint(container))).toBe(isLate)
  })

  it('gives the facts that the blueprint mentions, and no others', () => {
    const asked = blueprint({
      environment: { A: '${SITE_URL} ${feature.export} ${feature.api-access}', B: '${limit.uploadMiB} ${limit.none}' },
    })
    expect(factsFor(asked, { siteUrl: 'https://shop.example.com', plan: { features: ['export'], limits } })).toEqual({
      SITE_URL: 'https://shop.example.com',
      'feature.export': 'true',
      'feature.api-access': 'false',
      'limit.uploadMiB': '32',
      'limit.none': '',
    })
    expect(factsFor(blueprint({}), { siteUrl: undefined, plan: { features: [], limits } })).toBeUndefined()
  })
})

describe('a template', () => {
  const problems = (container: object, more?: object) => templateProblems(blueprint(container, more), ['export'])

  it.each<[string, object]>([
    ['every variable', { environment: { a: '${PORT}${HOST}${DATA_DIRECTORY}${SITE_URL}${feature.export}' } }],
    [
      'every limit',
      {
        environment: {
          A: Object.keys(limits)
            .map((name) => `\${limit.${name}}`)
            .join(),
        },
      },
    ],
    ['its own secrets', { environment: { A: '${secret.KEY}' }, secrets: ['KEY'] }],
    [
      'the directory of its files',
      { command: ['serve', '${FILES_DIRECTORY}/a'], files: { a: '${secret.KEY}' }, secrets: ['KEY'] },
    ],
    ['a bare name that a shell reads', { command: ['/bin/sh', '-c', 'serve $PORT'] }],
    ['a bare name outside a command', { environment: { A: '$PORT' }, files: { a: 'proxy_set_header Host $host;' } }],
    ['escapes', { command: ['serve', '$$PORT', '$${X}', '5$'] }],
  ])('may have %s', (_, container) => {
    expect(problems(container)).toEqual([])
  })

  it.each<[string, object, string, string]>([
    [
      'an unknown variable',
      { environment: { A: '${PROT}' } },
      'environment.A',
      'there is no ${PROT}; there are: PORT, ',
    ],
    ['an empty name', { environment: { A: '${}' } }, 'environment.A', 'there is no ${}'],
    ['a name in small letters', { command: ['${port}'] }, 'command.0', 'there is no ${port}'],
    ['a secret of nobody', { environment: { A: '${secret.KEY}' } }, 'environment.A', 'there is no ${secret.KEY}'],
    ['an unknown feature', { files: { a: '${feature.exprot}' } }, 'files.a', 'feature.export'],
    ['an unknown limit', { files: { a: '${limit.mib}' } }, 'files.a', 'limit.uploadMiB'],
    ['the directory of no files', { command: ['${FILES_DIRECTORY}'] }, 'command.0', 'there is no ${FILES_DIRECTORY}'],
    ['a brace that stays open', { environment: { A: 'x${PORT' } }, 'environment.A', '${ without }'],
    ['a bare name', { command: ['serve', '--port=$PORT'] }, 'command.1', '$PORT stays as it is, because no shell'],
    ['a bare name before the shell', { command: ['$SHELL', 'sh'] }, 'command.0', 'no shell reads it'],
    [
      'a bare name in a process',
      { process: { command: ['$HOME/x'] } },
      'process.command.0',
      'write ${HOME}, or $$HOME',
    ],
    ['a secret in a command', { command: ['${secret.KEY}'], secrets: ['KEY'] }, 'command.0', 'must not hold a secret'],
  ])('with %s is refused where it is wrong', (_, container, path, message) => {
    expect(problems(container)).toEqual([{ path: `containers.0.${path}`, message: expect.stringContaining(message) }])
  })

  it('may name the features that its blueprint says it has', () => {
    expect(problems({ environment: { A: '${feature.api-access}' } }, { features: ['api-access'] })).toEqual([])
  })
})
