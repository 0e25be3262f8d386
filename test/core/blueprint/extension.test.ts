import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Blueprint, parseBlueprint } from '../../../core/blueprint/blueprint.ts'
import { extensionSchema, isExtension, mergePatch, resolveExtension } from '../../../core/blueprint/extension.ts'

const lms = parseBlueprint(
  {
    name: 'lms',
    version: 12,
    title: 'Courses',
    access: 'public',
    containers: [
      {
        name: 'web',
        image: 'lms:12',
        build: { context: '../lms' },
        command: ['lms', 'serve'],
        environment: { LOG: 'info', THEME: 'light' },
        after: ['database'],
      },
      { name: 'database', image: 'postgres:17' },
      { name: 'mailer', image: 'mailer:3' },
    ],
    traffic: { container: 'web', healthPath: '/healthz' },
    data: { mode: 'exclusive' },
    features: ['certificates'],
  },
  'lms.yaml',
)

const resolve = (changes: object, base: Blueprint = lms): Blueprint => {
  const extension = { name: 'acme', version: 3, extends: { name: base.name, version: base.version }, ...changes }
  return resolveExtension(extensionSchema.parse(extension), base, 'acme.yaml')
}

describe('an extension', () => {
  it('that changes nothing is its base under another name, which says where it came from', () => {
    expect(resolve({})).toEqual({ ...lms, name: 'acme', version: 3, extends: { name: 'lms', version: 12 } })
  })

  it('merges maps by key and containers by name, in their order, and replaces other lists', () => {
    const acme = resolve({
      title: 'Acme Academy',
      containers: {
        search: { image: 'search:1' },
        web: { command: ['lms', 'serve', '--acme'], environment: { THEME: 'dark', SSO: 'on' } },
        mailer: null,
      },
      traffic: { startSeconds: 120 },
    })
    expect(acme.containers.map(({ name }) => name)).toEqual(['web', 'database', 'search'])
    expect(acme.containers[0]).toMatchObject({
      image: 'lms:12',
      build: { context: '../lms' },
      command: ['lms', 'serve', '--acme'],
      environment: { LOG: 'info', THEME: 'dark', SSO: 'on' },
    })
    expect(acme).toMatchObject({ title: 'Acme Academy', traffic: { healthPath: '/healthz', startSeconds: 120 } })
  })

  it('takes containers as a list too, as blueprints have them', () => {
    const changes = { web: { environment: { THEME: null } }, search: { image: 'search:1' } }
    const list = Object.entries(changes).map(([name, change]) => ({ name, ...change }))
    expect(resolve({ containers: list })).toEqual(resolve({ containers: changes }))
    expect(resolve({ containers: list }).containers[0]?.environment).toEqual({ LOG: 'info' })
  })

  it('with another image is not built as the base, unless it says how', () => {
    expect(resolve({ containers: { web: { image: 'acme:1' } } }).containers[0]).not.toHaveProperty('build')
    const build = { context: '../acme' }
    expect(resolve({ containers: { web: { image: 'acme:1', build } } }).containers[0]?.build).toMatchObject(build)
  })

  it('of an extension names its own base', () => {
    const acme = resolve({ containers: { mailer: null } })
    const branch = { name: 'branch', version: 1, extends: { name: 'acme', version: 3 } }
    expect(resolveExtension(extensionSchema.parse(branch), acme, 'branch.yaml')).toEqual({ ...acme, ...branch })
  })

  it.each([
    [
      'lacks what the base needs',
      { containers: { database: null } },
      "containers.0.after: no container is called 'database'",
    ],
    ['has an unknown field', { containers: { web: { imgae: 'x' } } }, 'containers.0: Unrecognized key: "imgae"'],
    ['removes what is required', { traffic: null }, 'traffic: '],
    ['adds a container without an image', { containers: { search: {} } }, 'containers.3.image: '],
  ])('that %s is refused with the path, its file and its base', (_, changes, told) => {
    expect(() => resolve(changes)).toThrow(told)
    expect(() => resolve(changes)).toThrow('acme.yaml, which extends lms 12, is not a valid blueprint')
  })

  it.each([
    ['itself', { extends: { name: 'acme', version: 2 } }, ['extends', 'name']],
    ['no version', { extends: { name: 'lms' } }, ['extends', 'version']],
    ['two containers of one name', { containers: [{ name: 'web' }, { name: 'web' }] }, ['containers']],
  ])('of %s is refused', (_, changes, path) => {
    const extension = { name: 'acme', version: 3, extends: { name: 'lms', version: 12 }, ...changes }
    expect(extensionSchema.safeParse(extension).error?.issues.map((issue) => issue.path)).toEqual([path])
  })

  it('is not what other files mean by `extends`', () => {
    expect(isExtension({ extends: '@tsconfig/node24' })).toBe(false)
    expect(isExtension({ extends: ['./base.json'] })).toBe(false)
    expect(isExtension({ extends: { name: 'lms', version: 12 } })).toBe(true)
  })
})

describe('merging', () => {
  // Source: RFC 7396, appendix A.
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('%s with %s is %s', (target, patch, result) => {
    expect(mergePatch(JSON.parse(target), JSON.parse(patch))).toEqual(JSON.parse(result))
  })

  const json = fc.jsonValue({ maxDepth: 4 })

  it('with nothing changes nothing, a second time neither, and leaves its input alone', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        const before = JSON.stringify([target, patch])
        const once = mergePatch(target, patch)
        expect(mergePatch(once, patch)).toEqual(once)
        expect(JSON.stringify([target, patch])).toBe(before)
        if (typeof target === 'object' && target !== null && !Array.isArray(target)) {
          expect(mergePatch(target, {})).toEqual(target)
        }
      }),
    )
  })

  it('removes exactly what is null, and keeps the order of the rest', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', '__proto__')
    const map = (value: fc.Arbitrary<unknown>) =>
      fc.array(fc.tuple(key, value)).map((entries) => Object.fromEntries(entries))
    fc.assert(
      fc.property(map(fc.integer()), map(fc.option(fc.integer())), (target, patch) => {
        const names = Object.keys(mergePatch(target, patch) as object)
        const kept = Object.keys(target).filter((name) => !Object.hasOwn(patch, name) || patch[name] !== null)
        const added = Object.keys(patch).filter((name) => patch[name] !== null && !Object.hasOwn(target, name))
        expect(names).toEqual([...kept, ...added])
      }),
    )
  })
})
