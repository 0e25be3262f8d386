import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import * as z from 'zod'
import { readText } from '../bad-input.ts'
import { healthCommand, portsFrom, those } from './draft.ts'
import { type Lookup, plain, readEnv } from './variables.ts'

const text = z.union([z.string(), z.number()]).transform(String)
const scalar = z.union([z.null(), z.union([z.string(), z.number(), z.boolean()]).transform(String)])
const words = z.union([z.string(), z.array(z.coerce.string())])
const oneOrMore = z.union([z.string(), z.array(z.string())])
const grantSchema = z.union([
  z.string().transform((source) => ({ source, target: undefined })),
  z.looseObject({ source: z.string(), target: z.string().optional() }),
])

/** The parts of a service that are read, after `loadCompose`. */
export const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: z.looseObject({ context: z.string().optional(), dockerfile: z.string().optional() }).nullish(),
  command: words.nullish(),
  container_name: z.string().optional(),
  hostname: text.optional(),
  environment: z.record(z.string(), scalar).nullish(),
  env_file: z
    .array(
      z.looseObject({
        path: z.string(),
        required: z.union([z.boolean(), z.string()]).default(true),
        format: z.string().optional(),
      }),
    )
    .nullish(),
  ports: z.array(z.union([text, z.looseObject({ target: text })])).nullish(),
  expose: z.array(text).nullish(),
  labels: z.union([z.array(z.string()), z.record(z.string(), scalar)]).nullish(),
  volumes: z
    .array(
      z.union([z.string(), z.looseObject({ type: z.string(), source: z.string().optional(), target: z.string() })]),
    )
    .nullish(),
  tmpfs: oneOrMore.nullish(),
  user: text.optional(),
  healthcheck: z.looseObject({ test: words.optional() }).nullish(),
  depends_on: z.record(z.string(), z.unknown()).nullish(),
  links: z.array(z.string()).nullish(),
  networks: z.record(z.string(), z.unknown()).nullish(),
  profiles: z.array(z.string()).nullish(),
  secrets: z.array(grantSchema).nullish(),
  configs: z.array(grantSchema).nullish(),
})
export type Service = z.output<typeof serviceSchema>

/** A proxy of the machine reaches it there, and strangers through that. */
const proxiedPort = /^traefik\.http\.services\.[^=]+\.loadbalancer\.server\.port=(\d+)$/i

export const portsOf = ({ ports, expose, labels }: Service) => {
  const lines = Array.isArray(labels) ? labels.map(String) : Object.entries(labels ?? {}).map((one) => one.join('='))
  const proxied = lines.flatMap((line) => those(proxiedPort.exec(plain(line))?.[1]))
  const published = [...(ports ?? []).map((port) => (typeof port === 'string' ? port : port.target)), ...proxied]
  return { isPublished: published.length > 0, ...portsFrom([...published, ...(expose ?? [])]) }
}

export const isLocalPort = (port: NonNullable<Service['ports']>[number]): boolean =>
  /^(?:127\.|localhost:|\[?::1\]?$|\[::1\]:)/.test(
    typeof port === 'string' ? plain(port) : String(port['host_ip'] ?? ''),
  )

export const environmentOf = async ({ environment, env_file }: Service, lookup: Lookup) => {
  const questions: string[] = []
  const all: Record<string, string | null> = {}
  for (const { path, required, format } of env_file ?? []) {
    const file = plain(path)
    if (format !== undefined && format !== 'raw')
      questions.push(`Which format is ${format} of ${relative('.', file)}? It was read as a usual one.`)
    if (existsSync(file)) Object.assign(all, readEnv(await readText(file), lookup, format === 'raw'))
    else if (String(required) !== 'false')
      questions.push(`Which variables does ${relative('.', file)} have? It is not there.`)
  }
  Object.assign(all, environment)
  const entries = Object.entries(all).map(([name, value]) => [name, value ?? lookup(name)] as const)
  const absent = entries.flatMap(([name, value]) => (value === undefined ? [name] : []))
  return {
    environment: Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    questions: [...questions, ...absent.map((name) => `What is ${name}? The compose file takes it from the machine.`)],
  }
}

export const healthOf = ({ healthcheck }: Service): readonly string[] | undefined => {
  const { test } = healthcheck ?? {}
  return typeof test === 'string' ? ['sh', '-c', test] : test && healthCommand(test)
}
