import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { readEnvironment, routerVariables } from '../../cloud/variables.ts'
import { filled } from './support/filled.ts'
import { resourcesOf, type Template } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'
import { testConfig, widerConfig } from './support/test-config.ts'

const all = await synthesise()
const names = all.names
const template = all.template('edge')

const one = (type: string) => {
  const found = resourcesOf(template, type)
  expect(found).toHaveLength(1)
  return found[0]!
}

const gatewayTo = (service: string) =>
  resourcesOf(template, 'AWS::EC2::VPCEndpoint').find(
    ({ Properties }) =>
      Properties.VpcEndpointType === 'Gateway' && JSON.stringify(Properties.ServiceName).includes(`.${service}`),
  )!.Properties

const routerStatements = () => {
  const roleOf = one('AWS::ECS::TaskDefinition').Properties.TaskRoleArn['Fn::GetAtt'][0]
  const [policy, ...more] = resourcesOf(template, 'AWS::IAM::Policy').filter(({ Properties }) =>
    Properties.Roles.some(({ Ref }: { Ref: string }) => Ref === roleOf),
  )
  expect(more).toEqual([])
  return policy!.Properties.PolicyDocument.Statement
}

describe('the edge stack', () => {
  it('sends every hostname to one target group, whose targets leave in thirty seconds', () => {
    const group = one('AWS::ElasticLoadBalancingV2::TargetGroup')
    expect(group.Properties).toMatchObject({ HealthCheckPath: '/healthz', Port: 8080, TargetType: 'ip' })
    expect(group.Properties.TargetGroupAttributes).toContainEqual({
      Key: 'deregistration_delay.timeout_seconds',
      Value: '30',
    })
    expect(resourcesOf(template, 'AWS::ElasticLoadBalancingV2::ListenerRule')).toEqual([])
  })

  it('speaks HTTPS with the certificate of all sites, and sends HTTP there', () => {
    const listeners = resourcesOf(template, 'AWS::ElasticLoadBalancingV2::Listener').map(({ Properties }) => Properties)
    expect(listeners.map(({ Port, DefaultActions: [{ Type }] }) => [Port, Type]).toSorted()).toEqual([
      [443, 'forward'],
      [80, 'redirect'],
    ])
    expect(one('AWS::CertificateManager::Certificate').Properties).toMatchObject({
      DomainName: '*.example.net',
      ValidationMethod: 'DNS',
    })
    const [address] = resourcesOf(template, 'AWS::Route53::RecordSet').filter(
      ({ Properties }) => Properties.Type === 'A',
    )
    expect(address!.Properties).toMatchObject({ Name: '*.example.net.' })
  })

  it('leads from isolated subnets to the bucket of image layers, archiving jobs to the archives, and nobody further', () => {
    const { PolicyDocument, RouteTableIds } = gatewayTo('s3')
    expect(PolicyDocument.Statement).toEqual([
      {
        Action: 's3:GetObject',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Resource: 'arn:aws:s3:::prod-eu-central-1-starport-layer-bucket/*',
      },
      {
        Action: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Resource: expect.anything(),
        Condition: { ArnLike: { 'aws:PrincipalArn': expect.anything() } },
      },
      {
        Action: 's3:ListBucket',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Resource: expect.anything(),
        Condition: { ArnLike: { 'aws:PrincipalArn': expect.anything() }, StringLike: { 's3:prefix': 'site_*' } },
      },
    ])
    for (const statement of PolicyDocument.Statement.slice(1)) {
      expect(JSON.stringify(statement)).toContain(`:role/${names.installation}/archiver/*`)
    }
    expect(JSON.stringify(PolicyDocument.Statement[1].Resource)).toContain('/site_*')
    const isolated = RouteTableIds[0]['Fn::GetAtt'][0]
    expect(RouteTableIds).toHaveLength(1)
    const routes = resourcesOf(template, 'AWS::EC2::Route').map(({ Properties }) => JSON.stringify(Properties))
    expect(routes.filter((route) => route.includes(isolated))).toEqual([
      expect.stringMatching(/"DestinationCidrBlock":"10\.0\.0\.0\/21".*"VpcPeeringConnectionId"/),
    ])
  })

  it('answers isolated sites for the names that start a task, and blocks all others, also while the firewall fails', () => {
    const isolated = resourcesOf(template, 'AWS::EC2::VPC').find(({ id }) => id.startsWith('NetworkIsolatedVpc'))!.id
    const rules = one('AWS::Route53Resolver::FirewallRuleGroup')
    const lists = new Map(
      resourcesOf(template, 'AWS::Route53Resolver::FirewallDomainList').map(({ id, Properties }) => [
        id,
        filled(Properties.Domains),
      ]),
    )
    const inOrder = rules.Properties.FirewallRules.toSorted(
      (a: { Priority: number }, b: { Priority: number }) => a.Priority - b.Priority,
    )
    expect(
      inOrder.map(({ FirewallDomainListId, ...rule }: { FirewallDomainListId: { 'Fn::GetAtt': [string] } }) => ({
        ...rule,
        domains: lists.get(FirewallDomainListId['Fn::GetAtt'][0]),
      })),
    ).toEqual([
      {
        Priority: 1,
        Action: 'ALLOW',
        FirewallDomainRedirectionAction: 'TRUST_REDIRECTION_DOMAIN',
        domains: [
          'api.ecr.eu-central-1.amazonaws.com',
          '111122223333.dkr.ecr.eu-central-1.amazonaws.com',
          'logs.eu-central-1.amazonaws.com',
          'ssm.eu-central-1.amazonaws.com',
          '*.efs.eu-central-1.amazonaws.com',
          'prod-eu-central-1-starport-layer-bucket.s3.eu-central-1.amazonaws.com',
          expect.stringMatching(/Archives/),
        ],
      },
      { Priority: 2, Action: 'BLOCK', BlockResponse: 'NODATA', domains: ['*'] },
    ])
    expect(one('AWS::Route53Resolver::FirewallRuleGroupAssociation').Properties).toMatchObject({
      FirewallRuleGroupId: { 'Fn::GetAtt': [rules.id, 'Id'] },
      VpcId: { Ref: isolated },
    })
    // Without a configuration, queries are blocked while the firewall fails: FirewallFailOpen is DISABLED by default.
    expect(resourcesOf(template, 'AWS::Route53Resolver::FirewallConfig')).toEqual([])
    // Every endpoint that isolated sites use is named in the list, and stands in their VPC.
    for (const { Properties } of resourcesOf(template, 'AWS::EC2::VPCEndpoint')) {
      const isOfRouters = JSON.stringify(Properties.ServiceName).includes('dynamodb')
      expect(Properties.VpcId.Ref === isolated).toBe(!isOfRouters)
    }
    const gateways = resourcesOf(template, 'AWS::EC2::VPCGatewayAttachment')
    expect(gateways.map(({ Properties }) => Properties.VpcId.Ref)).not.toContain(isolated)
  })

  it('joins the two VPCs, whose addresses do not overlap', () => {
    const vpcs = resourcesOf(template, 'AWS::EC2::VPC')
    expect(vpcs.map(({ Properties }) => Properties.CidrBlock)).toEqual(['10.0.0.0/21', '10.0.8.0/21'])
    expect(one('AWS::EC2::VPCPeeringConnection').Properties).toMatchObject({
      VpcId: { Ref: vpcs[0]!.id },
      PeerVpcId: { Ref: vpcs[1]!.id },
    })
  })

  it('leads from routers to the tables, for exactly what their role may do there', () => {
    type Output = { Export: { Name: string }; Value: { 'Fn::GetAtt'?: [string, string] } }
    type Statement = { Action: string | string[]; Resource: { 'Fn::ImportValue': string } }
    const data = all.template('data')
    const tables = new Map(
      resourcesOf(data, 'AWS::DynamoDB::GlobalTable').map(({ id, Properties }) => [id, Properties.TableName]),
    )
    const tableArns = new Map(
      Object.values<Output>(data.toJSON()['Outputs']).map(({ Export, Value }) => [
        Export.Name,
        `arn:aws:dynamodb:eu-central-1:111122223333:table/${tables.get(Value['Fn::GetAtt']?.[0] ?? '')}`,
      ]),
    )
    const allowed = (statements: Statement[], arnOf: (resource: Statement['Resource']) => unknown) =>
      statements
        .flatMap(({ Action, Resource }) => [Action].flat().map((action) => `${action} ${arnOf(Resource)}`))
        .filter((action) => action.startsWith('dynamodb:'))
        .toSorted()
    const ofRole = allowed(routerStatements(), (resource) => tableArns.get(resource['Fn::ImportValue']))
    expect(ofRole).toHaveLength(4)
    expect(allowed(gatewayTo('dynamodb').PolicyDocument.Statement, filled)).toEqual(ofRole)
  })

  it('lets endpoints be used for what starts a task, in this account alone', () => {
    const endpoints = resourcesOf(template, 'AWS::EC2::VPCEndpoint')
      .map(({ Properties }) => Properties)
      .filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface')
    expect(
      endpoints.map(({ ServiceName }) => ServiceName.replace('com.amazonaws.eu-central-1.', '')).toSorted(),
    ).toEqual(['ecr.api', 'ecr.dkr', 'logs', 'ssm'])
    for (const { PolicyDocument, PrivateDnsEnabled } of endpoints) {
      expect(PrivateDnsEnabled).toBe(true)
      for (const { Action, Resource } of PolicyDocument.Statement) {
        expect(Action).not.toContain('*')
        if (Action !== 'ecr:GetAuthorizationToken') expect(JSON.stringify(Resource)).toContain('AWS::AccountId')
      }
    }
  })

  it('has a NAT gateway nowhere', () => {
    expect(resourcesOf(template, 'AWS::EC2::NatGateway')).toEqual([])
  })

  it('gives routers the environment that they check', () => {
    const [container] = one('AWS::ECS::TaskDefinition').Properties.ContainerDefinitions
    const known = ({ Name, Value }: { Name: string; Value: unknown }): [string, string] => [
      Name,
      typeof Value === 'string' ? Value : 'arn:aws:known:when:deployed',
    ]
    const given = Object.fromEntries(container.Environment.map(known))
    expect(Object.keys(given).toSorted()).toEqual([...routerVariables, 'AWS_REGION'].toSorted())
    expect(() => readEnvironment(routerVariables, given)).not.toThrow()
  })

  it('runs routers on ARM, as nobody in particular, with nothing to write on and time to drain', () => {
    const { ContainerDefinitions, RuntimePlatform } = one('AWS::ECS::TaskDefinition').Properties
    expect(RuntimePlatform.CpuArchitecture).toBe('ARM64')
    expect(ContainerDefinitions).toMatchObject([
      {
        User: '10001:10001',
        ReadonlyRootFilesystem: true,
        LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
        StopTimeout: 90,
      },
    ])
    const service = one('AWS::ECS::Service').Properties
    expect(service).toMatchObject({
      DeploymentConfiguration: {
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
      },
    })
    expect(service.EnableExecuteCommand ?? false).toBe(false)
    expect(service).not.toHaveProperty('DesiredCount')
  })

  it('has as many routers as requests and their work ask for', () => {
    expect(one('AWS::ApplicationAutoScaling::ScalableTarget').Properties).toMatchObject({
      MinCapacity: 2,
      MaxCapacity: 20,
    })
    const targets = resourcesOf(template, 'AWS::ApplicationAutoScaling::ScalingPolicy').map(({ Properties }) => {
      const { TargetValue, PredefinedMetricSpecification } = Properties.TargetTrackingScalingPolicyConfiguration
      return [PredefinedMetricSpecification.PredefinedMetricType, TargetValue]
    })
    expect(Object.fromEntries(targets)).toEqual({
      ALBRequestCountPerTarget: 60_000,
      ECSServiceAverageCPUUtilization: 60,
    })
  })

  it('lets routers read their settings, hostnames and sites, consume entrances, count usage, have sites woken, sign, and know who asks, and nothing else', () => {
    expect(routerStatements()).toMatchObject([
      {
        Action: ['dynamodb:GetItem', 'dynamodb:Query'],
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['HOST#*', 'SITE#*', 'BLUEPRINT#*'] } },
      },
      {
        Action: 'dynamodb:DeleteItem',
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['ENTRANCE#*'] } },
      },
      {
        Action: 'dynamodb:UpdateItem',
        Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['USAGE#*'] } },
      },
      { Action: 'ssm:GetParameter' },
      { Action: 'lambda:InvokeFunction' },
      { Action: 'kms:GetPublicKey' },
      { Action: 'kms:Sign' },
      { Action: 'secretsmanager:GetSecretValue' },
    ])
  })

  it('has a door for the hostnames of owners: a distribution that serves tenants alone, and a name that leads into it', () => {
    const { DistributionConfig } = one('AWS::CloudFront::Distribution').Properties
    expect(DistributionConfig).toMatchObject({
      Enabled: true,
      ConnectionMode: 'tenant-only',
      DefaultCacheBehavior: {
        ViewerProtocolPolicy: 'redirect-to-https',
        AllowedMethods: expect.arrayContaining(['POST']),
      },
      Origins: [{ DomainName: 'router.example.net', CustomOriginConfig: { OriginProtocolPolicy: 'https-only' } }],
    })
    expect(DistributionConfig).not.toHaveProperty('Aliases')
    expect(DistributionConfig.ViewerCertificate).toMatchObject({
      // Without a certificate CloudFront would ignore the version.
      AcmCertificateArn: { 'Fn::GetAtt': [one('Custom::CertificateArn').id, 'Parameter.Value'] },
      MinimumProtocolVersion: 'TLSv1.2_2021',
      SslSupportMethod: 'sni-only',
    })
    // The secret is read at a deploy, and stands in no template.
    const [{ OriginCustomHeaders }] = DistributionConfig.Origins
    expect(OriginCustomHeaders).toMatchObject([{ HeaderName: 'x-sitewright-origin' }])
    expect(JSON.stringify(OriginCustomHeaders)).toContain(`{{resolve:secretsmanager:${names.installation}/origin`)
    const group = one('AWS::CloudFront::ConnectionGroup')
    const [target] = resourcesOf(template, 'AWS::Route53::RecordSet').filter(
      ({ Properties }) => Properties.Type === 'CNAME',
    )
    expect(target!.Properties).toMatchObject({
      Name: '*.custom.example.net.',
      ResourceRecords: [{ 'Fn::GetAtt': [group.id, 'RoutingEndpoint'] }],
    })
    expect(resourcesOf(template, 'AWS::CloudFront::DistributionTenant')).toEqual([])
  })

  it('keeps no error of a site at the hostnames of owners: it would go to other visitors, with its cookies', () => {
    const { CustomErrorResponses } = one('AWS::CloudFront::Distribution').Properties.DistributionConfig
    expect(CustomErrorResponses.map(({ ErrorCode }: { ErrorCode: number }) => ErrorCode)).toEqual([
      400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504,
    ])
    for (const { ErrorCachingMinTTL } of CustomErrorResponses) expect(ErrorCachingMinTTL).toBe(0)
  })

  it('looks up the certificate where CloudFront takes it', () => {
    const [parameter] = resourcesOf(all.template('certificate'), 'AWS::SSM::Parameter')
    const [certificate] = resourcesOf(all.template('certificate'), 'AWS::CertificateManager::Certificate')
    expect(certificate!.Properties).toMatchObject({ DomainName: '*.custom.example.net', ValidationMethod: 'DNS' })
    expect(parameter!.Properties.Value).toEqual({ Ref: certificate!.id })
    const question = JSON.parse(one('Custom::CertificateArn').Properties.Update)
    expect(question).toMatchObject({ region: 'us-east-1', parameters: { Name: parameter!.Properties.Name } })
  })

  it('tells the firewall who asks CloudFront, whatever the viewer says', () => {
    const code = one('AWS::CloudFront::Function').Properties.FunctionCode
    const asked = { headers: { 'x-sitewright-visitor': { value: '192.0.2.1' }, host: { value: 'shop.example.org' } } }
    const event = { request: asked, viewer: { ip: '2001:db8::7' } }
    expect(runInNewContext(`${code}; handler(event)`, { event })).toEqual({
      headers: { 'x-sitewright-visitor': { value: '2001:db8::7' }, host: { value: 'shop.example.org' } },
    })
    expect(one('AWS::CloudFront::Distribution').Properties.DistributionConfig.DefaultCacheBehavior).toMatchObject({
      FunctionAssociations: [
        {
          EventType: 'viewer-request',
          FunctionARN: { 'Fn::GetAtt': [one('AWS::CloudFront::Function').id, 'FunctionARN'] },
        },
      ],
    })
  })

  it('changes nothing but the settings of routers if plans and limits are edited, which new routers wait for', async () => {
    const plans = testConfig.plans.map((plan) => ({ ...plan, features: ['another'] }))
    const clients = { ...testConfig.clients, webSocketIdleSeconds: 60 }
    const edited = (await synthesise({ ...testConfig, plans, clients }, true)).template('edge')
    const settings = (from: Template) =>
      resourcesOf(from, 'AWS::SSM::Parameter').find(({ Properties }) => Properties.Name === all.names.routerSettings)
    expect(settings(edited)?.Properties.Value).not.toEqual(settings(template)?.Properties.Value)
    const others = (from: Template) => resourcesOf(from).filter(({ id }) => id !== settings(from)?.id)
    expect(others(edited)).toEqual(others(template))
    const [service] = resourcesOf(template, 'AWS::ECS::Service')
    expect(service?.DependsOn).toContain(settings(template)?.id)
  })

  it('keeps addresses for a third zone, so that adding one moves no subnet', async () => {
    const wider = await synthesise(widerConfig)
    const placed = (from: Template) =>
      resourcesOf(from, 'AWS::EC2::Subnet').map(
        ({ Properties }) => `${Properties.AvailabilityZone} ${Properties.CidrBlock}`,
      )
    for (const part of ['edge', 'cell-a']) {
      const before = placed(all.template(part))
      const after = placed(wider.template(part))
      expect(after).toHaveLength(before.length * 1.5)
      expect(after).toEqual(expect.arrayContaining(before))
    }
  })
})
