import * as z from 'zod'
import { production } from '../../core/blueprint/site-file.ts'
import { environmentOfBranch } from '../../core/hostname/derived-name.ts'
import { type Api, pauseBefore, Refusal, withRetries } from './api.ts'
import type { Shared } from './command-context.ts'
import { Failure } from './failure.ts'
import { type Site, siteSchema } from './site.ts'

/** The environment that somebody means: by its name, or by the branch that it is derived from. */
export interface Wanted {
  readonly name?: string | undefined
  readonly branch?: string | undefined
}

export type Environment = Site & { readonly environment: NonNullable<Site['environment']> }

const environmentSchema = siteSchema.required({ environment: true })
const listSchema = z.object({ environments: z.array(environmentSchema), max: z.int() })

/** @throws {Failure} for a name beside `--branch`: one of them would be ignored. */
export const wantedBy = ({ branch }: Pick<Shared, 'branch'>, name: string | undefined): Wanted => {
  if (name === undefined || branch === undefined) return { name, branch }
  throw new Failure('mistake', `Which environment: '${name}', or that of the branch '${branch}'? Give one of them.`)
}

/** The beginning of a command to type next. @param site the value of `--site`, if this command needs it. */
export const commandAt = (site: string | undefined): string =>
  site === undefined ? 'sitewright' : `sitewright --site ${site}`

export const createAdvice = (site: string | undefined, { name, branch }: Wanted): string =>
  `${commandAt(site)} env create ${name ?? `--branch ${branch}`}`

export const isProduction = ({ name, branch }: Wanted): boolean =>
  branch === undefined && (name === undefined || name === production)

export const listEnvironments = (api: Api, { id }: Site) => api({ path: `/v1/sites/${id}/environments` }, listSchema)

export const nameIn = ({ slug }: Site, { name, branch = '' }: Wanted): string =>
  name ?? environmentOfBranch(branch, slug)

/** The environment of a site; undefined if it has none of the name. */
export const findEnvironment = async (api: Api, site: Site, wanted: Wanted): Promise<Environment | undefined> => {
  const name = nameIn(site, wanted)
  return (await listEnvironments(api, site)).environments.find((one) => one.environment.name === name)
}

/** @param option the value of `--site`. @throws {Failure} if the site has no such environment. */
export const requireEnvironment = async (
  api: Api,
  site: Site,
  wanted: Wanted,
  option: string | undefined,
): Promise<Site> => {
  if (isProduction(wanted)) return site
  const found = await findEnvironment(api, site, wanted)
  if (found !== undefined) return found
  const message = `'${site.slug}' has no environment '${nameIn(site, wanted)}'.`
  throw new Failure('refused', `${message} Create it with: ${createAdvice(option, wanted)}`)
}

const maxTries = 60

/** Waits until a site is built, or restored from an archive. @throws {Failure} that says why it could not be built. */
const awaitBuild = async (api: Api, first: Environment): Promise<Environment> => {
  let now = first
  for (let check = 0; now.status === 'building' || now.operation === 'restore'; check += 1) {
    await pauseBefore(check)
    now = await withRetries(api, { path: `/v1/sites/${first.id}` }, environmentSchema)
  }
  if (now.status !== 'failed') return now
  const reason = now.failure?.reason ?? 'The server does not say why.'
  throw new Failure('failed', `The environment '${now.environment.name}' could not be made. ${reason}`)
}

/** The values of secrets, from the environment of this command. @throws {Failure} for one that is not set. */
export const secretsFrom = (names: readonly string[], environment: Readonly<Record<string, string | undefined>>) =>
  Object.fromEntries(
    names.map((name) => {
      const value = environment[name]
      if (value) return [name, value]
      throw new Failure('mistake', `There is no ${name} in the environment of this command. Set it: export ${name}=…`)
    }),
  )

interface Create extends Wanted {
  readonly from?: string | undefined
  /** What it runs, instead of what another environment does. */
  readonly deployment?: object
  readonly data?: string | undefined
  readonly at?: string | undefined
  readonly fresh?: boolean
  readonly reason?: string | undefined
  /** The names of variables of this command that have the values of its secrets. */
  readonly secrets?: readonly string[] | undefined
}

/** Creates an environment of a site, or finds it, and waits until it answers. @returns also whether this request is known to have made it. */
export const createEnvironment = async (
  api: Api,
  { id }: Site,
  { name, branch, secrets = [], ...others }: Create,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<{ readonly made: Environment; readonly isNew: boolean }> => {
  if ((name === undefined) === (branch === undefined)) {
    throw new Failure('mistake', 'Which environment? Give its name, or a branch with --branch.')
  }
  const body = {
    ...(branch === undefined ? { name } : { branch }),
    ...others,
    secrets: secretsFrom(secrets, environment),
  }
  let isNew = false
  const seen = (status: number) => {
    isNew = status === 202
  }
  const request = { method: 'POST', path: `/v1/sites/${id}/environments`, body, seen } as const
  const made = await awaitBuild(api, await withRetries(api, request, environmentSchema))
  return { made, isNew }
}

/** Changes an environment by its name: `extend`, or nothing to delete it. */
export const changeEnvironment = async (
  api: Api,
  site: Site,
  wanted: Wanted,
  act: { readonly method: 'POST' | 'DELETE'; readonly path?: string; readonly body?: object },
): Promise<Environment> => {
  if (isProduction(wanted))
    throw new Failure('mistake', `'${production}' is the site itself: change it in the console.`)
  const { path = '', ...request } = act
  const name = encodeURIComponent(nameIn(site, wanted))
  for (let tries = 1; ; tries += 1) {
    try {
      return await api({ ...request, path: `/v1/sites/${site.id}/environments/${name}${path}` }, environmentSchema)
    } catch (error) {
      // Such as the stop of one that was just deleted.
      if (!(error instanceof Refusal) || !error.is('operation-in-progress') || tries === maxTries) throw error
      await pauseBefore(tries)
    }
  }
}

/** Starts an environment again that was deleted, and waits while its data is restored. */
export const restoreEnvironment = async (api: Api, site: Site, wanted: Wanted): Promise<Environment> => {
  const done = await awaitBuild(api, await changeEnvironment(api, site, wanted, { method: 'POST', path: '/restore' }))
  if (done.status !== 'archived') return done
  throw new Failure('again', `The data of '${done.environment.name}' could not be restored. Try again.`)
}

/** Starts an environment that was found again, if it was deleted. */
export const restoreDeleted = async (
  api: Api,
  main: Site,
  found: Environment,
  note: (line: string) => void,
): Promise<Environment> => {
  if (!found.deletion) return found
  const { name } = found.environment
  note(`Restoring the environment '${name}', which was deleted, with its data`)
  return restoreEnvironment(api, main, { name })
}

const endText = ({ environment: { endsAt }, deletion, status }: Environment): string => {
  if (deletion?.revocable === false) return 'is being deleted by us'
  if (deletion) return `deleted, can be restored until ${deletion.purgeAt ?? 'it is purged'}`
  if (endsAt !== null) return `ends ${endsAt}`
  return status === 'suspended' || status === 'archived' ? 'does not end meanwhile' : 'does not end'
}

/** An environment in a line. */
export const environmentText = (one: Environment): string =>
  `${one.environment.name}: ${one.status}, ${endText(one)}${one.environment.hasProductionData ? ', has data of production' : ''}, ${one.url}`

export const environmentsText = ({ environments, max }: z.infer<typeof listSchema>): string =>
  [
    ...environments.map(environmentText),
    // One that is deleted takes no place.
    `${environments.filter(({ deletion }) => !deletion).length} of ${max} environments`,
  ].join('\n')
