import type { IAMClient } from '@aws-sdk/client-iam'
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  EntityAlreadyExistsException,
  PutRolePolicyCommand,
  paginateListRolePolicies,
} from '@aws-sdk/client-iam'
import type { SiteId } from '../../core/ids.ts'
import { placeOf } from '../cells/arn.ts'
import { asking, askingIfThere } from '../cells/aws-failure.ts'
import { siteTags } from '../cells/site-tags.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { siteRolePolicy, siteTrustPolicy } from './site-policies.ts'

/** The role of each site, named after it: its containers can do with AWS what this role can, which is one thing. */
export interface SiteRoles {
  /** @returns the role's ARN, once it exists and may mount the access point, and nothing else. */
  readonly ensure: (siteId: SiteId, accessPointArn: string) => Promise<string>
  /** Removes the role and whatever was written into it. */
  readonly remove: (siteId: SiteId) => Promise<void>
}

const policyName = 'own-data'

/**
 * IAM takes some seconds until all of it knows a new role: who uses one at once tries again.
 * @param path the IAM path of sites' roles, such as `/sitewright-prod/sites/`.
 */
export const createSiteRoles = ({
  iam,
  cell,
  installation,
  path,
}: {
  readonly iam: IAMClient
  readonly cell: CellDescription
  readonly installation: string
  readonly path: string
}): SiteRoles => {
  const place = placeOf(cell.clusterArn)

  const create = async (siteId: SiteId): Promise<void> => {
    try {
      await iam.send(
        new CreateRoleCommand({
          RoleName: siteId,
          Path: path,
          Description: 'What the containers of one site may do',
          AssumeRolePolicyDocument: JSON.stringify(siteTrustPolicy(place)),
          PermissionsBoundary: cell.permissionsBoundaryArn,
          Tags: siteTags(installation, siteId),
        }),
      )
    } catch (error) {
      if (!(error instanceof EntityAlreadyExistsException)) throw error
    }
  }

  const policiesOf = async (siteId: SiteId): Promise<readonly string[]> => {
    const names: string[] = []
    for await (const page of paginateListRolePolicies({ client: iam }, { RoleName: siteId })) {
      names.push(...(page.PolicyNames ?? []))
    }
    return names
  }

  return {
    ensure: (siteId, accessPointArn) =>
      asking("make a site's role", async () => {
        await create(siteId)
        // Written each time: the try that made the role may have ended before this.
        await iam.send(
          new PutRolePolicyCommand({
            RoleName: siteId,
            PolicyName: policyName,
            PolicyDocument: JSON.stringify(siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn })),
          }),
        )
        return `arn:${place.partition}:iam::${place.account}:role${path}${siteId}`
      }),
    remove: async (siteId) => {
      // A role with policies cannot be deleted.
      for (const PolicyName of (await askingIfThere("list a role's policies", () => policiesOf(siteId))) ?? []) {
        await askingIfThere("delete a role's policy", () =>
          iam.send(new DeleteRolePolicyCommand({ RoleName: siteId, PolicyName })),
        )
      }
      await askingIfThere("delete a site's role", () => iam.send(new DeleteRoleCommand({ RoleName: siteId })))
    },
  }
}
