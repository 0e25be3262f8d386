import type { IAMClient } from '@aws-sdk/client-iam'
import type { SiteId } from '../../core/ids.ts'
import { placeOf } from '../cells/arn.ts'
import { siteTags } from '../cells/site-tags.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { ensureBoundedRole } from './ensure-bounded-role.ts'
import { removeRole } from './remove-role.ts'
import { siteRolePolicy } from './site-policies.ts'

/** The role of each site, named after it: its containers can do with AWS what this role can, which is one thing. */
export interface SiteRoles {
  /** @returns the role's ARN, once it exists and may mount the access point, and nothing else. */
  readonly ensure: (siteId: SiteId, accessPointArn: string) => Promise<string>
  /** Removes the role and whatever was written into it. */
  readonly remove: (siteId: SiteId) => Promise<void>
}

/** @param path the IAM path of sites' roles, such as `/sitewright-prod/sites/`. */
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
  return {
    ensure: (siteId, accessPointArn) =>
      ensureBoundedRole(
        { iam, place },
        {
          name: siteId,
          path,
          description: 'What the containers of one site may do',
          boundaryArn: cell.permissionsBoundaryArn,
          tags: siteTags(installation, siteId),
          policyName: 'own-data',
          policy: siteRolePolicy({ fileSystemArn: cell.fileSystemArn, accessPointArn }),
        },
      ),
    remove: (siteId) => removeRole(iam, siteId),
  }
}
