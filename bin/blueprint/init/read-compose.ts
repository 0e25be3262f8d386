import { dirname, relative, resolve } from 'node:path'
import * as z from 'zod'
import { BadInput } from '../bad-input.ts'
import { type ComposeFile, isFields, isRemote, listOf, loadCompose, parsed } from './compose-file.ts'
import { grantedOf, mountsOf } from './compose-mounts.ts'
import { environmentOf, healthOf, isLocalPort, portsOf, type Service, serviceSchema } from './compose-service.ts'
import { type ContainerDraft, type Draft, nameFrom, those, wordsOf } from './draft.ts'
import { leftLines, shown, type Taken } from './left-over.ts'
import { looksSecret, secretQuestion } from './secrets.ts'
import { asWritten, plain, variablesOf } from './variables.ts'

const grant = { source: true, target: true } as const
/** What becomes a part of the draft, or of a question of its own. */
const taken: Taken = {
  ...{ image: true, command: true, environment: true, env_file: true, expose: true, tmpfs: true, user: true },
  ...{ container_name: true, links: true, profiles: true, secrets: grant, configs: grant },
  build: { context: true, dockerfile: true },
  ports: { target: true, published: true, host_ip: true, protocol: (value) => value === 'tcp' },
  volumes: { type: true, source: true, target: true },
  healthcheck: { test: (value) => !String(value).startsWith('NONE') },
  depends_on: { '*': { condition: true } },
}

/** Where Compose runs, builds or shows a container. A site has its own way for these. */
const ofCompose = new Set(
  'annotations attach blkio_config container_name cpu_count cpu_percent cpu_period cpu_quota cpu_shares cpus cpuset depends_on develop healthcheck init labels label_file logging mem_limit mem_reservation mem_swappiness memswap_limit networks platform post_stop pre_stop pull_policy pull_refresh_after restart scale stdin_open stop_grace_period tty'.split(
    ' ',
  ),
)

type Services = readonly (readonly [string, Service])[]

/** The names by which others reach it. */
const hostsOf = (
  key: string,
  { networks, container_name, hostname }: Service,
  services: Services,
): readonly string[] => {
  const aliases = Object.values(networks ?? {}).flatMap((network) =>
    isFields(network) && Array.isArray(network['aliases']) ? network['aliases'].map(String) : [],
  )
  const links = services.flatMap(([, { links: all }]) => all ?? []).map((link) => link.split(':'))
  const linked = links.flatMap(([target, alias]) => those(target === key && alias))
  // A domain is also the product's own address.
  const own = plain(hostname ?? '').replace(/^localhost$|^.*[^\w-].*$/, '')
  return [...new Set([key, container_name ?? key, own, ...aliases, ...linked].map(plain))].filter(Boolean)
}

const buildOf = ({ context, dockerfile }: NonNullable<Service['build']>, base: string) => ({
  context: relative(base, plain(context ?? '.')) || '.',
  ...(dockerfile === undefined ? {} : { dockerfile: plain(dockerfile) }),
})

/** What does its work and ends, such as a migration. */
const awaitsEnd = ({ depends_on: needed }: Service): readonly string[] =>
  Object.entries(needed ?? {}).flatMap(([other, how]) =>
    those(isFields(how) && how['condition'] === 'service_completed_successfully' && other),
  )

const containerOf = async (
  [key, service]: readonly [string, Service],
  { project, services, file, base }: { project: string; services: Services; file: ComposeFile; base: string },
): Promise<ContainerDraft> => {
  const name = nameFrom(key)
  const { build, image, user } = service
  const { context = '' } = build ?? {}
  const { environment, questions: asked } = await environmentOf(service, file.lookup)
  const { questions: granted, ...grants } = await grantedOf(service, file)
  const { questions: mounted, notes, ...mounts } = mountsOf(service)
  const { ports, isPublished, questions: otherPorts } = portsOf(service)
  const health = healthOf(service)
  const command = typeof service.command === 'string' ? wordsOf(service.command) : service.command
  const left = leftLines(service, taken, ofCompose)
  const used = JSON.stringify([image, Object.values(environment), service.volumes, service.ports, user, build])
  const words = [...(command ?? []), ...(health ?? [])]
  const inCommands = variablesOf(words.join(' ')).found
  const unknown = [...variablesOf(used).found, ...inCommands].filter(
    ({ name: variable, value }) => value === undefined && !looksSecret(variable, ''),
  )
  const others = [...Object.keys(service.depends_on ?? {}), ...(service.links ?? []).map((link) => link.split(':')[0])]
  return {
    name,
    hosts: hostsOf(key, service, services),
    image: plain(image ?? '') || `${project === name ? name : `${project}-${name}`}:1`,
    build: build && !isRemote(context) ? buildOf(build, base) : undefined,
    // A shell may read what has no value here.
    command: command?.map(asWritten).filter(Boolean),
    environment,
    ...grants,
    ...mounts,
    ports,
    user: user && plain(user),
    health: health?.map(asWritten).filter(Boolean),
    after: services.flatMap(([other]) => those(other !== key && others.includes(other) && nameFrom(other))),
    isPublished,
    isLocal: (service.ports ?? []).every(isLocalPort),
    notes: [...left.notes, ...notes],
    questions: [
      ...unknown.map(
        ({ name: one, expression }) => `What is ${one}? The compose file takes ${expression} from the machine.`,
      ),
      ...inCommands.filter(({ name: one }) => looksSecret(one, '')).map(({ name: one }) => secretQuestion(one)),
      ...those(
        isRemote(context) &&
          `It is built from ${asWritten(context)}: clone that, and name the directory in \`build\`, with \`context\`.`,
        words.some((word) => asWritten(word) === '') &&
          'Its command has an empty word, which a blueprint cannot have: does it work without?',
        ...others.map(
          (other) =>
            !services.some(([one]) => one === other) &&
            `It starts after '${other}', which is not in the file: does it need it?`,
        ),
        ...awaitsEnd(service).map(
          (other) =>
            `It starts after '${other}' has ended, and the containers of a site run on: does it work if \`release.command\` does that, or its own start?`,
        ),
      ),
      ...asked,
      ...granted,
      ...mounted,
      ...otherPorts,
      ...left.questions,
    ],
  }
}

const usedGrants = (services: Services, kind: 'secrets' | 'configs'): Taken =>
  Object.fromEntries(services.flatMap(([, service]) => (service[kind] ?? []).map(({ source }) => [source, true])))

/**
 * @param files each replaces and adds to those before it.
 * @param base the directory that paths in the blueprint are relative to. @throws {BadInput} if one is no compose file.
 */
export const readCompose = async (files: string | readonly string[], base: string): Promise<Draft> => {
  const paths = listOf(files)
  const source = paths.join(', ')
  const file = await loadCompose(paths)
  const all = Object.entries(parsed(z.record(z.string(), serviceSchema), file.services, source))
  const isOptional = ([, { profiles }]: (typeof all)[number]) => (profiles ?? []).length > 0
  const services = all.every(isOptional) ? all : all.filter((service) => !isOptional(service))
  const directory = dirname(resolve(paths[0] ?? '.'))
  const project = nameFrom(typeof file.rest['name'] === 'string' ? plain(file.rest['name']) : directory)
  const around = { project, services: all, file, base }
  const containers = await Promise.all(services.map((service) => containerOf(service, around)))
  if (containers.length === 0)
    throw new BadInput(`${source} has no services. They stand below \`services\` since version 2 of compose files.`)
  const names = containers.map(({ name }) => name)
  const parts = {
    name: true,
    secrets: usedGrants(services, 'secrets'),
    configs: usedGrants(services, 'configs'),
  } as const
  const left = leftLines(file.rest, parts, new Set(['version', 'networks', 'volumes']))
  return {
    source,
    name: project,
    containers: containers.map((container) => ({
      ...container,
      after: container.after.filter((other) => names.includes(other)),
    })),
    notes: left.notes,
    questions: [
      ...left.questions,
      ...all.filter(isOptional).map(([key, { profiles }]) => {
        const what = shown(key, file.services[key])
        return `'${key}' is for the profile ${(profiles ?? []).join(', ')}: does a site need it? ${names.includes(nameFrom(key)) ? 'It is here.' : `It is left out: ${what}`}`
      }),
    ],
  }
}
