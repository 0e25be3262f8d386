import { beforeAll, describe, expect, it } from 'vitest'
import { functions, isHttp } from '../../../lambdas/manifest.ts'
import { type Resource, resourcesOf } from '../support/resources.ts'
import { type Synthesised, synthesise } from '../support/synthesise.ts'

let all: Synthesised
/** The resources of every stack. */
let everything: readonly Resource[]

beforeAll(async () => {
  all = await synthesise()
  const parts = all.stacks.map((stack) => stack.slice(all.names.stack('').length))
  everything = parts.flatMap((part) => resourcesOf(all.template(part)))
})

const ofType = (type: string): readonly Resource[] => everything.filter(({ Type }) => Type === type)
const only = (type: string) => {
  const found = ofType(type)
  expect(found).toHaveLength(1)
  return found[0]!.Properties
}

it('templates have no indentation, which counts towards the limit of 1 MB', () => {
  for (const stack of all.stacks) {
    const template = all.template(stack.slice(all.names.stack('').length)).toJSON()
    expect(all.characters.get(stack)).toBeLessThanOrEqual(JSON.stringify(template).length)
  }
})

describe('stored data', () => {
  it('is encrypted in every bucket, and no bucket is public', () => {
    const buckets = ofType('AWS::S3::Bucket')
    expect(buckets).toHaveLength(5)
    for (const { id, Properties } of buckets) {
      const [rule] = Properties.BucketEncryption.ServerSideEncryptionConfiguration
      const algorithm = /^Buckets(Archives|Reports)/.test(id) ? 'aws:kms' : 'AES256'
      expect([id, rule.ServerSideEncryptionByDefault.SSEAlgorithm]).toEqual([id, algorithm])
      expect([id, Object.values(Properties.PublicAccessBlockConfiguration)]).toEqual([id, [true, true, true, true]])
    }
  })

  it("belongs to us: only the bucket of CloudFront's logs takes access lists", () => {
    const withLists = ofType('AWS::S3::Bucket').filter(
      ({ Properties }) => (Properties.OwnershipControls?.Rules[0].ObjectOwnership ?? '') === 'BucketOwnerPreferred',
    )
    expect(withLists.map(({ id }) => id.replace(/\w{8}$/, ''))).toEqual(['FilesAccessLogs'])
  })

  it("expires logs with visitors' addresses after thirty days", () => {
    const logs = ofType('AWS::S3::Bucket').filter(({ id }) => id.includes('AccessLogs'))
    expect(logs).toHaveLength(2)
    for (const { Properties } of logs) {
      expect(Properties.LifecycleConfiguration.Rules).toMatchObject([{ ExpirationInDays: 30, Status: 'Enabled' }])
    }
  })

  it('expires no archive, and keeps a deleted or overwritten one for a month', () => {
    const archives = ofType('AWS::S3::Bucket').find(({ id }) => id.startsWith('BucketsArchives'))!.Properties
    const [rule, ...more] = archives.LifecycleConfiguration.Rules
    expect(more).toEqual([])
    expect(rule).toMatchObject({ NoncurrentVersionExpiration: { NoncurrentDays: 30 }, Status: 'Enabled' })
    expect(rule).not.toHaveProperty('ExpirationInDays')
    expect(archives.LoggingConfiguration.LogFilePrefix).toBe('archives/')
  })

  it('includes logs for thirty days, and events to replay for ninety', () => {
    for (const { id, Properties } of ofType('AWS::Logs::LogGroup')) {
      expect([id, Properties.RetentionInDays]).toEqual([id, 30])
    }
    expect(only('AWS::Events::Archive')).toMatchObject({ RetentionDays: 90, EventPattern: { source: ['sitewright'] } })
  })

  it("includes no alarm in plain text: the topic's key rotates", () => {
    expect(only('AWS::SNS::Topic').KmsMasterKeyId['Fn::GetAtt'][0]).toMatch(/^AlarmsKey/)
    const key = ofType('AWS::KMS::Key').find(({ id }) => id.startsWith('AlarmsKey'))
    expect(key?.Properties.EnableKeyRotation).toBe(true)
  })
})

describe('functions', () => {
  it('log JSON, by whose fields metric filters count', () => {
    const ours = ofType('AWS::Lambda::Function').filter(({ Properties }) => Properties.FunctionName !== undefined)
    expect(ours).toHaveLength(functions.length)
    for (const { id, Properties } of ours) expect([id, Properties.LoggingConfig.LogFormat]).toEqual([id, 'JSON'])
  })

  it('have 512 MiB when a person waits or the run is long, 1,769 with DuckDB, and 256 otherwise', () => {
    for (const definition of functions) {
      const { name, timeout } = definition
      const found = ofType('AWS::Lambda::Function').find(
        ({ Properties }) => Properties.FunctionName === all.names.function(name),
      )
      const hasDuckdb = found?.Properties.Layers !== undefined
      expect([name, hasDuckdb]).toEqual([name, ['report-api', 'write-reports'].includes(name)])
      const memory = hasDuckdb ? 1769 : isHttp(definition) || timeout >= 300 ? 512 : 256
      expect([name, found?.Properties.MemorySize]).toEqual([name, memory])
    }
  })

  it('are retried for six hours, unless events only wake early what the clock wakes within the hour', () => {
    for (const { Properties } of ofType('AWS::Events::Rule')) {
      expect(Properties.Targets[0].RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 21_600, MaximumRetryAttempts: 8 })
    }
    const retries = ofType('AWS::Lambda::EventInvokeConfig').map(({ Properties }) => [
      Properties.DestinationConfig?.OnFailure === undefined,
      Properties.MaximumRetryAttempts,
      Properties.MaximumEventAgeInSeconds,
    ])
    for (const [isSweep, attempts, age] of retries) {
      expect([attempts, age]).toEqual(isSweep ? [0, 60] : [2, 21_600])
    }
  })

  it('lose no event that they act on themselves: what fails in every attempt goes to a queue', () => {
    const kept = ofType('AWS::Lambda::EventInvokeConfig')
      .filter(({ Properties }) => Properties.DestinationConfig?.OnFailure !== undefined)
      .map(({ Properties }) => Properties.FunctionName.Ref)
    const acting = functions.filter(({ triggers }) =>
      triggers.some((trigger) => 'events' in trigger || 'platformEvents' in trigger),
    )
    expect(acting.length).toBeGreaterThan(10)
    for (const { name } of acting) {
      const found = ofType('AWS::Lambda::Function').find(
        ({ Properties }) => Properties.FunctionName === all.names.function(name),
      )
      expect([name, kept.includes(found?.id)]).toEqual([name, true])
    }
  })

  it('read the stream from its oldest record, a hundred at a time', () => {
    expect(only('AWS::Lambda::EventSourceMapping')).toMatchObject({ StartingPosition: 'TRIM_HORIZON', BatchSize: 100 })
  })
})

describe('what comes in', () => {
  it('is limited to 200 requests a second for the API, and to 2,000 in five minutes for an address', () => {
    expect(only('AWS::ApiGatewayV2::Stage').DefaultRouteSettings).toMatchObject({
      ThrottlingRateLimit: 200,
      ThrottlingBurstLimit: 400,
    })
    const console = ofType('AWS::WAFv2::WebACL').filter(({ Properties }) => Properties.Scope === 'CLOUDFRONT')
    expect(console).toHaveLength(1)
    const [byAddress, ...others] = console[0]!.Properties.Rules
    const managed = others.filter(({ OverrideAction }: { OverrideAction?: object }) => OverrideAction !== undefined)
    expect(managed).toHaveLength(3)
    expect(byAddress).toMatchObject({
      Action: { Block: { CustomResponse: { ResponseCode: 429 } } },
      Statement: { RateBasedStatement: { AggregateKeyType: 'IP', Limit: 2000 } },
    })
    for (const { OverrideAction, Statement } of managed) {
      // Blocked, not only counted; all paths but those of webhooks.
      expect(OverrideAction).toEqual({ None: {} })
      expect(Statement.ManagedRuleGroupStatement.ScopeDownStatement.NotStatement.Statement).toMatchObject({
        ByteMatchStatement: { PositionalConstraint: 'STARTS_WITH', SearchString: '/v1/webhooks/' },
      })
    }
  })

  it('reaches the load balancer by TLS 1.2 or later, with valid headers alone, and is logged', () => {
    const { Scheme, LoadBalancerAttributes } = only('AWS::ElasticLoadBalancingV2::LoadBalancer')
    expect(Scheme).toBe('internet-facing')
    expect(LoadBalancerAttributes).toEqual(
      expect.arrayContaining([
        { Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'true' },
        { Key: 'idle_timeout.timeout_seconds', Value: '960' },
        { Key: 'access_logs.s3.enabled', Value: 'true' },
        { Key: 'waf.fail_open.enabled', Value: 'true' },
      ]),
    )
    const policies = ofType('AWS::ElasticLoadBalancingV2::Listener').map(({ Properties }) => Properties.SslPolicy)
    expect(policies.filter(Boolean)).toEqual(['ELBSecurityPolicy-TLS13-1-2-2021-06'])
  })

  it('reaches CloudFront by TLS 1.2 or later, at the console and at custom domains', () => {
    const certificates = ofType('AWS::CloudFront::Distribution').map(
      ({ Properties }) => Properties.DistributionConfig.ViewerCertificate,
    )
    expect(certificates).toHaveLength(2)
    for (const { AcmCertificateArn, MinimumProtocolVersion } of certificates) {
      expect(AcmCertificateArn).toBeDefined()
      expect(MinimumProtocolVersion).toMatch(/^TLSv1\.[23]_202\d$/)
    }
  })

  it('passes the security groups of the edge by these rules only', () => {
    const edge = resourcesOf(all.template('edge'))
    const groups = edge.filter(({ Type }) => Type === 'AWS::EC2::SecurityGroup')
    const nameOf = (id: string | undefined) => id?.replace(/Group\w{8}$/, '')
    const inline = groups.flatMap(({ id, Properties }) => [
      ...(Properties.SecurityGroupIngress ?? []).map((rule: object) => ({ ...rule, to: nameOf(id) })),
      ...Properties.SecurityGroupEgress.map((rule: object) => ({ ...rule, from: nameOf(id) })),
    ])
    const apart = edge
      .filter(({ Type }) => Type.startsWith('AWS::EC2::SecurityGroup') && Type !== 'AWS::EC2::SecurityGroup')
      .map(({ Type, Properties }) => {
        const own = nameOf(Properties.GroupId['Fn::GetAtt'][0])
        const other = nameOf(
          (Properties.SourceSecurityGroupId ?? Properties.DestinationSecurityGroupId)['Fn::GetAtt'][0],
        )
        return Type.endsWith('Ingress')
          ? { ...Properties, from: other, to: own }
          : { ...Properties, from: own, to: other }
      })
    const rules = [...inline, ...apart]
      .filter(({ CidrIp }) => CidrIp !== '127.0.0.1/32')
      .map(({ from, to, CidrIp, FromPort, ToPort }) => {
        expect(ToPort).toBe(FromPort)
        return `${from ?? CidrIp} → ${to ?? CidrIp}:${FromPort}`
      })
    expect([...new Set(rules)].toSorted()).toEqual([
      '0.0.0.0/0 → FrontDoor:443',
      '0.0.0.0/0 → FrontDoor:80',
      'FrontDoor → Router:8080',
      'Router → 0.0.0.0/0:443',
    ])
  })

  it('makes browsers use HTTPS for a year and show the console in no frame', () => {
    const { SecurityHeadersConfig } = only('AWS::CloudFront::ResponseHeadersPolicy').ResponseHeadersPolicyConfig
    expect(SecurityHeadersConfig).toMatchObject({
      StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000 },
      FrameOptions: { FrameOption: 'DENY' },
    })
  })

  it('is logged when the network refuses it', () => {
    const logs = ofType('AWS::EC2::FlowLog').map(({ Properties }) => Properties)
    expect(logs.map(({ TrafficType }) => TrafficType)).toEqual(['REJECT', 'REJECT'])
    expect(logs.map(({ ResourceId }) => ResourceId.Ref).toSorted()).toEqual(
      ofType('AWS::EC2::VPC')
        .map(({ id }) => id)
        .toSorted(),
    )
  })
})

describe("operators' sign-in", () => {
  it('requires passwords of fourteen characters of every kind, and detects stolen ones', () => {
    expect(only('AWS::Cognito::UserPool')).toMatchObject({
      Policies: {
        PasswordPolicy: {
          MinimumLength: 14,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          RequireUppercase: true,
          TemporaryPasswordValidityDays: 3,
        },
      },
      UserPoolAddOns: { AdvancedSecurityMode: 'ENFORCED' },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'verified_email', Priority: 1 }] },
    })
  })

  it('issues tokens for fifteen minutes and sessions for twelve hours', () => {
    expect(only('AWS::Cognito::UserPoolClient')).toMatchObject({
      AccessTokenValidity: 15,
      IdTokenValidity: 15,
      RefreshTokenValidity: 720,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      // Passwords are for the hosted pages alone.
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
      GenerateSecret: true,
      PreventUserExistenceErrors: 'ENABLED',
    })
  })
})

it("mail that claims to be from the sender's domain and is not ours is refused", () => {
  const records = ofType('AWS::Route53::RecordSet').map(({ Properties }) => Properties)
  expect(records.find(({ Name }) => Name === '_dmarc.try.example.com.')).toMatchObject({
    Type: 'TXT',
    ResourceRecords: ['"v=DMARC1; p=reject"'],
  })
})

it('mail is not sent to addresses that bounced, and a complaint keeps no code and no warning from anybody', () => {
  expect(only('AWS::SES::ConfigurationSet').SuppressionOptions).toEqual({ SuppressedReasons: ['BOUNCE'] })
})

it('what becomes of each mail is an event on the default bus', () => {
  const { EventDestination } = only('AWS::SES::ConfigurationSetEventDestination')
  expect(EventDestination).toMatchObject({ Enabled: true, MatchingEventTypes: ['bounce', 'complaint', 'reject'] })
  expect(JSON.stringify(EventDestination.EventBridgeDestination.EventBusArn)).toContain(':event-bus/default')
})
