import { dirname, join, resolve } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import { messageOf } from '../../command-line/read-options.ts'
import { BadInput, readText } from '../bad-input.ts'
import { interpolate, type Lookup, plain, readEnv } from './variables.ts'

export type Fields = Readonly<Record<string, unknown>>
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapValues = <Value, Result>(fields: Readonly<Record<string, Value>>, map: (value: Value) => Result) =>
  Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, map(value)]))

export interface ComposeFile {
  readonly services: Readonly<Record<string, Fields>>
  /** Everything beside them. */
  readonly rest: Fields
  readonly lookup: Lookup
}

export const listOf = (value: readonly string[] | string | null | undefined): readonly string[] =>
  value === null || value === undefined ? [] : typeof value === 'string' ? [value] : value

/** A later file replaces these lists; others grow. */
const replaced = new Set(['command', 'entrypoint', 'test'])

const keyOf = (item: unknown): string => {
  if (isFields(item)) return String(item['target'] ?? item['source'] ?? item['path'] ?? JSON.stringify(item))
  const text = plain(String(item))
  return /^[^:]*:(\/[^:]+)/.exec(text)?.[1] ?? text
}

/** Merges as the specification merges files. */
const merged = (base: unknown, over: unknown, key = ''): unknown => {
  if (base === undefined || base === null || over === undefined) return over ?? base
  if (isFields(base) && isFields(over)) return mergedFields(base, over)
  if (Array.isArray(base) && Array.isArray(over) && !replaced.has(key))
    return [...new Map([...base, ...over].map((item) => [keyOf(item), item])).values()]
  return over
}

const mergedFields = (base: Fields, over: Fields): Fields => {
  const names = Object.keys({ ...base, ...over })
  return Object.fromEntries(names.map((name) => [name, merged(base[name], over[name], name)]))
}

const interpolated = (value: unknown, lookup: Lookup): unknown => {
  if (typeof value === 'string') return interpolate(value, lookup)
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (Array.isArray(value)) return value.map((item) => interpolated(item, lookup))
  return isFields(value) ? mapValues(value, (item) => interpolated(item, lookup)) : value
}

/** Names of a list as a map, so that files merge by them. */
const mapOf = (value: unknown, ofText: (text: string) => readonly [string, unknown]): unknown =>
  Array.isArray(value) && value.every((item) => !isFields(item))
    ? Object.fromEntries(value.map((item) => ofText(String(item))))
    : value

const pairOf = (text: string): readonly [string, unknown] => {
  const [name = ''] = text.split('=', 1)
  return [name, name === text ? null : text.slice(name.length + 1)]
}

/** A build or a file that is no path of this machine. */
export const isRemote = (path: string): boolean => /^[\w+]+:\/\/|^git@|^github\.com\//.test(plain(path))

const at = (directory: string, path: unknown): unknown =>
  typeof path === 'string' && !isRemote(path) ? resolve(directory, plain(path)) : path

const withFile = (fields: Fields, directory: string): Fields => ({ ...fields, file: at(directory, fields['file']) })

/** One form for what has several, with absolute paths. */
const normal = (service: Fields, directory: string): Fields => {
  const { build, environment, env_file: files, depends_on: needed, networks, extends: origin } = service
  const built = typeof build === 'string' ? { context: build } : build
  const all: Fields = {
    ...service,
    environment: mapOf(environment, pairOf),
    depends_on: mapOf(needed, (name) => [name, { condition: 'service_started' }]),
    networks: mapOf(networks, (name) => [name, null]),
    build: isFields(built)
      ? { ...built, context: at(directory, built['context'] ?? '.'), args: mapOf(built['args'], pairOf) }
      : undefined,
    env_file: [files]
      .flat()
      .map((file) => (isFields(file) ? { ...file, path: at(directory, file['path']) } : { path: at(directory, file) })),
    extends: isFields(origin) && 'file' in origin ? withFile(origin, directory) : origin,
  }
  return Object.fromEntries(Object.entries(all).filter(([key]) => service[key] !== undefined))
}

/** Secrets or configs with absolute paths. */
const grantsAt = (all: unknown, directory: string): unknown =>
  isFields(all) ? mapValues(all, (one) => (isFields(one) && 'file' in one ? withFile(one, directory) : one)) : all

const path = z.union([z.string(), z.array(z.string())])
const includeSchema = z.array(
  z.union([
    z.string().transform((file) => ({ path: file, project_directory: undefined, env_file: undefined })),
    z.object({ path, project_directory: z.string().optional(), env_file: path.optional() }),
  ]),
)
const extendsSchema = z.union([
  z.string().transform((service) => ({ service, file: undefined })),
  z.object({ service: z.string(), file: z.string().optional() }),
])
const composeSchema = z.looseObject({
  services: z.record(z.string(), z.record(z.string(), z.unknown()).nullable()).nullish(),
  include: z.unknown().optional(),
})

/** @throws {BadInput} in one line. */
export const parsed = <Output>(schema: z.ZodType<Output>, value: unknown, file: string): Output => {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new BadInput(`${file} is not a compose file: ${z.prettifyError(result.error).replace(/\s*\n\s*/g, ' ')}`)
}

const yamlOf = (text: string, file: string): unknown => {
  const tag = /:\s+(!reset|!override)\b/.exec(text)?.[1]
  if (tag !== undefined) throw new BadInput(`${file} has ${tag}, which is not read: write the merged file instead.`)
  try {
    return parse(text, { merge: true, intAsBigInt: true })
  } catch (error) {
    throw new BadInput(`${file} is not valid YAML: ${messageOf(error).split('\n', 1)[0]}`)
  }
}

type Origin = Readonly<{ directory?: string; env?: readonly string[]; lookup?: Lookup; from?: readonly string[] }>

const extended = async (name: string, loaded: ComposeFile, from: readonly string[]): Promise<Fields> => {
  const { extends: origin, ...own } = loaded.services[name] ?? {}
  if (!(name in loaded.services)) throw new BadInput(`${from.at(-1)} extends '${name}', which is not there.`)
  if (origin === undefined || origin === null) return own
  const { service, file } = parsed(extendsSchema, origin, `'${name}'`)
  const step = `${file ?? ''}#${service}`
  if (from.includes(step)) throw new BadInput(`'${name}' extends itself: ${[...from, step].join(' > ')}`)
  const other = file === undefined ? loaded : await loadOne(file, { lookup: loaded.lookup })
  const base = await extended(service, other, [...from, step])
  return mergedFields(base, own)
}

/** One file with what it includes. Its services still have their `extends`. */
const loadOne = async (file: string, origin: Origin): Promise<ComposeFile> => {
  const directory = origin.directory ?? dirname(resolve(file))
  const text = await readText(file)
  const texts = await Promise.all((origin.env ?? [join(directory, '.env')]).map((one) => readText(one).catch(() => '')))
  const outer = origin.lookup ?? (() => undefined)
  const variables = Object.fromEntries(texts.flatMap((one) => Object.entries(readEnv(one, outer))))
  const lookup: Lookup = (name) => outer(name) ?? variables[name] ?? undefined
  const { services, include, ...rest } = parsed(composeSchema, interpolated(yamlOf(text, file), lookup), file)
  let all: ComposeFile = {
    services: mapValues(services ?? {}, (service) => normal(service ?? {}, directory)),
    rest: { ...rest, secrets: grantsAt(rest['secrets'], directory), configs: grantsAt(rest['configs'], directory) },
    lookup,
  }
  if (origin.from?.includes(resolve(file))) throw new BadInput(`${file} includes itself.`)
  for (const { path, project_directory: place, env_file: env } of parsed(includeSchema, include ?? [], file)) {
    const files = listOf(path).map((one) => resolve(directory, plain(one)))
    const other = await loadAll(files, {
      lookup,
      from: [...(origin.from ?? []), resolve(file)],
      directory: resolve(directory, place ?? dirname(files[0] ?? file)),
      ...(env === undefined ? {} : { env: listOf(env).map((one) => resolve(directory, plain(one))) }),
    })
    all = joined(other, all)
  }
  return all
}

const joined = (base: ComposeFile, over: ComposeFile): ComposeFile => {
  const names = Object.keys({ ...base.services, ...over.services })
  const ofService = (name: string) => mergedFields(base.services[name] ?? {}, over.services[name] ?? {})
  return {
    services: Object.fromEntries(names.map((name) => [name, ofService(name)])),
    rest: mergedFields(base.rest, over.rest),
    lookup: (name) => over.lookup(name) ?? base.lookup(name),
  }
}

const loadAll = async ([first = '', ...others]: readonly string[], origin: Origin): Promise<ComposeFile> => {
  let all = await loadOne(first, origin)
  const directory = origin.directory ?? dirname(resolve(first))
  for (const file of others) all = joined(all, await loadOne(file, { ...origin, directory }))
  const names = Object.keys(all.services)
  const whole = await Promise.all(names.map(async (name) => [name, await extended(name, all, [`#${name}`])] as const))
  return { ...all, services: Object.fromEntries(whole) }
}

/**
 * Reads compose files as Compose does, each over those before: with what they include and extend, and variables of `.env`. The
 * machine's own variables are not read, so that a draft is the same everywhere. @throws {BadInput} if one is no compose file.
 */
export const loadCompose = (files: readonly string[]): Promise<ComposeFile> => loadAll(files, {})
