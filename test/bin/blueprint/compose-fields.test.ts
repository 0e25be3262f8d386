import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readCompose } from '../../../bin/blueprint/init/read-compose.ts'
import { settle } from '../../../bin/blueprint/init/settle.ts'
import { writeBlueprint } from '../../../bin/blueprint/init/write-blueprint.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
// schema/compose-spec.json of github.com/compose-spec/compose-go v2.16.2, Apache-2.0, unchanged.
import schema from './compose-spec.json' with { type: 'json' }

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
}

/** A place in the schema, and two values that differ only there. */
type Pair = readonly [path: string, one: unknown, other: unknown]

/** Where any text will not do. The two services and host names are in every file. */
const special: readonly (readonly [RegExp, unknown, unknown])[] = [
  [/^services\.x\.(?:volumes|tmpfs)\[\]$|^services\.x\.tmpfs$|\.target$/, '/alpha', '/beta'],
  [/\.ports\[\]\.target$/, 3001, 3002],
  [/\.expose\[\]$|\.ports\[\]$/, '3001', '3002'],
  [/\.(?:container_name|aliases\[\])$/, 'host-a', 'host-b'],
  [/\.links\[\]$/, 'alpha:host-a', 'alpha:host-b'],
  [/\.user$/, '1001', '1002'],
  [/\.(?:volumes\[\])\.type$/, 'bind', 'npipe'],
  // `CMD` and `NONE` alone are the same: nothing asks.
  [/\.healthcheck\.test\[\]$/, 'NONE', 'CMD'],
  [/\.env_file(?:\[\])?(?:\.path)?$/, 'alpha.env', 'beta.env'],
  [/\.env_file\[\]\.format$/, 'raw', 'alpha'],
  // A site waits until a container is healthy in both cases, if it has a health check.
  [/\.depends_on\.alpha\.condition$/, 'service_started', 'service_completed_successfully'],
  [/^\.include\[\](?:\.path)?$/, 'alpha.yaml', 'beta.yaml'],
  [/^\.include\[\]\.path\[\]$/, 'alpha.yaml', 'beta.yaml'],
  [/^\.include\[\]\.project_directory$/, 'alpha', 'beta'],
  [/\.extends\.file$/, 'alpha.yaml', 'beta.yaml'],
]

const resolved = (node: Schema): Schema => {
  const name = node.$ref?.split('/').at(-1)
  return name === undefined ? node : resolved((schema.$defs as unknown as Record<string, Schema>)[name] as Schema)
}

const pairsOf = (given: Schema, path: string, depth = 0): readonly Pair[] => {
  const node = resolved(given)
  const [, one, other] = special.find(([pattern]) => pattern.test(path)) ?? []
  if (one !== undefined && node.oneOf === undefined) return [[path, one, other]]
  if (one !== undefined && typeof one === 'string') return [[path, one, other], ...nested(node, path, depth)]
  return nested(node, path, depth)
}

const nested = (node: Schema, path: string, depth: number): readonly Pair[] => {
  const choices = node.oneOf ?? node.anyOf ?? node.allOf
  if (depth > 8) return []
  if (choices !== undefined) return choices.flatMap((choice) => pairsOf(choice, path, depth + 1))
  if (node.enum !== undefined) return [[path, node.enum[0], node.enum[1]]]
  if (node.type === undefined) return [[path, 'alpha', 'beta']]
  return [node.type].flat().flatMap((type): readonly Pair[] => {
    if (type === 'string') return [[path, 'alpha', 'beta']]
    if (type === 'number' || type === 'integer') return [[path, 3001, 3002]]
    if (type === 'boolean') return [[path, true, false]]
    if (type === 'array')
      return pairsOf(node.items ?? {}, `${path}[]`, depth + 1).map(([at, one, other]) => [at, [one], [other]])
    if (type === 'object') return fieldsOf(node, path, depth)
    return []
  })
}

const fieldsOf = (node: Schema, path: string, depth: number): readonly Pair[] => {
  const named = Object.entries(node.properties ?? {}).flatMap(([name, field]) => {
    const around = Object.fromEntries(
      (node.required ?? [])
        .filter((other) => other !== name)
        .map((other) => [other, pairsOf(node.properties?.[other] ?? {}, `${path}.${other}`, depth + 1)[0]?.[1]]),
    )
    return pairsOf(field, `${path}.${name}`, depth + 1).map(
      ([at, one, other]): Pair => [at, { ...around, [name]: one }, { ...around, [name]: other }],
    )
  })
  const patterns = Object.entries(node.patternProperties ?? {})
  const free = typeof node.additionalProperties === 'object' ? [['.', node.additionalProperties] as const] : []
  const open = [...patterns, ...free].flatMap(([pattern, field]) => {
    const key = pattern === '^x-' ? 'x-own' : 'alpha'
    const pairs = pairsOf(field, `${path}.${key}`, depth + 1)
    const any: readonly Pair[] = pairs.length > 0 ? pairs : [[`${path}.${key}`, 'one', 'two']]
    return any.map(([at, one, other]): Pair => [at, { [key]: one }, { [key]: other }])
  })
  const all = [...named, ...open]
  return all.length > 0 ? all : [[path, { alpha: 'one' }, { alpha: 'two' }]]
}

let directory: string
beforeAll(async () => {
  directory = await directoryForAll()
  for (const name of ['alpha', 'beta']) {
    await mkdir(join(directory, name))
    const alpha = { image: `${name}:9`, build: './src' }
    await writeFile(join(directory, `${name}.yaml`), stringify({ services: { [`${name}-more`]: alpha, alpha } }))
    await writeFile(join(directory, `${name}.env`), `FROM_FILE='${name}'\n`)
    await writeFile(join(directory, name, '.env'), `FROM_FILE=${name}\n`)
  }
})

const written = async (compose: object): Promise<string> => {
  const file = join(directory, 'compose.yaml')
  await writeFile(file, stringify(compose))
  return writeBlueprint(settle(await readCompose(file, directory)))
}

const around = {
  web: { image: 'web:1', ports: ['3000:3000'], environment: { PEERS: 'http://host-a/ http://host-b/' } },
  alpha: { image: 'alpha:1' },
  beta: { image: 'beta:1' },
}

/** What a part of a list cannot be without, though the schema does not say so. */
const needs = { configs: { source: 'alpha' }, secrets: { source: 'alpha' }, env_file: { path: 'none.env' } }

const fileOf = (path: string, value: unknown): object => {
  if (path.startsWith('services.x.')) {
    const x = JSON.parse(JSON.stringify(value)) as Record<string, unknown>
    for (const [field, needed] of Object.entries(needs)) {
      const items = x[field]
      if (Array.isArray(items))
        x[field] = items.map((item) => (typeof item === 'object' ? { ...needed, ...item } : item))
    }
    return { services: { ...around, x: { image: 'x:1', ...x } } }
  }
  const { include, ...rest } = value as { readonly include?: readonly unknown[] }
  const included = include?.map((one) => (typeof one === 'string' ? one : { path: 'alpha.yaml', ...(one as object) }))
  return { services: around, ...rest, ...(included === undefined ? {} : { include: included }) }
}

const services = pairsOf(schema.$defs.service as unknown as Schema, 'services.x')
const { services: _, ...top } = schema.properties
const tops = fieldsOf({ properties: top as unknown as Record<string, Schema>, patternProperties: { '^x-': {} } }, '', 0)
const table = [...services, ...tops.map(([path, one, other]): Pair => [path.slice(1), one, other])]

it('the table has every field of the specification', () => {
  const fields = new Set(services.map(([path]) => path.split(/[.[]/)[2]))
  const named = (schema.$defs.service.allOf as readonly Schema[]).flatMap((part) =>
    Object.keys(resolved(part).properties ?? {}),
  )
  expect(named.length).toBeGreaterThan(70)
  expect(named.filter((field) => !fields.has(field))).toEqual([])
  expect(table.length).toBeGreaterThan(300)
})

it('no value of any field is dropped: another value gives another draft or another question', async () => {
  const dropped: string[] = []
  for (const [path, one, other] of table) {
    const texts: string[] = []
    for (const value of [one, other])
      texts.push(await written(fileOf(path, value)).catch((error: unknown) => `refused: ${String(error)}`))
    if (texts.some((text) => text.startsWith('refused:')))
      dropped.push(`${path}: ${texts.find((text) => text.startsWith('refused:'))}`)
    else if (texts[0] === texts[1]) dropped.push(`${path}: ${JSON.stringify(one)}`)
  }
  expect(dropped).toEqual([])
})
