import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fileSystemPolicy } from '../../adapters/iam/site-policies.ts'
import { cellDescriptionSchema } from '../../adapters/ssm/cell-description.ts'
import { filled } from './support/filled.ts'
import { resourcesOf } from './support/resources.ts'
import { statementsOf } from './support/statements.ts'
import { synthesise } from './support/synthesise.ts'

const all = await synthesise()
const template = all.template('cell-a')

const groupId = (description: string): string =>
  resourcesOf(template, 'AWS::EC2::SecurityGroup').find(
    ({ Properties }) => Properties.GroupDescription === description,
  )!.id

const sites = ['Sites without a way out', 'Sites that may reach the internet'] as const

// biome-ignore lint/suspicious/noExplicitAny: whatever a rule holds
type Rule = any

/** The rules of one of the stack's own groups, wherever they are written. */
const rulesOf = (description: string, direction: 'Ingress' | 'Egress'): readonly Rule[] => {
  const id = groupId(description)
  const inline =
    resourcesOf(template).find((resource) => resource.id === id)!.Properties[`SecurityGroup${direction}`] ?? []
  const apart = resourcesOf(template, `AWS::EC2::SecurityGroup${direction}`)
    .map(({ Properties }) => Properties)
    .filter(({ GroupId }) => GroupId['Fn::GetAtt']?.[0] === id)
  return [...inline, ...apart]
}

/** Fills in what is known only once it is deployed: a name for each, that it can be told by. */
const filledIn = (value: unknown): string => {
  if (typeof value === 'string') return value
  const [kind, content] = Object.entries(value as Record<string, unknown>)[0]!
  if (kind === 'Fn::Join') {
    const [separator, parts] = content as [string, unknown[]]
    return parts.map(filledIn).join(separator)
  }
  return (Array.isArray(content) ? content : [content]).join('.')
}

describe('a cell', () => {
  it('admits to its sites the routers alone, and on no well-known port', () => {
    for (const group of sites) {
      const rules = rulesOf(group, 'Ingress')
      expect(rules).toHaveLength(1)
      expect(rules[0]).toMatchObject({ IpProtocol: 'tcp', FromPort: 10_000, ToPort: 32_767 })
      expect(JSON.stringify(rules[0].SourceSecurityGroupId)).toMatch(/RouterGroup/)
      // The routers' group lets the same ports out, also to the group in the other VPC.
      const out = resourcesOf(template, 'AWS::EC2::SecurityGroupEgress').filter(
        ({ Properties }) => Properties.DestinationSecurityGroupId?.['Fn::GetAtt']?.[0] === groupId(group),
      )
      expect(out).toMatchObject([{ Properties: { IpProtocol: 'tcp', FromPort: 10_000, ToPort: 32_767 } }])
      expect(JSON.stringify(out[0]!.Properties.GroupId)).toMatch(/RouterGroup/)
    }
  })

  it('gives sites without a way out none: the file system, endpoints, image layers, and nothing else', () => {
    const [closed, ...rules] = rulesOf(sites[0], 'Egress')
    expect(closed).toMatchObject({ CidrIp: '127.0.0.1/32' })
    const targets = rules.map(({ DestinationSecurityGroupId, DestinationPrefixListId, CidrIp, FromPort, ToPort }) => {
      expect(CidrIp).toBeUndefined()
      expect(ToPort).toBe(FromPort)
      return [FromPort, JSON.stringify(DestinationSecurityGroupId ?? DestinationPrefixListId)]
    })
    expect(targets).toHaveLength(3)
    expect(targets).toContainEqual([
      2049,
      expect.stringContaining(groupId('The file system that holds the data of sites')),
    ])
    expect(targets).toContainEqual([443, expect.stringContaining('EndpointsGroup')])
    expect(targets).toContainEqual([443, expect.stringContaining('S3Addresses')])
  })

  it('lets the others reach the web, and no port besides', () => {
    const open = rulesOf(sites[1], 'Egress').filter(({ CidrIp }) => CidrIp === '0.0.0.0/0')
    expect(open.map(({ FromPort, ToPort }) => [FromPort, ToPort])).toEqual([
      [443, 443],
      [80, 80],
    ])
  })

  it('has no group that is made without a rule for what leaves, to which EC2 would add one for everything', () => {
    for (const part of ['edge', 'cell-a', 'cell-b']) {
      for (const { id, Properties } of resourcesOf(all.template(part), 'AWS::EC2::SecurityGroup')) {
        expect([id, Properties.SecurityGroupEgress?.length ?? 0]).not.toEqual([id, 0])
      }
    }
  })

  it('has sites without a way out in the VPC of their own, with their file system, and the others not', () => {
    const vpcOf = (properties: { VpcId: unknown }): string | undefined =>
      JSON.stringify(properties.VpcId).match(/Network(Vpc|IsolatedVpc)/)?.[1]
    const inVpcs = (type: string, nameOf: (properties: Rule) => string) =>
      resourcesOf(template, type).map(({ Properties }) => [nameOf(Properties), vpcOf(Properties)])
    expect(inVpcs('AWS::EC2::Subnet', ({ Tags }) => Tags[0].Value)).toEqual([
      ['sitewright-test-a/none/a', 'IsolatedVpc'],
      ['sitewright-test-a/none/b', 'IsolatedVpc'],
      ['sitewright-test-a/internet/a', 'Vpc'],
      ['sitewright-test-a/internet/b', 'Vpc'],
    ])
    expect(inVpcs('AWS::EC2::VPCCidrBlock', ({ CidrBlock }) => CidrBlock)).toEqual([
      ['10.1.0.0/18', 'IsolatedVpc'],
      ['10.1.64.0/18', 'Vpc'],
    ])
    expect(inVpcs('AWS::EC2::SecurityGroup', ({ GroupDescription }) => GroupDescription)).toEqual([
      ['The file system that holds the data of sites', 'IsolatedVpc'],
      ['Sites without a way out', 'IsolatedVpc'],
      ['Sites that may reach the internet', 'Vpc'],
      ['Tasks that archive sites', 'IsolatedVpc'],
    ])
    for (const { Properties } of resourcesOf(template, 'AWS::EFS::MountTarget')) {
      expect(Properties.SubnetId['Fn::GetAtt'][0]).toMatch(/^Subnetsnone/)
    }
  })

  it('routes no subnet of isolated sites to the internet, and gives none a public address unasked', () => {
    const tableOf = (routeTableId: unknown) =>
      JSON.stringify(routeTableId).match(/Network(Isolated|Outbound|Vpcedge)/)?.[1]
    const associations = resourcesOf(template, 'AWS::EC2::SubnetRouteTableAssociation').map(({ id, Properties }) => [
      id.replace(/^Subnets/, '').replace(/[ab]Routes.*/, ''),
      tableOf(Properties.RouteTableId),
    ])
    expect(associations).toEqual([
      ['none', 'Isolated'],
      ['none', 'Isolated'],
      ['internet', 'Outbound'],
      ['internet', 'Outbound'],
    ])
    for (const { Properties } of resourcesOf(template, 'AWS::EC2::Subnet')) {
      expect(Properties.MapPublicIpOnLaunch).toBe(false)
    }
    const routes = resourcesOf(template, 'AWS::EC2::Route').map(({ Properties }) => {
      const { DestinationCidrBlock, RouteTableId, VpcPeeringConnectionId, ...others } = Properties
      expect(others).toEqual({})
      expect(JSON.stringify(VpcPeeringConnectionId)).toContain('NetworkPeering')
      return `${tableOf(RouteTableId)} → ${DestinationCidrBlock}`
    })
    expect(routes).toEqual([
      'Vpcedge → 10.1.0.0/18',
      'Vpcedge → 10.1.0.0/18',
      'Outbound → 10.1.0.0/18',
      'Isolated → 10.1.64.0/18',
    ])
  })

  it('lets sites with a way out find its file system by name, which their VPC does not know otherwise', () => {
    const [zone, ...more] = resourcesOf(template, 'AWS::Route53::HostedZone')
    expect(more).toEqual([])
    expect(JSON.stringify(zone!.Properties.VPCs)).toMatch(/NetworkVpc\w+"/)
    const [record] = resourcesOf(template, 'AWS::Route53::RecordSet')
    const targets = resourcesOf(template, 'AWS::EFS::MountTarget').map(({ id }) => ({
      'Fn::GetAtt': [id, 'IpAddress'],
    }))
    expect(targets).toHaveLength(2)
    expect(record!.Properties.ResourceRecords).toEqual(targets)
    for (const name of [zone!.Properties.Name, record!.Properties.Name]) {
      expect(filledIn(name)).toMatch(/^FilesFileSystem\w+\.efs\.eu-central-1\.amazonaws\.com\.$/)
    }
  })

  it('keeps its file system, encrypted and backed up, and lets nobody in but by a role', () => {
    const [fileSystem, ...more] = resourcesOf(template, 'AWS::EFS::FileSystem')
    expect(more).toEqual([])
    expect(fileSystem).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        Encrypted: true,
        BackupPolicy: { Status: 'ENABLED' },
        LifecyclePolicies: expect.arrayContaining([{ TransitionToIA: 'AFTER_30_DAYS' }]),
      },
    })
    const ours = fileSystemPolicy().Statement.map(({ Action, ...rest }) => ({
      ...rest,
      Action: typeof Action === 'string' ? Action : Action.toSorted(),
    }))
    expect(fileSystem!.Properties.FileSystemPolicy.Statement).toEqual(ours)
  })

  it('tags its file system itself, as functions have to find it before they may make access points', () => {
    const makers = statementsOf(all.template('control')).filter(({ actions }) =>
      actions.includes('elasticfilesystem:CreateAccessPoint'),
    )
    const asked = makers.flatMap(({ conditions }) =>
      Object.entries(conditions['StringEquals'] ?? {}).filter(([key]) => key.startsWith('aws:ResourceTag/')),
    )
    expect(makers).not.toEqual([])
    expect(asked).toHaveLength(makers.length)
    const [fileSystem] = resourcesOf(template, 'AWS::EFS::FileSystem')
    for (const [key, Value] of asked) {
      expect(fileSystem!.Properties.FileSystemTags).toContainEqual({ Key: key.replace('aws:ResourceTag/', ''), Value })
    }
  })

  it('alarms at what its sites write, by estimates, and mails as the other alarms do', () => {
    const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm').map(({ Properties }) => Properties)
    const [gibibyte, hour] = [2 ** 30, { Statistic: 'Sum', Period: 3600, EvaluationPeriods: 1 }]
    const FileSystemId = { Ref: resourcesOf(template, 'AWS::EFS::FileSystem')[0]!.id }
    expect(alarms).toMatchObject([
      { ...hour, MetricName: 'IncomingBytes', Threshold: 4000 * 2 ** 20 },
      { ...hour, MetricName: 'MeteredIOBytes', Threshold: 4000 * 20 * 2 ** 20 },
      {
        Threshold: 50 * gibibyte,
        EvaluationPeriods: 1,
        Metrics: [
          { Expression: 'DIFF(stored)' },
          {
            MetricStat: {
              Metric: {
                MetricName: 'StorageBytes',
                Dimensions: [
                  { Name: 'FileSystemId', Value: FileSystemId },
                  { Name: 'StorageClass', Value: 'Total' },
                ],
              },
              Stat: 'Maximum',
              Period: 86_400,
            },
          },
        ],
      },
    ])
    const [topic] = resourcesOf(all.template('watch'), 'AWS::SNS::Topic')
    const runbook = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
    for (const { AlarmActions, AlarmDescription, ComparisonOperator } of alarms) {
      expect(String(filled(AlarmActions))).toMatch(new RegExp(`:${topic!.Properties.TopicName}$`))
      expect(ComparisonOperator).toBe('GreaterThanOrEqualToThreshold')
      expect(AlarmDescription).toMatch(/runbook\.md#a-cell-that-writes-a-lot$/)
      expect(runbook).toContain('\n## A cell that writes a lot\n')
    }
  })

  it('has both kinds of Fargate', () => {
    const [providers] = resourcesOf(template, 'AWS::ECS::ClusterCapacityProviderAssociations')
    expect(providers!.Properties.CapacityProviders).toEqual(['FARGATE', 'FARGATE_SPOT'])
  })

  it('describes itself so that functions understand it', () => {
    const [parameter] = resourcesOf(template, 'AWS::SSM::Parameter')
    expect(parameter!.Properties.Name).toBe(all.names.cellParameter('a'))
    const described = JSON.parse(filledIn(parameter!.Properties.Value))
    const description = cellDescriptionSchema.parse(described)
    // Of a newer release, which deploys cells before functions.
    const newer = { ...described, ...{ subnets: { ...described.subnets, more: [] }, more: 1 } }
    expect(cellDescriptionSchema.parse(newer)).toEqual(description)
    expect(description.name).toBe('a')
    expect(description.subnets.none).toHaveLength(2)
    expect(description.securityGroups.none).toContain(groupId(sites[0]))
    expect(description.securityGroups.internet).toContain(groupId(sites[1]))
    expect(description.archiver.securityGroup).toContain(groupId('Tasks that archive sites'))
    expect(description.archiver.permissionsBoundaryArn).toContain(`:policy/${all.names.archiverBoundary}`)
    expect(description.archiver.image).toMatch(/\.dkr\.ecr\./)
    expect(description.helperImage).toMatch(/\.dkr\.ecr\./)
    expect(description.helperImage).not.toBe(description.archiver.image)
    expect(description.permissionsBoundaryArn).toContain(`:policy/${all.names.siteBoundary}`)
  })

  it('starts sites with a role that pulls, logs and reads their secrets, and does nothing else', () => {
    const roles = resourcesOf(template, 'AWS::IAM::Role')
    for (const role of roles) expect(role.Properties.Path).toBe(all.names.cellRolePath)
    const policy = resourcesOf(template, 'AWS::IAM::Policy').find(({ id }) => id.startsWith('Execution'))
    const actions = policy!.Properties.PolicyDocument.Statement.flatMap(({ Action }: Rule) => Action)
    expect(actions.toSorted()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
      'kms:Decrypt',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'ssm:GetParameters',
    ])
  })

  it('starts archiving jobs with a role that pulls and logs, and reads no secret', () => {
    const policy = resourcesOf(template, 'AWS::IAM::Policy').find(({ id }) => id.startsWith('Archiver'))
    const actions = policy!.Properties.PolicyDocument.Statement.flatMap(({ Action }: Rule) => Action)
    expect(actions.toSorted()).toEqual([
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
      'ecr:GetDownloadUrlForLayer',
      'logs:CreateLogStream',
      'logs:PutLogEvents',
    ])
  })

  it('lets archiving jobs reach the file system, endpoints and S3, and nobody reach them', () => {
    const group = 'Tasks that archive sites'
    expect(rulesOf(group, 'Ingress')).toEqual([])
    const [closed, ...rules] = rulesOf(group, 'Egress')
    expect(closed).toMatchObject({ CidrIp: '127.0.0.1/32' })
    expect(rules).toHaveLength(3)
    for (const { CidrIp, FromPort } of rules)
      expect([CidrIp, [443, 2049].includes(FromPort)]).toEqual([undefined, true])
  })

  it('is a line of configuration: a second one differs in its name and its addresses', () => {
    const [first, second] = ['cell-a', 'cell-b'].map((part) => JSON.stringify(all.template(part).toJSON()))
    expect(second).not.toBe(first)
    const ofTypes = (part: string) => resourcesOf(all.template(part)).map(({ Type }) => Type)
    expect(ofTypes('cell-b')).toEqual(ofTypes('cell-a'))
    expect(second).not.toContain('10.1.')
    expect(second).not.toContain('sites/a')
  })
})
