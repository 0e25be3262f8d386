import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { takeSnapshot } from '../../adapters/processes/snapshots.ts'
import { blockOf } from '../../core/blueprint/site-file.ts'
import { isId } from '../../core/ids.ts'
import { type Api, pauseBefore, Refusal, withRetries } from './api.ts'
import {
  commandAt,
  createAdvice,
  createEnvironment,
  findEnvironment,
  isProduction,
  nameIn,
  restoreDeleted,
  secretsFrom,
  type Wanted,
} from './environments.ts'
import { Failure } from './failure.ts'
import { pushImages } from './push.ts'
import type { ReadFile } from './read-file.ts'
import { type AskAccess, accessSchema, freshAccess } from './registry-access.ts'
import { type Deployment, deploymentSchema, deploymentsOf, findSite, type Site, siteSchema } from './site.ts'

const answerSchema = z.object({ deployment: deploymentSchema })

export interface Deploy {
  readonly api: Api
  readonly read: ReadFile
  readonly slug: string
  /** Where to: production by default. */
  readonly to: Wanted
  readonly environment: Readonly<Record<string, string | undefined>>
  /** The names of variables of this command that have the values of secrets, for an environment that is made. */
  readonly secrets?: readonly string[] | undefined
  /** Says what goes on. */
  readonly note: (line: string) => void
}

export const makeSite = ({ api, read, slug, note }: Deploy): Promise<Site> => {
  note(`Making the site '${slug}'`)
  const body = { slug, name: read.file.title, software: 'own' }
  return withRetries(api, { method: 'POST', path: '/v1/sites', body, idempotencyKey: randomUUID() }, siteSchema)
}

/** The commit of the directory, marked if something in it is not committed; undefined without git, and where git does not trust the repository. */
const commitOf = async (directory: string, note: Deploy['note']): Promise<string | undefined> => {
  const env = { ...process.env, LC_ALL: 'C' }
  const git = async (...words: readonly string[]) =>
    (await promisify(execFile)('git', ['-C', directory, ...words], { env })).stdout.trim()
  try {
    const isChanged = (await git('status', '--porcelain')) !== ''
    return `${await git('rev-parse', 'HEAD')}${isChanged ? ' and changes' : ''}`
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
    // As in a job that runs as root: it belongs to somebody else.
    const trust = /git config .*safe\.directory .+/.exec(said)?.[0]
    if (trust !== undefined) note(`The commit is not recorded, because the repository is another user's. Run: ${trust}`)
    return undefined
  }
}

/** Puts the files into the home of the host, which only somebody on its machine can do. */
const snapshotOf = async ({ read, environment, note }: Deploy, { id }: Site): Promise<string> => {
  const home = resolve(environment['SITEWRIGHT_HOME'] || '.sitewright')
  if (!existsSync(join(home, 'home.json')) || !isId('site', id)) {
    const message =
      'Sites of this server run as plain processes: deploy on its own machine, with SITEWRIGHT_HOME set to its home.'
    throw new Failure('refused', message)
  }
  note('Copying the files into the home of the host')
  return takeSnapshot({ home, siteId: id, directory: dirname(resolve(read.name)), file: read.content })
}

/**
 * What the server is to run: pushed images, or a snapshot where sites are plain processes.
 * @param push instead of a build and a push, for images that are there already.
 */
export const softwareFor = async (
  deploy: Deploy,
  main: Site,
  site: Site | undefined,
  push: (ask: AskAccess) => ReturnType<typeof pushImages> = (ask) => pushImages(deploy.read, ask, deploy.note),
) => {
  const { api } = deploy
  const query = site === undefined ? `?environment=${encodeURIComponent(nameIn(main, deploy.to))}` : ''
  const path = `/v1/sites/${(site ?? main).id}/deployments/push${query}`
  const ask = freshAccess(() => withRetries(api, { method: 'POST', path }, accessSchema))
  const access = await ask().catch((error: unknown) => {
    if (error instanceof Refusal && error.is('no-registry')) return undefined
    throw error
  })
  if (access === undefined) return { snapshot: await snapshotOf(deploy, main) }
  return { images: await push(ask) }
}

const refusedField = (error: unknown): string =>
  error instanceof Refusal && error.is('invalid-request') ? (error.problem.errors?.[0]?.path ?? '') : ''

/** The value of `--site` that commands need after this one. */
const optionFor = ({ slug, read }: Pick<Deploy, 'slug' | 'read'>) => (slug === read.file.name ? undefined : slug)

/** How to set a value that is missing: of what is there, and nothing else, or of an environment that is not made yet. */
const adviceFor = (kind: string, name: string, deploying: Deploy, site: Site | undefined): string => {
  const { read, to } = deploying
  if (site === undefined && kind === 'secrets') return `Put it into a variable, and deploy with: --secret ${name}`
  if (site === undefined) return `Give it a value in \`environments\` of ${read.name}, and deploy again.`
  const of = isProduction(to) ? '' : ` --env ${site.environment?.name}`
  const command = kind === 'secrets' ? `secrets set ${name}` : `vars set ${name}=VALUE`
  return `Set it, and deploy again: ${commandAt(optionFor(deploying))} ${command}${of}`
}

/** A refusal of the file names its lines, and one of the values how to set them. */
const located = (error: unknown, deploying: Deploy, site: Site | undefined): unknown => {
  const { locate, name } = deploying.read
  const [kind, unset] = /^(secrets|variables)\.(.+)$/.exec(refusedField(error))?.slice(1) ?? []
  if (kind !== undefined && unset !== undefined && error instanceof Refusal)
    return new Failure('refused', `${error.message}\n${adviceFor(kind, unset, deploying, site)}`)
  if (!(error instanceof Refusal) || !error.is('blueprint-invalid')) return error
  return new Failure('mistake', `The server refuses ${name}:`, locate(error.problem.errors ?? []))
}

const words: Readonly<Record<string, string>> = {
  proving: 'waits until other operations on the site have ended',
  deploying: 'is being started',
}

/** A repetition of the command would add another version, or go back one more. */
const failAccepted =
  ({ version }: Deployment) =>
  (error: unknown) => {
    if (!(error instanceof Failure) || error.ending !== 'again') throw error
    const message = `Version ${version} was accepted, and goes on without this command, which lost the server.`
    throw new Failure('failed', `${message} See how it ends before you repeat anything: sitewright status`)
  }

const follow = async (
  { api, note }: Pick<Deploy, 'api' | 'note'>,
  site: Site,
  first: Deployment,
): Promise<Deployment> => {
  const path = `/v1/sites/${site.id}/deployments/${first.id}`
  let [now, said] = [first, '']
  for (let check = 0; words[now.status] !== undefined; check += 1) {
    if (said !== now.status) note(`Version ${now.version} ${words[now.status]}`)
    said = now.status
    await pauseBefore(check)
    now = (await withRetries(api, { path }, answerSchema).catch(failAccepted(first))).deployment
  }
  return now
}

/** Waits until a deployment is live. @throws {Failure} with cause and last lines, if it does not work: the site goes back by itself. */
export const finish = async (deploying: Pick<Deploy, 'api' | 'note'>, site: Site, first: Deployment) => {
  const ended = await follow(deploying, site, first)
  if (ended.status === 'live' || ended.status === 'replaced') return { site: site.slug, url: site.url, ...ended }
  const kept = ended.status === 'went-back' ? 'The site runs as before.' : 'Nothing has changed.'
  const lines = (ended.lines ?? []).map((line) => `\n  ${line}`)
  const cause = ended.cause ?? 'The server does not say why.'
  throw new Failure('failed', `Version ${ended.version} does not work. ${kept}\n${cause}${lines.join('')}`)
}

/** Makes the environment that the file describes, with what is deployed to it. */
const makeEnvironment = async ({ api, to, note, environment, secrets }: Deploy, site: Site, content: object) => {
  note(`Making the environment '${nameIn(site, to)}'`)
  return createEnvironment(api, site, { ...to, deployment: content, secrets }, environment)
}

/** The environment to deploy to, also if it was deleted; undefined if there is none, but the file has a block for it. */
const environmentFor = async (
  { api, read, slug, to, note, environment, secrets = [] }: Deploy,
  main: Site,
): Promise<Site | undefined> => {
  const found = await findEnvironment(api, main, to)
  const name = nameIn(main, to)
  if (found === undefined && blockOf(read.file, { name, branch: to.branch }) === undefined) {
    const message = `'${main.slug}' has no environment '${name}', and ${read.name} has no block in \`environments\` that matches it.`
    throw new Failure(
      'refused',
      `${message} Add one, or create it with: ${createAdvice(optionFor({ slug, read }), to)}`,
    )
  }
  if (found !== undefined) return restoreDeleted(api, main, found, note)
  secretsFrom(secrets, environment)
  return undefined
}

/**
 * Deploys the file to a site or one of its environments, which is made if it is missing, and waits until it is live.
 * @throws {Failure} with cause and last lines, if the version does not work: the site goes back by itself.
 */
export const deploy = async (wanted: Deploy) => {
  const { api, read, slug, to } = wanted
  const main = (await findSite(api, slug)) ?? (await makeSite(wanted))
  const site = isProduction(to) ? main : await environmentFor(wanted, main)
  const commit = await commitOf(dirname(resolve(read.name)), wanted.note)
  const body = { file: read.content, ...(await softwareFor(wanted, main, site)), ...(commit && { commit }) }
  const failing = (at?: Site) => (error: unknown) => {
    throw located(error, wanted, at)
  }
  const sendTo = (at: Site) => send(wanted, at, '', body).catch(failing(at))
  if (site !== undefined) return sendTo(site)
  const { made, isNew } = await makeEnvironment(wanted, main, body).catch(failing())
  // One that somebody else made meanwhile runs what they deployed.
  const first = isNew ? (await deploymentsOf(api, made)).at(-1) : undefined
  return first === undefined ? sendTo(made) : finish(wanted, made, first)
}

/** Asks for a deployment, and waits until it is live. */
export const send = async (deploying: Pick<Deploy, 'api' | 'note'>, site: Site, path: string, body: object) => {
  const to = `/v1/sites/${site.id}/deployments${path}`
  const request = { method: 'POST', path: to, body, idempotencyKey: randomUUID() } as const
  return finish(deploying, site, (await withRetries(deploying.api, request, answerSchema)).deployment)
}
