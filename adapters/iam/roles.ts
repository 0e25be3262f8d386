import type { IAMClient } from '@aws-sdk/client-iam'
import type { SiteId } from '../../core/ids.ts'
import type { ArchiveJob } from '../../core/ports/archiver.ts'
import { siteTags } from '../cells/site-tags.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { placeOf } from '../ssm/cell-description.ts'
import { archiverJobPolicy } from './archiver-policies.ts'
import { ensureBoundedRole, removeRole } from './bounded-role.ts'
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

/** A role for each job, which ends with it. */
export interface ArchiverRoles {
  /** @returns the role's ARN, once it exists and may do this job, and nothing else. */
  readonly ensure: (job: ArchiveJob, accessPointArn: string | undefined) => Promise<string>
  readonly remove: (job: ArchiveJob) => Promise<void>
}

/** A job's own name on AWS: its id is too long for a role's 64 characters. */
export const jobName = ({ siteId, id }: ArchiveJob): string => `${siteId}.${contentDigest([id]).slice(0, 16)}`

/** @param path the IAM path of the jobs' roles, such as `/sitewright-prod/archiver/`. */
export const createArchiverRoles = ({
  iam,
  cell,
  installation,
  path,
}: {
  readonly iam: IAMClient
  readonly cell: CellDescription
  readonly installation: string
  readonly path: string
}): ArchiverRoles => {
  const place = placeOf(cell.clusterArn)
  const { bucketArn, keyArn, permissionsBoundaryArn: boundaryArn } = cell.archiver
  const places = { fileSystemArn: cell.fileSystemArn, bucketArn, keyArn, region: place.region }
  return {
    ensure: (job, accessPointArn) =>
      ensureBoundedRole(
        { iam, place },
        {
          name: jobName(job),
          path,
          description: `What the task may do that is to ${job.kind} the data of one site`,
          boundaryArn,
          tags: siteTags(installation, job.siteId),
          policyName: 'one-job',
          policy: archiverJobPolicy(job, places, accessPointArn),
        },
      ),
    remove: (job) => removeRole(iam, jobName(job)),
  }
}
