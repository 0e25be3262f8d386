import { describe, expect, test } from 'vitest'
import { archiverBoundary, archiverJobPolicy } from '../../../adapters/iam/archiver-policies.ts'
import { fileSystemPolicy, type PolicyDocument } from '../../../adapters/iam/site-policies.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import { type ArchiveJob, archiveKeys, archivePrefix, jobOutcomeKey } from '../../../core/ports/archives.ts'
import { isAllowed, type Role } from './evaluate.ts'

const { id } = createRandomness()
const efs = 'arn:aws:elasticfilesystem:eu-central-1:111122223333'
const fileSystemArn = `${efs}:file-system/fs-1`
const own = `${efs}:access-point/fsap-own`
const others = `${efs}:access-point/fsap-others`
const bucketArn = 'arn:aws:s3:::sitewright-test-archives'
const keyArn = 'arn:aws:kms:eu-central-1:111122223333:key/data'
const places = { fileSystemArn, bucketArn, keyArn, region: 'eu-central-1' }

const [siteId, otherSite, archiveId, otherArchive] = [id('site'), id('site'), id('arc'), id('arc')]
const home = { siteId, cell: 'local', generation: 1 }
const blueprint = { name: 'welcome', version: 1 }
const jobs = {
  copy: { kind: 'copy', id: 'j', siteId, home, archiveId, blueprint, at: '2026-01-31T08:00:00.000Z' },
  verify: { kind: 'verify', id: 'j', siteId, cell: 'local', archiveId },
  restore: { kind: 'restore', id: 'j', siteId, home, archiveId },
  release: { kind: 'release', id: 'j', siteId, home },
  measure: { kind: 'measure', id: 'j', siteId, home },
} as const satisfies Readonly<Record<ArchiveJob['kind'], ArchiveJob>>
const kinds = Object.keys(jobs) as ArchiveJob['kind'][]

const boundary = archiverBoundary({
  fileSystemArns: `${efs}:file-system/*`,
  accessPoints: `${efs}:access-point/*`,
  bucketArn,
  keyArn,
  region: 'eu-central-1',
})
const roleOf = (kind: ArchiveJob['kind']): Role => ({
  policies: [archiverJobPolicy(jobs[kind], places, 'home' in jobs[kind] ? own : undefined)],
  boundary,
})
const widened: Role = {
  policies: [{ Version: '2012-10-17', Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }] }],
  boundary,
}

const none: PolicyDocument = { Version: '2012-10-17', Statement: [] }
const principal = { 'aws:PrincipalTag/sitewright:site': siteId }

const mayMount = (role: Role, action: string, accessPoint: string | undefined): boolean =>
  isAllowed(
    {
      action: `elasticfilesystem:${action}`,
      resource: fileSystemArn,
      context: {
        ...principal,
        'aws:SecureTransport': 'true',
        ...(accessPoint === undefined ? {} : { 'elasticfilesystem:AccessPointArn': accessPoint }),
      },
    },
    { role, resourcePolicy: fileSystemPolicy() },
  )
const mayUse = (
  role: Role,
  action: string,
  key: string,
  context: Readonly<Record<string, string>> = principal,
): boolean =>
  isAllowed({ action: `s3:${action}`, resource: `${bucketArn}/${key}`, context }, { role, resourcePolicy: none })

const mayList = (role: Role, prefix: string | undefined): boolean =>
  isAllowed(
    {
      action: 's3:ListBucket',
      resource: bucketArn,
      context: { ...principal, ...(prefix === undefined ? {} : { 's3:prefix': prefix }) },
    },
    { role, resourcePolicy: none },
  )

const { content } = archiveKeys(siteId, archiveId)

describe.each(kinds)('the role of a job that is to %s', (kind) => {
  const role = roleOf(kind)

  test('reads and writes of disks what the job needs', () => {
    expect(mayMount(role, 'ClientMount', own)).toBe(kind !== 'verify')
    expect(mayMount(role, 'ClientWrite', own)).toBe(kind === 'restore' || kind === 'release')
  })

  test('reaches no other disk, and is root on none', () => {
    for (const action of ['ClientMount', 'ClientWrite', 'ClientRootAccess']) {
      for (const accessPoint of [others, undefined]) expect(mayMount(role, action, accessPoint)).toBe(false)
    }
    expect(mayMount(role, 'ClientRootAccess', own)).toBe(false)
  })

  test('reads and writes of archives what the job needs', () => {
    expect(mayUse(role, 'GetObject', content)).toBe(kind === 'verify' || kind === 'restore')
    expect(mayUse(role, 'PutObject', content)).toBe(kind === 'copy')
    expect(mayUse(role, 'PutObject', jobOutcomeKey(jobs[kind]))).toBe(true)
  })

  test('reaches no other archive, of this site or of another, and deletes none', () => {
    for (const key of [archiveKeys(siteId, otherArchive).content, archiveKeys(otherSite, archiveId).content]) {
      for (const action of ['GetObject', 'PutObject']) expect(mayUse(role, action, key)).toBe(false)
    }
    expect(mayUse(role, 'PutObject', `${otherSite}/j.outcome.json`)).toBe(false)
    for (const action of ['DeleteObject', 'DeleteObjectVersion', 'ListBucket'])
      expect(mayUse(role, action, content)).toBe(false)
  })

  test('sees whether the archive is there that it reads, and lists nothing else', () => {
    const reads = kind === 'verify' || kind === 'restore'
    for (const key of Object.values(archiveKeys(siteId, archiveId))) expect(mayList(role, key)).toBe(reads)
    for (const prefix of [archivePrefix(siteId), archiveKeys(siteId, otherArchive).content, '', undefined])
      expect(mayList(role, prefix)).toBe(false)
  })
})

describe('a role whose policy was widened to everything', () => {
  test('still reaches the archives of the site that it is tagged with alone', () => {
    expect(mayUse(widened, 'GetObject', content)).toBe(true)
    expect(mayUse(widened, 'GetObject', archiveKeys(otherSite, archiveId).content)).toBe(false)
    expect(mayUse(widened, 'DeleteObject', content)).toBe(false)
    expect(mayList(widened, archivePrefix(siteId))).toBe(true)
    for (const prefix of [archivePrefix(otherSite), 'site_', '', undefined])
      expect(mayList(widened, prefix)).toBe(false)
  })

  test('reaches nothing where it is tagged with no site', () => {
    expect(mayUse(widened, 'GetObject', content, {})).toBe(false)
  })

  test('mounts no file system as a whole, and is root on none', () => {
    expect(mayMount(widened, 'ClientMount', undefined)).toBe(false)
    expect(mayMount(widened, 'ClientRootAccess', own)).toBe(false)
  })

  test('has the key used by S3 alone', () => {
    const decrypt = (service: string) =>
      isAllowed(
        {
          action: 'kms:Decrypt',
          resource: keyArn,
          context: { ...principal, 'kms:ViaService': `${service}.eu-central-1.amazonaws.com` },
        },
        { role: widened, resourcePolicy: none },
      )
    expect([decrypt('s3'), decrypt('ssm')]).toEqual([true, false])
  })
})

describe('the tasks of an anonymised clone', () => {
  const clone = id('site')
  const cloneHome = { siteId: clone, cell: 'local', generation: 1 }
  const restores = { kind: 'restore', id: 'r', siteId, home: cloneHome, archiveId, makes: `.${otherArchive}` } as const
  const packs = { ...jobs.copy, siteId: clone, home: cloneHome, archiveId: otherArchive, below: `.${otherArchive}` }
  const destroys = { kind: 'release', id: 'd', siteId: clone, home: cloneHome } as const
  const loads = { ...jobs.restore, siteId: clone, home: { ...cloneHome, generation: 2 }, archiveId: otherArchive }
  const roleFor = (job: ArchiveJob): Role => ({ policies: [archiverJobPolicy(job, places, own)], boundary })
  const of = (site: string) => ({ 'aws:PrincipalTag/sitewright:site': site })

  test.each([
    ['the restore of the copy', restores, { reads: siteId, archive: archiveId, writes: undefined }],
    ['the packing of the result', packs, { reads: undefined, archive: otherArchive, writes: clone }],
    ['the end of the copy', destroys, { reads: undefined, archive: archiveId, writes: undefined }],
    ['the restore of the result', loads, { reads: clone, archive: otherArchive, writes: undefined }],
  ] as const)('%s has one source and one target', (_, job, { reads, archive, writes }) => {
    const role = roleFor(job)
    const { content } = archiveKeys(reads ?? writes ?? clone, archive)
    expect(mayUse(role, 'GetObject', content, of(job.siteId))).toBe(reads !== undefined)
    expect(mayUse(role, 'PutObject', content, of(job.siteId))).toBe(writes !== undefined)
    const target = job.kind === 'release' ? [] : [archiveKeys(job.siteId, job.archiveId).content]
    const all = [siteId, clone, otherSite].flatMap((site) =>
      [archiveId, otherArchive].map((other) => archiveKeys(site, other).content),
    )
    for (const key of all.filter((one) => !target.includes(one))) {
      for (const action of ['GetObject', 'PutObject']) expect(mayUse(role, action, key, of(job.siteId))).toBe(false)
    }
    expect(mayMount(role, 'ClientMount', own)).toBe(true)
    expect(mayMount(role, 'ClientWrite', own)).toBe(writes === undefined)
    expect(mayMount(role, 'ClientMount', others)).toBe(false)
  })
})
