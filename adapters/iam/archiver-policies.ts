import { type ArchiveJob, archiveKeys, jobOutcomeKey } from '../../core/ports/archives.ts'
import { tagNames } from '../cells/site-tags.ts'
import {
  accessPointKey,
  document,
  mount,
  mountsThroughAccessPoints,
  type PolicyDocument,
  type PolicyStatement,
  write,
} from './site-policies.ts'

/** Where a job's data and archives are. */
export interface ArchiverPlaces {
  readonly fileSystemArn: string
  readonly bucketArn: string
  /** The key that the bucket is encrypted with. */
  readonly keyArn: string
  readonly region: string
}

/** IAM puts the tag's value in its place. */
const siteOfRole = `\${aws:PrincipalTag/${tagNames.site}}`
const objectActions = ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'] as const

/** Only S3 may have the key decrypt. */
const keyStatement = ({ keyArn, region }: Pick<ArchiverPlaces, 'keyArn' | 'region'>): PolicyStatement => ({
  Sid: 'KeyOfTheArchives',
  Effect: 'Allow',
  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
  Resource: keyArn,
  Condition: { StringEquals: { 'kms:ViaService': `s3.${region}.amazonaws.com` } },
})

const mayMount = (fileSystemArn: string, accessPointArn: string, isToWrite: boolean): PolicyStatement => ({
  Sid: 'OneDataDirectory',
  Effect: 'Allow',
  Action: isToWrite ? [mount, write] : [mount],
  Resource: fileSystemArn,
  Condition: { StringEquals: { [accessPointKey]: accessPointArn } },
})

/** Allows the archive that a job writes or reads. A job of the disk alone gets no statement. */
const archiveStatements = (job: ArchiveJob, bucketArn: string): readonly PolicyStatement[] => {
  if (job.kind === 'release' || job.kind === 'measure') return []
  const keys = Object.values(archiveKeys(job.siteId, job.archiveId))
  const Resource = keys.map((key) => `${bucketArn}/${key}`)
  return job.kind === 'copy'
    ? [{ Sid: 'WriteArchive', Effect: 'Allow', Action: ['s3:PutObject', 's3:AbortMultipartUpload'], Resource }]
    : [
        { Sid: 'ReadArchive', Effect: 'Allow', Action: 's3:GetObject', Resource },
        {
          // So that a job can tell an archive that is gone from one that it may not read.
          Sid: 'LookWhetherItIsThere',
          Effect: 'Allow',
          Action: 's3:ListBucket',
          Resource: bucketArn,
          Condition: { StringEquals: { 's3:prefix': keys } },
        },
      ]
}

/**
 * The permissions of a job's task: mount its data directory, write or read its archive, and write its outcome.
 * @param accessPointArn of the data directory; undefined for a job on archives alone.
 */
export const archiverJobPolicy = (
  job: ArchiveJob,
  places: ArchiverPlaces,
  accessPointArn: string | undefined,
): PolicyDocument => {
  const isToWrite = job.kind === 'restore' || job.kind === 'release'
  return document(
    ...(accessPointArn === undefined ? [] : [mayMount(places.fileSystemArn, accessPointArn, isToWrite)]),
    ...archiveStatements(job, places.bucketArn),
    {
      Sid: 'SayWhatCameOfIt',
      Effect: 'Allow',
      Action: 's3:PutObject',
      Resource: `${places.bucketArn}/${jobOutcomeKey(job)}`,
    },
    keyStatement(places),
  )
}

/**
 * The most that a job's role can ever allow: mounts through access points, and the objects of the site in the role's tag, which
 * IAM fills in.
 * @param places with a pattern for all file systems.
 * @param accessPoints a pattern of ARNs.
 */
export const archiverBoundary = (
  places: Omit<ArchiverPlaces, 'fileSystemArn'> & { readonly fileSystemArns: string; readonly accessPoints: string },
): PolicyDocument =>
  document(
    mountsThroughAccessPoints(places.fileSystemArns, places.accessPoints),
    {
      Sid: 'ArchivesOfOneSite',
      Effect: 'Allow',
      Action: objectActions,
      Resource: `${places.bucketArn}/${siteOfRole}/*`,
    },
    {
      Sid: 'NamesOfOneSitesArchives',
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: places.bucketArn,
      Condition: { StringLike: { 's3:prefix': `${siteOfRole}/*` } },
    },
    keyStatement(places),
  )
