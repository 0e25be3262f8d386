import type { SSMClient } from '@aws-sdk/client-ssm'
import {
  DeleteParametersCommand,
  ParameterAlreadyExists,
  PutParameterCommand,
  paginateGetParametersByPath,
} from '@aws-sdk/client-ssm'
import type { SiteId } from '../../core/ids.ts'
import { asking, batchesOf, everyItem } from '../cells/aws-calls.ts'
import { siteTags } from '../cells/site-tags.ts'
import type { CellDescription } from './cell-description.ts'
import { arnPartsOf } from './cell-description.ts'

/** The most that one `DeleteParameters` takes. */
const deletedAtOnce = 10

/**
 * @param path of all sites' parameters, such as `/sitewright/prod/sites`; a site's are `<path>/<site>/<NAME>`.
 * @param keyId the KMS key that encrypts them; by default the account's own key for parameters.
 */
export const createSiteParameters = ({
  ssm,
  cell,
  installation,
  path,
  keyId,
}: {
  readonly ssm: SSMClient
  readonly cell: CellDescription
  readonly installation: string
  readonly path: string
  readonly keyId?: string
}) => {
  const { partition, region, account } = arnPartsOf(cell.clusterArn)
  const pathOf = (siteId: SiteId): string => `${path}/${siteId}`

  const putOne = async (siteId: SiteId, name: string, value: string): Promise<readonly [string, string]> => {
    const Name = `${pathOf(siteId)}/${name}`
    try {
      await ssm.send(
        new PutParameterCommand({
          Name,
          Value: value,
          Type: 'SecureString',
          ...(keyId === undefined ? {} : { KeyId: keyId }),
          Tags: siteTags(installation, siteId),
        }),
      )
    } catch (error) {
      // A secret stays the same for the site's life, so the value is there already.
      if (!(error instanceof ParameterAlreadyExists)) throw error
    }
    return [name, `arn:${partition}:ssm:${region}:${account}:parameter${Name}`]
  }

  const namesOf = (siteId: SiteId): Promise<readonly string[]> =>
    everyItem(
      paginateGetParametersByPath({ client: ssm }, { Path: pathOf(siteId), WithDecryption: false }),
      ({ Parameters }) => Parameters?.flatMap(({ Name }) => Name ?? []),
    )

  return {
    /** @returns the parameters' ARNs by the secrets' names, once all are there. */
    put: (siteId: SiteId, secrets: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> =>
      asking("store a site's secrets", async () => {
        const arns: (readonly [string, string])[] = []
        // One after the other: SSM takes three a second from an account.
        for (const [name, value] of Object.entries(secrets)) arns.push(await putOne(siteId, name, value))
        return Object.fromEntries(arns)
      }),
    remove: (siteId: SiteId): Promise<void> =>
      asking("delete a site's secrets", async () => {
        for (const Names of batchesOf(await namesOf(siteId), deletedAtOnce)) {
          await ssm.send(new DeleteParametersCommand({ Names }))
        }
      }),
  }
}

export type SiteParameters = ReturnType<typeof createSiteParameters>
