import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseBlueprint } from '../../core/blueprint/blueprint.ts'
import { isExtension, parseExtension, resolveExtension } from '../../core/blueprint/extension.ts'
import { requirePublishable } from '../../lambdas/blueprints/require-publishable.ts'
import config from '../../sitewright.config.ts'

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))

describe('blueprints/welcome.yaml', () => {
  test('is a valid blueprint', async () => {
    const blueprint = parseBlueprint(parse(await readFile(file('blueprints/welcome.yaml'), 'utf8')), 'welcome.yaml')
    expect(blueprint).toMatchObject({ name: 'welcome', version: 7, traffic: { healthPath: '/healthz' } })
  })

  test('names files that exist', async () => {
    const blueprint = parseBlueprint(parse(await readFile(file('blueprints/welcome.yaml'), 'utf8')), 'welcome.yaml')
    for (const { build, process } of blueprint.containers) {
      expect(existsSync(file(`blueprints/${build?.context}/${build?.dockerfile}`))).toBe(true)
      expect(existsSync(file(`blueprints/${process?.directory}/${process?.command[1]}`))).toBe(true)
    }
  })
})

describe('sites/welcome/Dockerfile', () => {
  test('runs nothing under emulation: every stage that runs something is of the builder’s platform', async () => {
    const text = await readFile(file('sites/welcome/Dockerfile'), 'utf8')
    const stages = text.split(/^(?=FROM )/m).filter((stage) => stage.startsWith('FROM '))
    const running = stages.filter((stage) => /^RUN /m.test(stage))
    expect(running.length).toBeGreaterThan(0)
    for (const stage of running) expect(stage).toMatch(/^FROM --platform=\$BUILDPLATFORM /)
    expect(stages.at(-1)).toMatch(/^FROM node:/)
    expect(stages.at(-1)).toMatch(/^USER 10001:10001$/m)
  })
})

describe('docs/blueprints.md', () => {
  test('holds only examples that are valid blueprints', async () => {
    const text = await readFile(file('docs/blueprints.md'), 'utf8')
    const examples = [...text.matchAll(/^ *```yaml\n(.*?)^ *```$/gms)].map(([, yaml = '']) => yaml)
    expect(examples.length).toBeGreaterThanOrEqual(3)
    const plain = examples.map((yaml) => parse(yaml)).filter((content) => !isExtension(content))
    const blueprints = plain.map((content, index) => parseBlueprint(content, `example ${index + 1}`))
    const extensions = examples.map((yaml) => parse(yaml)).filter(isExtension)
    expect(extensions.length).toBeGreaterThan(0)
    const resolved = extensions.map((content) => {
      const extension = parseExtension(content, 'an extension')
      const base = blueprints.find(({ name }) => name === extension.extends.name)
      if (base === undefined) throw new Error(`no example is called ${extension.extends.name}`)
      return resolveExtension(extension, base, 'an extension')
    })
    for (const blueprint of [...blueprints, ...resolved]) {
      expect(() => requirePublishable(blueprint, config.plans)).not.toThrow()
    }
  })

  test('explains every field there is', async () => {
    const text = await readFile(file('docs/blueprints.md'), 'utf8')
    const everyField =
      'name version title description containers image build context dockerfile process command directory environment files writable needs plans extends after health secrets share traffic container port healthPath startSeconds data mode features'
    for (const field of everyField.split(' ')) expect(text).toContain(`\`${field}\``)
  })
})

test("the welcome site's own modules have the versions that the repository tests with", async () => {
  const site = JSON.parse(await readFile(file('sites/welcome/package.json'), 'utf8')) as { dependencies: object }
  const all = JSON.parse(await readFile(file('package.json'), 'utf8')) as { dependencies: object }
  expect(all.dependencies).toMatchObject(site.dependencies)
})
