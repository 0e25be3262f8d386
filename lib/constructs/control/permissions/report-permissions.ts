import type { Capability } from '../../../../lambdas/_runtime/ports.ts'
import { useKey } from './archiver-permissions.ts'
import type { Grant } from './grant.ts'
import type { Surroundings } from './surroundings.ts'

const ofDataSet = 'The paths of the data set begin with their table and day.'

/** The permissions on the files of the data set; adapters/s3 uses them. */
export const reportPermissions = (
  surroundings: Surroundings,
): Readonly<Record<Extract<Capability, 'reports:read' | 'reports:write'>, readonly Grant[]>> => {
  const { arn } = surroundings.reportBucket
  const list: Grant = { actions: ['s3:ListBucket'], resources: [arn] }
  return {
    'reports:read': [
      list,
      { actions: ['s3:GetObject'], resources: [`${arn}/*`], because: ofDataSet },
      useKey(surroundings, 'kms:Decrypt'),
    ],
    'reports:write': [
      list,
      {
        actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        resources: [`${arn}/*`],
        because: ofDataSet,
      },
      useKey(surroundings, 'kms:Decrypt', 'kms:GenerateDataKey'),
    ],
  }
}
