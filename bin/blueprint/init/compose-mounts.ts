import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { type ComposeFile, type Fields, isFields, listOf } from './compose-file.ts'
import type { Service } from './compose-service.ts'
import { nameless, those } from './draft.ts'
import { shown } from './left-over.ts'
import { looksSecret } from './secrets.ts'
import { interpolate, type Lookup, plain } from './variables.ts'

const given = /[^/]\.[A-Za-z0-9]+$|\/\.env$|^\/docker-entrypoint-|^\/etc\/|^\/(?:dev|proc|sys)(?:\/|$)/

/** A volume in its long form. `isGiven`: it comes from the machine, and is not data of the site. */
const mountOf = (volume: NonNullable<Service['volumes']>[number]) => {
  const [first = '', second, mode = ''] = typeof volume === 'string' ? plain(volume).split(':') : []
  const { type, source, target } =
    typeof volume !== 'string'
      ? volume
      : second === undefined
        ? { type: 'volume', source: undefined, target: first }
        : { type: /^[./~]/.test(first) ? 'bind' : 'volume', source: first, target: second }
  const isReadOnly = /(?:^|,)ro(?:,|$)/.test(mode) || (typeof volume !== 'string' && volume['read_only'] === true)
  return {
    target: plain(target).replace(/(?<=.)\/$/, ''),
    source,
    isScratch: type === 'tmpfs',
    isGiven: !['volume', 'tmpfs', 'bind'].includes(type) || (type === 'bind' && (isReadOnly || given.test(target))),
  }
}

/** The project itself, which is mounted so that developers see their changes. */
const isCode = (source: string | undefined, context: string): boolean => {
  const path = /^\.?(\/.*?)?\/?$/.exec(plain(source ?? nameless) || nameless)
  return path !== null && (path[1] === undefined || context.endsWith(path[1]))
}

/** Packages that come with the image. */
const packages = /\/(?:node_modules|vendor|\.venv)$/

export const mountsOf = ({ volumes, tmpfs, build }: Service) => {
  const all = (volumes ?? []).map(mountOf)
  const code = all.filter(({ source }) => isCode(source, build?.context ?? ''))
  const isBelow = ({ source, target }: (typeof all)[number]): boolean =>
    code.some((one) => target.startsWith(`${one.target}/`)) && (source === undefined || packages.test(target))
  const mounts = all.filter((one) => !code.includes(one) && !isBelow(one))
  const data = mounts.filter(({ isGiven, isScratch }) => !isGiven && !isScratch)
  const scratch = mounts.filter(({ isScratch }) => isScratch).map(({ target }) => target)
  return {
    volumes: data.map(({ source = '', target }) => ({ path: target, origin: plain(source) || nameless })),
    writable: [...listOf(tmpfs).map((path) => plain(path).replace(/:.*$/, '')), ...scratch].filter(
      (path) => path !== '/tmp',
    ),
    notes: all.filter(isBelow).map(({ target }) => `\`volumes: ${target}\``),
    questions: [
      ...code.map(
        ({ source = '', target }) =>
          `${plain(source)} is mounted at ${target}, and a site has only what its image has: does a Dockerfile copy it?`,
      ),
      ...mounts.flatMap(({ isGiven, source, target }) =>
        those(
          isGiven &&
            `${plain(source ?? 'Something')} is mounted at ${target}: can the product read it from FILES_DIRECTORY (\`files\`)?`,
        ),
      ),
    ],
  }
}

type Kind = 'secrets' | 'configs'

/** The text of a secret or config, with variables as `interpolate` leaves them. No secret is read. */
const textOf = async (kind: Kind, source: string, fields: Fields, lookup: Lookup): Promise<string | undefined> => {
  const { file, environment, content } = fields
  if (kind === 'secrets') {
    const isNamed = typeof environment === 'string' && looksSecret(environment, '')
    // Otherwise its name says that it is a secret.
    const name = isNamed ? environment : `${source.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_SECRET`
    return interpolate(`\${${name}}`, lookup)
  }
  if (typeof content === 'string') return content
  if (typeof environment === 'string') return lookup(environment)
  return typeof file === 'string' ? await readFile(plain(file), 'utf8').catch(() => undefined) : undefined
}

/** The secrets and configs of a service as files, and where it expects them. */
export const grantedOf = async (service: Service, { rest, lookup }: ComposeFile) => {
  const files: Record<string, string> = {}
  const paths: Record<string, string> = {}
  const questions: string[] = []
  const all = (['secrets', 'configs'] as const).flatMap((kind) =>
    (service[kind] ?? []).map((grant) => ({ kind, ...grant })),
  )
  for (const { kind, source, target = source } of all) {
    const declared = rest[kind]
    const found = isFields(declared) ? declared[source] : undefined
    const text = await textOf(kind, source, isFields(found) ? found : {}, lookup)
    const name = basename(plain(target))
    const path = resolve(kind === 'secrets' ? '/run/secrets' : '/', plain(target))
    const place = `\${FILES_DIRECTORY}/${name}`
    paths[path] = place
    if (text !== undefined) files[name] = text
    const what = kind === 'secrets' ? 'It is random for each site. Does somebody give it?' : 'What is in it?'
    if (kind === 'secrets' || text === undefined) questions.push(`${shown(kind, { [source]: found ?? null })}: ${what}`)
    questions.push(`It reads ${path} of the compose file: which setting names \`${place}\`?`)
  }
  return { files, paths, questions }
}
