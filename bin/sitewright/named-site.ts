import { type Api, createApi } from './api.ts'
import { findEnvironment } from './environments.ts'
import { readSiteFile } from './read-file.ts'
import { serverUrl, tokenFor } from './session.ts'
import { findSite, type Site } from './site.ts'

export interface World {
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** Results. */
  readonly print: (line: string) => void
  /** Questions and errors. */
  readonly say: (text: string) => void
  /** Ends a command that goes on by itself. */
  readonly signal?: AbortSignal
}

export interface Shared {
  readonly json: boolean
  readonly file: string
  readonly site?: string
  readonly branch?: string
}

export const signedIn = async ({ environment }: World): Promise<Api> => {
  const url = await serverUrl(environment)
  return createApi(url, { token: await tokenFor(environment, url), account: environment['SITEWRIGHT_ACCOUNT'] })
}

/** The site that is named, or that of the file, or an environment of it. */
export const namedSite = async (
  world: World,
  { site, file, branch }: Shared,
  name?: string,
): Promise<{ api: Api; site: Site }> => {
  const api = await signedIn(world)
  const main = await findSite(api, site ?? (await readSiteFile(file)).file.name)
  return { api, site: await findEnvironment(api, main, { name, branch: name === undefined ? branch : undefined }) }
}
