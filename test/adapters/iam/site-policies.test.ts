import { describe, expect, test } from 'vitest'
import {
  fileSystemPolicy,
  type PolicyDocument,
  siteBoundary,
  siteRolePolicy,
  siteTrustPolicy,
} from '../../../adapters/iam/site-policies.ts'
import { isAllowed, type Role } from './evaluate.ts'

const efs = 'arn:aws:elasticfilesystem:eu-central-1:111122223333'
const fileSystemArn = `${efs}:file-system/fs-1`
const own = `${efs}:access-point/fsap-own`
const others = `${efs}:access-point/fsap-others`

const boundary = siteBoundary({ fileSystemArns: [fileSystemArn], accessPoints: `${efs}:access-point/*` })
const site: Role = { policies: [siteRolePolicy({ fileSystemArn, accessPointArn: own })], boundary }

const everything: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Sid: 'Everything', Effect: 'Allow', Action: '*', Resource: '*' }],
}
const widened: Role = { policies: [...site.policies, everything], boundary }

const mount = 'elasticfilesystem:ClientMount'
const write = 'elasticfilesystem:ClientWrite'
const actAsRoot = 'elasticfilesystem:ClientRootAccess'

interface Asked {
  readonly action?: string
  readonly accessPoint?: string | undefined
  readonly encrypted?: boolean
  readonly resource?: string
  readonly resourcePolicy?: PolicyDocument
}

/** What EFS, which has our policy, answers to a client with this role, or to an anonymous one. */
const allows = (role: Role | undefined, asked: Asked = {}): boolean => {
  const { action = mount, encrypted = true, resource = fileSystemArn, resourcePolicy = fileSystemPolicy() } = asked
  const accessPoint = 'accessPoint' in asked ? asked.accessPoint : own
  const context = {
    'aws:SecureTransport': String(encrypted),
    ...(accessPoint === undefined ? {} : { 'elasticfilesystem:AccessPointArn': accessPoint }),
  }
  return isAllowed({ action, resource, context }, { ...(role && { role }), resourcePolicy })
}

describe('on a file system of sites', () => {
  test.each([mount, write])('a site is allowed %s through its own access point', (action) => {
    expect(allows(site, { action })).toBe(true)
  })

  test.each([mount, write, actAsRoot])('a site is denied %s through the access point of another', (action) => {
    expect(allows(site, { action, accessPoint: others })).toBe(false)
  })

  test.each([mount, write, actAsRoot])('a site is denied %s without an access point', (action) => {
    expect(allows(site, { action, accessPoint: undefined })).toBe(false)
  })

  test.each([mount, write, actAsRoot])('an anonymous client is denied %s', (action) => {
    expect(allows(undefined, { action })).toBe(false)
    expect(allows(undefined, { action, accessPoint: undefined })).toBe(false)
  })

  test('a site is denied to be root, also through its own access point', () => {
    expect(allows(site, { action: actAsRoot })).toBe(false)
  })

  test('a site is denied a connection that is not encrypted', () => {
    expect(allows(site, { encrypted: false })).toBe(false)
  })

  test('a site is denied any other file system', () => {
    expect(allows(site, { resource: `${efs}:file-system/fs-2` })).toBe(false)
  })
})

describe('a role whose policy was widened to everything', () => {
  test.each([
    ['act as root', { action: actAsRoot }],
    ['mount the whole file system', { accessPoint: undefined }],
    ['mount a file system without sites', { resource: `${efs}:file-system/fs-2` }],
    ['mount through an access point of another account', { accessPoint: own.replace('111122223333', '999999999999') }],
    ['delete an access point', { action: 'elasticfilesystem:DeleteAccessPoint', resource: others }],
    ['read a secret', { action: 'ssm:GetParameter', resource: 'arn:aws:ssm:eu-central-1:111122223333:parameter/x' }],
    ['take on a role', { action: 'sts:AssumeRole', resource: 'arn:aws:iam::111122223333:role/admin' }],
  ])('may still not %s', (_, asked) => {
    expect(allows(widened, asked)).toBe(false)
  })
})

test('a role without a boundary is not root on the file system either, whatever it may do elsewhere', () => {
  const unbounded: Role = { policies: [everything], boundary: everything }
  expect(allows(unbounded, { action: write })).toBe(true)
  expect(allows(unbounded, { action: actAsRoot })).toBe(false)
})

describe('the evaluator', () => {
  const allowing: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [{ Sid: 'All', Effect: 'Allow', Principal: { AWS: '*' }, Action: '*' }],
  }
  const none: PolicyDocument = { Version: '2012-10-17', Statement: [] }

  test('lets anonymous clients in where the file system’s policy does', () => {
    expect(allows(undefined, { resourcePolicy: allowing })).toBe(true)
  })

  test('lets a widened role through where neither boundary nor file system is in the way', () => {
    const free: Role = { policies: [everything], boundary: everything }
    expect(allows(free, { action: actAsRoot, accessPoint: undefined, resourcePolicy: none })).toBe(true)
    expect(allows(free, { action: actAsRoot, accessPoint: undefined })).toBe(false)
  })

  test('refuses to judge a condition that it does not know', () => {
    const unknown = { ...allowing.Statement[0]!, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }
    expect(() => allows(site, { resourcePolicy: { ...allowing, Statement: [unknown] } })).toThrow('IpAddress')
  })
})

test('only ECS takes on the role, for tasks of this account and region', () => {
  const [statement, ...others] = siteTrustPolicy({
    partition: 'aws',
    region: 'eu-central-1',
    account: '111122223333',
  }).Statement
  expect(others).toEqual([])
  expect(statement).toMatchObject({
    Principal: { Service: 'ecs-tasks.amazonaws.com' },
    Action: 'sts:AssumeRole',
    Condition: {
      StringEquals: { 'aws:SourceAccount': '111122223333' },
      ArnLike: { 'aws:SourceArn': 'arn:aws:ecs:eu-central-1:111122223333:*' },
    },
  })
})
