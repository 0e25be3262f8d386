import { basename } from 'node:path'
import { asWritten, plain } from './variables.ts'

/** A path with data. `origin`: what the source mounts there, {@link nameless} for a volume without a name; absent for a path of an image. */
export interface Volume {
  readonly path: string
  readonly origin?: string
}

/** What a source says of one container. */
export interface ContainerDraft {
  readonly name: string
  /** The names by which the others reach it, if that is not its own. */
  readonly hosts?: readonly string[] | undefined
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile?: string } | undefined
  /** How it would run as a plain process. */
  readonly process?: { readonly command: readonly string[]; readonly directory: string } | undefined
  /** Replaces the command of the image. */
  readonly command?: readonly string[] | undefined
  /** Texts here and in `files` may hold variables as `interpolate` leaves them. */
  readonly environment: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>> | undefined
  /** Where the source has a file, and where a site has it. */
  readonly paths?: Readonly<Record<string, string>> | undefined
  readonly ports: readonly number[]
  readonly volumes: readonly Volume[]
  readonly writable: readonly string[]
  readonly user?: string | undefined
  /** A command that succeeds once it is healthy. */
  readonly health?: readonly string[] | undefined
  readonly after: readonly string[]
  /** Whether strangers reach it. */
  readonly isPublished: boolean
  /** Whether only programs of the machine reach it. */
  readonly isLocal?: boolean | undefined
  /** What the source does not tell, or what a blueprint cannot have. */
  readonly questions: readonly string[]
  /** Fields that are left out because a site does it its own way. */
  readonly notes?: readonly string[] | undefined
}

/** The origin of a volume that has no name. */
export const nameless = 'without a name'

/** The only container of a product, of which nothing is known yet. */
export const emptyContainer = {
  name: 'web',
  environment: {},
  ports: [],
  volumes: [],
  writable: [],
  after: [],
  isPublished: true,
  questions: [],
} satisfies Partial<ContainerDraft>

export interface Draft {
  /** The file, image or package that it comes from. */
  readonly source: string
  /** Builds the image of a package. */
  readonly dockerfile?: string
  readonly name: string
  readonly containers: readonly ContainerDraft[]
  readonly notes?: readonly string[]
  readonly questions?: readonly string[]
}

/** The texts whose condition holds. */
export const those = (...texts: readonly (string | false | undefined)[]): readonly string[] =>
  texts.filter((text) => typeof text === 'string')

/** The ports of a container in the words of a source, and a question for each that is none of TCP alone, such as `5353/udp` or a range. */
export const portsFrom = (all: readonly string[]) => {
  const numberOf = (port: string) => /^(?:.*:)?(\d+)(?:\/tcp)?$/i.exec(plain(port))?.[1]
  return {
    ports: all.flatMap((port) => those(numberOf(port))).map(Number),
    questions: all.flatMap((port) =>
      those(
        numberOf(port) === undefined &&
          `It has the port ${asWritten(port)}, and visitors reach one port by HTTP: does it work without?`,
      ),
    ),
  }
}

/** Every container has `/tmp` anyway. */
export const volumesFrom = (paths: readonly string[]): readonly Volume[] =>
  paths.filter((path) => path !== '/tmp').map((path) => ({ path }))

/** A name that a blueprint may have. */
export const nameFrom = (text: string): string => {
  const name = basename(text)
    .replace(/[:@].*$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 31)
  return name === '' ? 'site' : name
}

/** Splits a command line as a shell does, without its substitutions. */
export const wordsOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?:"(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s"'\\]|\\.))+/g)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
      (_, double?: string, single?: string, bare?: string) => single ?? double?.replace(/\\(.)/g, '$1') ?? bare ?? '',
    ),
  )

/** A text in which a blueprint replaces nothing. */
export const escaped = (text: string): string => text.replaceAll('$', '$$$$')

/** A pattern for the text itself. */
export const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')

/** The command of a health check as engines and compose files write it. */
export const healthCommand = ([kind, ...rest]: readonly string[]): readonly string[] | undefined => {
  if (kind === 'CMD-SHELL') return ['sh', '-c', rest.join(' ')]
  return kind === 'CMD' && rest.length > 0 ? rest : undefined
}

/** Its port may be a variable of a shell. What else follows it is a path, or there is none. */
const ownAddress =
  /https?:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])(?::(\d+|\$\w+|\$\{[^}]*\}))?(?:(\/[^\s"'|;)]*)|(?=[\s"'|;)&>]|$))/

/** The path and the port that a health check asks on its own container, as far as it tells them without its variables. */
export const askedBy = (command: readonly string[] = []): { readonly path?: string; readonly port?: number } => {
  const [found, port = '', path = '/'] = ownAddress.exec(command.join(' ')) ?? []
  if (found === undefined) return {}
  return { ...(path.includes('$') ? {} : { path }), ...(/^\d+$/.test(port) ? { port: Number(port) } : {}) }
}

/** The path of the address at which people reach the product, if a variable holds that. */
export const pathOfOwn = (name: string, value: string): string | undefined => {
  const found = /UR[LI]$|ORIGINS?$|DOMAIN$/i.test(name) && new RegExp(`^${ownAddress.source}$`).exec(value)
  return found ? (found[2] ?? '') : undefined
}

/** Whether a variable may hold the address at which people reach the product: by its name, or since it has a name for examples. */
export const mayBeOwn = (name: string, value: string): boolean =>
  /^https?:\/\/[^/\s]+\.[a-z]/i.test(value) &&
  (/(?:^|_)(?:APP|BASE|EXTERNAL|PUBLIC|ROOT|SITE)_?UR[LI]$|^UR[LI]$|ORIGINS?$|DOMAIN$/i.test(name) ||
    /^https?:\/\/(?:[\w-]+\.)*(?:example|(?:my|your)-?domain|domain)\.(?:com|net|org|tld)(?=[:/]|$)/i.test(value))

/** Asks about a variable that lists the hosts that people may ask for, and does not admit all. */
export const hostsQuestion = (name: string, value: string): readonly string[] =>
  those(
    /(?:ALLOWED|TRUSTED)_?(?:HOST|DOMAIN)S?$/i.test(name) &&
      /[^\s*'"[\]]/.test(value) &&
      `\`${name}: ${value}\`: does it refuse other hosts? Then it has to admit all: the router passes only those of the site.`,
  )
