import type { IAMClient } from '@aws-sdk/client-iam'
import type { ArchiveJob } from '../../core/ports/archives.ts'
import { placeOf } from '../cells/arn.ts'
import { siteTags } from '../cells/site-tags.ts'
import { contentDigest } from '../site-runtime/launch-digest.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { archiverJobPolicy } from './archiver-policies.ts'
import { ensureBoundedRole } from './ensure-bounded-role.ts'
import { removeRole } from './remove-role.ts'

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
