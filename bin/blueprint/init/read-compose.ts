import { dirname, relative, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import * as z from 'zod'
import { messageOf } from '../../command-line/read-options.ts'
import { BadInput, readText } from '../bad-input.ts'
import type { ContainerDraft, Draft } from './draft.ts'
import { looksSecret, nameFrom, secretQuestion, wordsOf } from './draft.ts'
import { healthCommand } from './read-image.ts'

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])
const words = z.union([z.string(), z.array(z.coerce.string())])
const oneOrMore = z.union([z.string(), z.array(z.string())])

const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z
    .union([z.string(), z.looseObject({ context: z.string().default('.'), dockerfile: z.string().optional() })])
    .optional(),
  command: words.nullish(),
  entrypoint: words.nullish(),
  environment: z.union([z.record(z.string(), scalar), z.array(z.string())]).nullish(),
  env_file: oneOrMore.nullish(),
  ports: z.array(z.union([z.number(), z.string(), z.looseObject({ target: z.coerce.number() })])).nullish(),
  expose: z.array(z.union([z.number(), z.string()])).nullish(),
  volumes: z
    .array(
      z.union([z.string(), z.looseObject({ type: z.string(), source: z.string().optional(), target: z.string() })]),
    )
    .nullish(),
  tmpfs: oneOrMore.nullish(),
  user: z.coerce.string().optional(),
  healthcheck: z.looseObject({ test: words.optional() }).nullish(),
  depends_on: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]).nullish(),
})
type Service = z.output<typeof serviceSchema>

const composeSchema = z.looseObject({ name: z.string().optional(), services: z.record(z.string(), serviceSchema) })

const listOf = (value: readonly string[] | string | null | undefined): readonly string[] =>
  value === null || value === undefined ? [] : typeof value === 'string' ? [value] : value

const commandOf = (value: Service['command']): readonly string[] | undefined =>
  value === null || value === undefined ? undefined : typeof value === 'string' ? wordsOf(value) : value

/** Replaces the variables of compose by their defaults. @param ask called with those that have none. */
const filled = (text: string, ask: (name: string) => void): string =>
  text.replace(
    /\$(?:\$|\{(\w+)(?:(:?[-?+])([^}]*))?\}|(\w+))/g,
    (all, braced?: string, how?: string, other = '', plain?: string) => {
      if (all === '$$') return '$'
      if (how?.endsWith('-')) return other
      ask(braced ?? plain ?? '')
      return ''
    },
  )

const pairOf = (text: string): readonly [string, string] => {
  const [name = ''] = text.split('=', 1)
  return [name, text.slice(name.length + 1)]
}

const environmentOf = async (
  { environment, env_file }: Service,
  directory: string,
  fill: (text: string) => string,
): Promise<Record<string, string>> => {
  const files = await Promise.all(listOf(env_file).map((file) => readText(resolve(directory, file))))
  const own = Array.isArray(environment)
    ? environment.map(pairOf)
    : Object.entries(environment ?? {}).map(([name, value]) => [name, String(value ?? '')] as const)
  const pairs = [...files.flatMap((text) => Object.entries(parseEnv(text))), ...own]
  return Object.fromEntries(pairs.map(([name, value = '']) => [name, fill(value)]))
}

const targetPort = (port: NonNullable<Service['ports']>[number]): number => {
  if (typeof port === 'object') return port.target
  return Number.parseInt(String(port).split('/')[0]?.split(':').at(-1) ?? '', 10)
}

interface Mount {
  readonly target: string
  /** The directory or file of the machine, if it is one. */
  readonly bound?: string
  readonly isScratch?: true
}

const mountOf = (volume: NonNullable<Service['volumes']>[number]): Mount => {
  if (typeof volume === 'object') {
    const { type, source, target } = volume
    return {
      target,
      ...(type === 'bind' && source !== undefined ? { bound: source } : {}),
      ...(type === 'tmpfs' ? { isScratch: true } : {}),
    }
  }
  const [source = '', target] = volume.split(':')
  if (target === undefined) return { target: source }
  return { target, ...(/^[./~]/.test(source) ? { bound: source } : {}) }
}

interface Place {
  readonly directory: string
  /** What paths in the blueprint are relative to. */
  readonly base: string
}

const impossible = ['privileged', 'cap_add', 'devices', 'network_mode', 'pid', 'ipc', 'security_opt', 'sysctls']

const isFile = (path: string): boolean => /\.[A-Za-z0-9]+$/.test(path)

const buildOf = ({ build }: Service, { directory, base }: Place): ContainerDraft['build'] => {
  if (build === undefined) return undefined
  const { context, dockerfile } = typeof build === 'string' ? { context: build, dockerfile: undefined } : build
  const path = relative(base, resolve(directory, context)) || '.'
  return { context: path, ...(dockerfile === undefined ? {} : { dockerfile }) }
}

const mountsOf = ({ volumes, tmpfs }: Service) => {
  const mounts = (volumes ?? []).map(mountOf)
  const files = mounts.filter(({ bound, target }) => bound !== undefined && isFile(target))
  const scratch = mounts.filter(({ isScratch }) => isScratch === true)
  const kept = mounts.filter((mount) => !files.includes(mount) && !scratch.includes(mount))
  const writable = [
    ...listOf(tmpfs).map((path) => path.split(':', 1)[0] ?? path),
    ...scratch.map(({ target }) => target),
  ]
  return {
    volumes: kept.map(({ target }) => target),
    writable: writable.filter((path) => path !== '/tmp'),
    questions: files.map(
      ({ bound, target }) =>
        `${bound} is mounted at ${target}: can the product read it from FILES_DIRECTORY (\`files\`)?`,
    ),
  }
}

const healthOf = ({ healthcheck }: Service): readonly string[] | undefined => {
  const { test } = healthcheck ?? {}
  return typeof test === 'string' ? ['sh', '-c', test] : test && healthCommand(test)
}

const containerOf = async (key: string, service: Service, place: Place): Promise<ContainerDraft> => {
  const unknown = new Set<string>()
  const fill = (text: string): string => filled(text, (name) => unknown.add(name))
  const environment = await environmentOf(service, place.directory, fill)
  const { volumes, writable, questions } = mountsOf(service)
  const name = nameFrom(key)
  const image = fill(service.image ?? `${name}:1`)
  const secret = new Set<string>()
  const fillWord = (word: string): string =>
    filled(word, (variable) => (looksSecret(variable, '') ? secret : unknown).add(variable))
  const health = healthOf(service)?.map(fillWord)
  const command = commandOf(service.command)?.map(fillWord)
  const build = buildOf(service, place)
  const depends = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {})
  const asked = [...unknown].filter((variable) => !looksSecret(variable, ''))
  return {
    name,
    host: key,
    image,
    ...(build === undefined ? {} : { build }),
    ...(command === undefined ? {} : { command }),
    environment,
    ports: [...(service.ports ?? []).map(targetPort), ...(service.expose ?? []).map(targetPort)],
    volumes,
    writable,
    ...(service.user === undefined ? {} : { user: service.user }),
    ...(health === undefined ? {} : { health }),
    after: depends.map(nameFrom),
    isPublished: (service.ports ?? []).length > 0,
    questions: [
      ...asked.map((variable) => `What is ${variable}? The compose file takes it from the machine.`),
      ...[...secret].map(secretQuestion),
      ...questions,
      ...(service.entrypoint
        ? ['The compose file replaces the entrypoint, which a blueprint cannot: does `command` do?']
        : []),
      ...impossible
        .filter((field) => field in service)
        .map((field) => `A site cannot have \`${field}\`: does it work without?`),
    ],
  }
}

/** @param base the directory that paths in the blueprint are relative to. @throws {BadInput} if it is no compose file. */
export const readCompose = async (file: string, base: string): Promise<Draft> => {
  const text = await readText(file)
  const read = ((): unknown => {
    try {
      return parse(text, { merge: true })
    } catch (error) {
      throw new BadInput(`${file} is not valid YAML: ${messageOf(error).split('\n', 1)[0]}`)
    }
  })()
  const compose = composeSchema.safeParse(read)
  if (!compose.success) {
    throw new BadInput(`${file} is not a compose file: ${z.prettifyError(compose.error).replace(/\s*\n\s*/g, ' ')}`)
  }
  const directory = dirname(resolve(file))
  const services = Object.entries(compose.data.services)
  const containers = await Promise.all(services.map(([key, service]) => containerOf(key, service, { directory, base })))
  if (containers.length === 0) throw new BadInput(`${file} has no services.`)
  return { source: file, name: nameFrom(compose.data.name ?? directory), containers }
}
