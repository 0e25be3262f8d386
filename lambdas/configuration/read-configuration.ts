import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { replaceableSecrets } from '../../core/blueprint/variables.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import type { SiteSecrets } from '../../core/ports/runtime.ts'
import type { EnvironmentOf } from '../../core/site/environment.ts'
import { secretsOwner } from '../../core/site/rehearsal.ts'
import type { Site } from '../../core/site/site.ts'
import {
  type Configuration,
  type ConfigurationStore,
  configurationProblems,
  generatedVersion,
  type SecretOpener,
} from './configuration.ts'

export interface SecretPorts {
  readonly secrets: SiteSecrets
  readonly configurations: Pick<ConfigurationStore, 'read' | 'list' | 'readGenerated'>
  readonly secretOpener: SecretOpener
}

/** @throws {SitewrightError} `LaunchFailed` if there is no such version any more. */
export const configurationOf = async (
  { configurations }: { readonly configurations: Pick<ConfigurationStore, 'read'> },
  siteId: SiteId,
  version: number | undefined,
): Promise<Configuration | undefined> => {
  if (version === undefined || version === 0) return undefined
  const found = await configurations.read(siteId, version)
  if (found !== undefined) return found
  throw new SitewrightError('LaunchFailed', `${siteId} has no version ${version} of its configuration.`)
}

/** @throws {SitewrightError} `LaunchFailed` if a site of this blueprint cannot run with these values. */
export const requireRunnable = (
  blueprint: Blueprint,
  siteId: SiteId,
  configuration: Configuration | undefined,
): void => {
  const [problem] = configurationProblems(blueprint, configuration)
  if (problem === undefined) return
  throw new SitewrightError('LaunchFailed', `${siteId} cannot run so: ${problem.path} ${problem.message}.`)
}

interface SecretValues {
  readonly values: Readonly<Record<string, string>>
  /** What set values, by name; as in a launch. */
  readonly given: Readonly<Record<string, string>>
}

/** Versions of two sites have the same numbers. */
const setBy = ({ of, version }: Configuration['secrets'][string]): string =>
  of === undefined ? `${version}` : `${of}.${version}`

const openAll = async (
  { secretOpener }: Pick<SecretPorts, 'secretOpener'>,
  { siteId, secrets }: Configuration,
  names: readonly string[],
): Promise<readonly (readonly [name: string, value: string, setBy: string])[]> =>
  Promise.all(
    Object.entries(secrets)
      .filter(([name]) => names.includes(name))
      .map(async ([name, secret]) => {
        const { sealed, version, of = siteId } = secret
        return [name, await secretOpener.open({ siteId: of, version, name }, sealed), setBy(secret)] as const
      }),
  )

/** The generated secrets of a site. One that came from another installation keeps those of there, because its data knows them. */
const generatedSecrets = async (
  { secrets, configurations, secretOpener }: SecretPorts,
  siteId: SiteId,
  names: readonly string[],
): Promise<readonly (readonly [name: string, value: string])[]> => {
  const kept = names.length === 0 ? undefined : await configurations.readGenerated(siteId)
  return Promise.all(
    [...new Set(names)].map(async (name) => {
      const sealed = kept !== undefined && Object.hasOwn(kept, name) ? kept[name] : undefined
      const value =
        sealed === undefined
          ? secrets.valueOf(siteId, name)
          : secretOpener.open({ siteId, version: generatedVersion, name }, sealed)
      return [name, await value] as const
    }),
  )
}

/** A site, and of which sites it has secrets that its data depends on. */
export interface SecretsOf extends Pick<Site, 'id' | 'rehearsalOf'> {
  readonly environmentOf?: Pick<EnvironmentOf, 'dataSecrets'> | undefined
}

/** Generated secrets by name, as the data of a site knows them: some are those of the site that it comes from. */
export const generatedFor = async (
  ports: SecretPorts,
  site: SecretsOf,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const own = secretsOwner(site)
  const holders = new Map(Object.entries(site.environmentOf?.dataSecrets ?? {}))
  const found = [...new Set([own, ...holders.values()])].map((holder) =>
    generatedSecrets(
      ports,
      holder,
      names.filter((name) => (holders.get(name) ?? own) === holder),
    ),
  )
  return new Map((await Promise.all(found)).flat())
}

const secretNames = ({ containers }: Blueprint): readonly string[] => containers.flatMap(({ secrets }) => secrets)

/** The values of all secrets that a site's containers get: those that are set for it, and generated ones. */
export const secretsOf = async (
  ports: SecretPorts,
  site: SecretsOf,
  blueprint: Blueprint,
  configuration: Configuration | undefined,
): Promise<SecretValues> => {
  const generated = await generatedFor(ports, site, secretNames(blueprint))
  const opened = configuration === undefined ? [] : await openAll(ports, configuration, replaceableSecrets(blueprint))
  return {
    values: Object.fromEntries([...generated, ...opened.map(([name, value]) => [name, value] as const)]),
    given: Object.fromEntries(opened.map(([name, , by]) => [name, by])),
  }
}

/** A secret and its lines: output is searched line by line. */
const linesOf = (secrets: readonly string[]): readonly string[] => [
  ...new Set(secrets.flatMap((secret) => [secret, ...secret.split(/[\r\n]+/)])),
]

/**
 * Every value that a site's secrets have, or had before: its platform may keep output of former tasks, also after a way back to an earlier
 * version.
 */
export const everySecretOf = async (
  ports: SecretPorts,
  site: SecretsOf,
  blueprint: Blueprint,
): Promise<readonly string[]> => {
  const versions = await ports.configurations.list(site.id)
  // A version that keeps a secret has it as another one sealed it.
  const sealed = new Map(
    versions.flatMap(({ secrets }) =>
      Object.entries(secrets).map(([name, one]) => [`${name} ${setBy(one)}`, { name, ...one }] as const),
    ),
  )
  const opened = await Promise.all(
    [...sealed.values()].map(({ name, version, sealed: text, of = site.id }) =>
      ports.secretOpener.open({ siteId: of, version, name }, text),
    ),
  )
  const generated = await generatedFor(ports, site, secretNames(blueprint))
  return linesOf([...generated.values(), ...opened])
}
