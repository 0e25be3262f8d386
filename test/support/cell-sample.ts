import type { CellDescription } from '../../adapters/ssm/cell-description.ts'

/** A cell as its stack describes it. */
export const cellSample: CellDescription = {
  schemaVersion: 1,
  name: 'blue',
  clusterArn: 'arn:aws:ecs:eu-central-1:111122223333:cluster/sitewright-test-blue',
  fileSystemId: 'fs-1',
  fileSystemArn: 'arn:aws:elasticfilesystem:eu-central-1:111122223333:file-system/fs-1',
  subnets: { none: ['subnet-a', 'subnet-b'], internet: ['subnet-c', 'subnet-d'] },
  securityGroups: { none: 'sg-none', internet: 'sg-internet' },
  executionRoleArn: 'arn:aws:iam::111122223333:role/sitewright-test-execution',
  permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/sitewright-test-site-boundary',
  logGroup: '/sitewright-test/sites/blue',
  helperImage: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/site-helper:1',
  archiver: {
    image: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/archiver:1',
    executionRoleArn: 'arn:aws:iam::111122223333:role/sitewright-test-archiver',
    securityGroup: 'sg-archiver',
    permissionsBoundaryArn: 'arn:aws:iam::111122223333:policy/sitewright-test-archiver-boundary',
    logGroup: '/sitewright-test/archiver/blue',
    bucketArn: 'arn:aws:s3:::sitewright-test-archives',
    keyArn: 'arn:aws:kms:eu-central-1:111122223333:key/data',
  },
}
