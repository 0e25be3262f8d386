import {
  DeleteParametersCommand,
  GetParameterCommand,
  ParameterAlreadyExists,
  PutParameterCommand,
  paginateGetParametersByPath,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import type { SiteId } from '../../core/ids.ts'
import { asking, batchesOf, everyItem } from '../cells/aws-calls.ts'
import { siteTags } from '../cells/site-tags.ts'
import { arnPartsOf, type CellDescription } from './cell-description.ts'

/** The value of one parameter. @throws whatever Systems Manager answers. */
export const readParameter = async (client: SSMClient, name: string): Promise<string> => {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name }))
  if (Parameter?.Value !== undefined) return Parameter.Value
  throw new Error(`the parameter ${name} has no value`)
}

/** The most that one `DeleteParameters` takes. */
const deletedAtOnce = 10

/**
 * @param path of all sites' parameters, such as `/sitewright/prod/sites`; a site's are `<path>/<site>/<NAME>`.
 * @param keyId the KMS key that encrypts them; by default the account's own key for parameters.
 */
export const createSiteParameters = (options: {
  readonly ssm: SSMClient
  readonly cell: CellDescription
  readonly installation: string
  readonly path: string
  readonly keyId?: string | undefined
}) => {
  const { ssm, cell, installation, path, keyId } = options
  const { partition, region, account } = arnPartsOf(cell.clusterArn)
  const pathOf = (siteId: SiteId): string => `${path}/${siteId}`

  const arnPrefix = `arn:${partition}:ssm:${region}:${account}:parameter`
  const arnOf = (siteId: SiteId, name: string): string => `${arnPrefix}${pathOf(siteId)}/${name}`

  /** @returns whether it is new. */
  const putOne = async (siteId: SiteId, name: string, value: string): Promise<boolean> => {
    try {
      const Tags = siteTags(installation, siteId)
      await ssm.send(new PutParameterCommand({ ...parameter(siteId, name, value), Tags }))
      return true
    } catch (error) {
      // A secret stays the same for the site's life, so the value is there already.
      if (error instanceof ParameterAlreadyExists) return false
      throw error
    }
  }

  const parameter = (siteId: SiteId, name: string, Value: string) => ({
    Name: `${pathOf(siteId)}/${name}`,
    Value,
    Type: 'SecureString' as const,
    ...(keyId === undefined ? {} : { KeyId: keyId }),
  })

  const passingName = (name: string): string => `once.${name}`

  const namesOf = (siteId: SiteId): Promise<readonly string[]> =>
    everyItem(
      paginateGetParametersByPath({ client: ssm }, { Path: pathOf(siteId), WithDecryption: false }),
      ({ Parameters }) => Parameters?.flatMap(({ Name }) => Name ?? []),
    )

  const deleteAll = async (names: readonly string[]): Promise<void> => {
    for (const Names of batchesOf(names, deletedAtOnce)) await ssm.send(new DeleteParametersCommand({ Names }))
  }

  const arnsOf = (siteId: SiteId, secrets: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.keys(secrets).map((name) => [name, arnOf(siteId, name)]))

  return {
    /** The parameters' ARNs by the secrets' names, whether they are there or not. */
    arnsOf,
    /** @returns the parameters' ARNs by the secrets' names, once all are there. */
    put: (siteId: SiteId, secrets: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> =>
      asking("store a site's secrets", async () => {
        // One after the other: SSM takes three a second from an account.
        for (const [name, value] of Object.entries(secrets)) await putOne(siteId, name, value)
        return arnsOf(siteId, secrets)
      }),
    /** Stores values that last as long as a command. @returns the parameters' ARNs by the values' names. */
    putPassing: (siteId: SiteId, values: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> =>
      asking("store a command's variables", async () => {
        for (const [name, value] of Object.entries(values)) {
          if (await putOne(siteId, passingName(name), value)) continue
          // SSM takes no tags where it replaces a value.
          await ssm.send(new PutParameterCommand({ ...parameter(siteId, passingName(name), value), Overwrite: true }))
        }
        return Object.fromEntries(Object.keys(values).map((name) => [name, arnOf(siteId, passingName(name))]))
      }),
    removePassing: (siteId: SiteId, names: readonly string[]): Promise<void> =>
      asking("delete a command's variables", () =>
        deleteAll(names.map((name) => `${pathOf(siteId)}/${passingName(name)}`)),
      ),
    /** Removes all of a site's but those with these ARNs, and what lasts as long as a command. */
    removeOthers: (siteId: SiteId, keep: readonly string[]): Promise<void> =>
      asking("delete a site's former secrets", async () => {
        const passing = `${pathOf(siteId)}/${passingName('')}`
        const isKept = (name: string): boolean => keep.includes(`${arnPrefix}${name}`) || name.startsWith(passing)
        await deleteAll((await namesOf(siteId)).filter((name) => !isKept(name)))
      }),
    remove: (siteId: SiteId): Promise<void> =>
      asking("delete a site's secrets", async () => deleteAll(await namesOf(siteId))),
  }
}

export type SiteParameters = ReturnType<typeof createSiteParameters>
