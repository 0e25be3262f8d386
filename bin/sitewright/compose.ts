import { stringify } from 'yaml'
import {
  containerCommand,
  containerEnvironment,
  containerFiles,
  containerPlace,
} from '../../adapters/site-runtime/container-texts.ts'
import { type Blueprint, type BlueprintContainer, stopSecondsOf } from '../../core/blueprint/blueprint.ts'
import { filesDirectory } from '../../core/blueprint/interpolate.ts'
import { startOrder, startsAfter } from '../../core/blueprint/start-order.ts'
import { unescaped } from '../blueprint/init/variables.ts'

interface ExportedSite {
  readonly slug: string
  readonly version: number
  readonly blueprint: Blueprint
  readonly images: Readonly<Record<string, string>>
  readonly facts: Readonly<Record<string, string>>
  /** Where images are built that nobody pushed, by container. */
  readonly builds: Readonly<Record<string, object>>
  /** Of secrets; empty for those that somebody has to fill in. */
  readonly values: Readonly<Record<string, string>>
  /** Where the images were pulled, and the platform that they are for. */
  readonly pull: { readonly platform: string } | null
}

const port = 8080

export const imageName = (slug: string, container: string, version: number): string =>
  `localhost/${slug}/${container}:${version}`

/** As whom the containers run, and whose the data is: whoever exports it, but not root. */
export const dataUser = ({ data }: Blueprint) => {
  const [uid = 0, gid = 0] = [process.getuid?.(), process.getgid?.()]
  return data.owner ?? (uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid })
}

/** Marks where the name of a secret stands for its value. */
const mark = '\u0000'

const launchOf = ({ blueprint, facts }: ExportedSite, secrets: Readonly<Record<string, string>>) => ({
  blueprint,
  secrets,
  environment: {},
  facts: { ...facts, SITE_URL: `http://localhost:${port}` },
})

/** Texts of compose files: a dollar sign is written twice, and names are read from `.env`. */
const composed = (text: string): string =>
  text.replaceAll('$', '$$$$').replaceAll(new RegExp(`${mark}(\\w+)${mark}`, 'g'), '$${$1:?set it in .env}')

const volumesOf = ({ name, files, mounts = [] }: BlueprintContainer, { data }: Blueprint): readonly string[] => [
  `./data:${data.directory}`,
  ...mounts.map(({ path, directory }) => `./data/${directory}:${path}`),
  ...(files === undefined ? [] : [`./files/${name}:${filesDirectory}:ro`]),
]

const serviceOf = (container: BlueprintContainer, index: number, site: ExportedSite) => {
  const { blueprint, builds, slug, version, images, values } = site
  const [first] = startOrder(blueprint)
  const place = containerPlace(blueprint, port)
  const launch = launchOf(site, Object.fromEntries(Object.keys(values).map((name) => [name, `${mark}${name}${mark}`])))
  const { name, command, capabilities, writable = [], health } = container
  const own = images[name] !== undefined || builds[name] !== undefined
  const text = (words: readonly string[]) => containerCommand(words, container, launch, place).map(composed)
  const environment = Object.entries(containerEnvironment(container, launch, place))
  return {
    image: own ? imageName(slug, name, version) : container.image,
    ...(builds[name] ? { build: builds[name] } : own ? { pull_policy: 'never' } : {}),
    ...(command && { command: text(command) }),
    user: capabilities === undefined ? `\${SITE_USER}` : '0:0',
    environment: Object.fromEntries(environment.map(([key, value]) => [key, composed(value)])),
    volumes: volumesOf(container, blueprint),
    read_only: true,
    tmpfs: ['/tmp', ...writable],
    cap_drop: ['ALL'],
    ...(capabilities && { cap_add: [...capabilities] }),
    security_opt: ['no-new-privileges'],
    ulimits: { nofile: 8192, nproc: 16_384 },
    stop_grace_period: `${stopSecondsOf(blueprint)}s`,
    restart: 'unless-stopped',
    // Containers of a site share localhost.
    ...(index === 0 || first === undefined
      ? { ports: [`127.0.0.1:\${SITE_PORT:-${port}}:${place.port}`] }
      : { network_mode: `service:${first.name}` }),
    ...(health && { healthcheck: { test: ['CMD', ...text(health.command)], interval: '5s', retries: 24 } }),
    ...dependsOn(container, index, blueprint),
  }
}

const dependsOn = (container: BlueprintContainer, index: number, blueprint: Blueprint) => {
  const [first] = startOrder(blueprint)
  const before = new Set([
    ...startsAfter(blueprint, container),
    ...(index === 0 || first === undefined ? [] : [first.name]),
  ])
  const condition = (name: string) =>
    blueprint.containers.find((one) => one.name === name)?.health === undefined ? 'service_started' : 'service_healthy'
  return before.size === 0
    ? {}
    : { depends_on: Object.fromEntries([...before].map((name) => [name, { condition: condition(name) }])) }
}

/** Docker Compose makes another text of a date without quotes, and Podman Compose reads YAML 1.1, where `no` is none. */
const asTexts = { version: '1.1', lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' } as const

/** Runs the site with Docker Compose or Podman Compose, without Sitewright. */
export const composeFile = (site: ExportedSite, isOwned: boolean): string => {
  const { slug, version, blueprint, pull } = site
  const { uid, gid } = dataUser(blueprint)
  const services = startOrder(blueprint).map((one, index) => [one.name, serviceOf(one, index, site)] as const)
  const head = [
    `Version ${version} of ${slug}, exported from Sitewright. It runs without Sitewright; podman works like docker:`,
    ...(Object.keys(site.images).length > 0
      ? ['  for image in images/*.tar; do docker load --input "$image"; done']
      : []),
    ...(isOwned ? [] : [`  sudo chown -R ${uid}:${gid} data`]),
    `  podman unshare chown -R ${uid}:${gid} data    # for Podman without root alone`,
    '  docker compose up    # fill in .env before',
    `Then it is at http://localhost:${port}. Nobody guards it there: put a proxy with HTTPS, and a sign-in if it needs one, before it.`,
    ...(pull ? [`The images are for ${pull.platform}: on another processor, the engine needs QEMU.`] : []),
  ]
  return `${head.map((line) => `# ${line}`).join('\n')}\n${stringify({ name: slug, services: Object.fromEntries(services) }, asTexts)}`
}

/** As Compose reads it: in single quotes a backslash escapes only their end, so a value with one there stands in double quotes. */
const quoted = (value: string): string =>
  /\\(?:'|$)/.test(value) ? `"${value.replaceAll(/["$\\]/g, '\\$&')}"` : `'${value.replaceAll("'", "\\'")}'`

/** The values of `.env`, as Compose reads them: those in quotes may have several lines, a comment may follow, and lines may end as on Windows. */
export const environmentValues = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [
      ...text
        .replace(/^\uFEFF/, '')
        .matchAll(
          /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=(?:[ \t]*(?:'((?:\\'|[^'])*)'|"((?:\\[\s\S]|[^"\\])*)")[ \t]*(?:#.*)?|(.*))$/gm,
        ),
    ].map(([, name = '', single, double, plain = '']) => [
      name,
      single?.replaceAll("\\'", "'") ??
        (double === undefined ? plain.replace(/[ \t]#.*$/, '').trim() : unescaped(double)),
    ]),
  )

/** The values of secrets, which nobody but the owner of the directory may read. */
export const environmentFile = (values: ExportedSite['values'], { uid, gid }: { uid: number; gid: number }): string =>
  [
    `SITE_USER=${uid}:${gid}`,
    ...Object.entries(values).map(([name, value]) =>
      value === '' ? `# Set it: nobody can export it.\n${name}=` : `${name}=${quoted(value)}`,
    ),
    '',
  ].join('\n')

/** The files of containers, with the values of secrets as far as they are known. */
export const filesOf = (site: ExportedSite): Readonly<Record<string, string>> =>
  Object.fromEntries(
    site.blueprint.containers.flatMap((container) =>
      Object.entries(containerFiles(container, launchOf(site, site.values), containerPlace(site.blueprint, port))).map(
        ([name, text]) => [`files/${container.name}/${name}`, text] as const,
      ),
    ),
  )
