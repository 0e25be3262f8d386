import { App, Size, Stack } from 'aws-cdk-lib'
import { Template } from 'aws-cdk-lib/assertions'
import { Code, Function as LambdaFunction, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda'
import { Bucket } from 'aws-cdk-lib/aws-s3'
import { describe, expect, it } from 'vitest'
import { namesOf } from '../../cloud/names.ts'
import { functions, isHttp } from '../../lambdas/manifest.ts'
import { LiveFunctions } from '../../lib/stacks/api-stack.ts'
import { resourcesOf } from './support/resources.ts'
import { synthesise } from './support/synthesise.ts'

const all = await synthesise()
const template = all.template('api')

const only = (type: string) => {
  const found = resourcesOf(template, type)
  expect(found).toHaveLength(1)
  return found[0]!.Properties
}

describe('the API', () => {
  it('answers at its own name alone, which is in the zone of the console', () => {
    expect(only('AWS::ApiGatewayV2::Api').DisableExecuteApiEndpoint).toBe(true)
    expect(only('AWS::ApiGatewayV2::DomainName')).toMatchObject({
      DomainName: 'origin.try.example.com',
      DomainNameConfigurations: [{ EndpointType: 'REGIONAL' }],
    })
    const records = resourcesOf(template, 'AWS::Route53::RecordSet').map(({ Properties }) => Properties)
    expect(records.find(({ Name }) => Name === 'origin.try.example.com.')).toMatchObject({
      Type: 'A',
      HostedZoneId: 'Z00000000000000000001',
    })
  })

  it('takes so many requests at once', () => {
    const { ThrottlingRateLimit, ThrottlingBurstLimit } = only('AWS::ApiGatewayV2::Stage').DefaultRouteSettings
    expect(ThrottlingRateLimit).toBeGreaterThan(0)
    expect(ThrottlingBurstLimit).toBeGreaterThanOrEqual(ThrottlingRateLimit)
  })

  it('logs what a request came to, and nothing of who made it', () => {
    const { Format } = only('AWS::ApiGatewayV2::Stage').AccessLogSettings
    expect(Object.keys(JSON.parse(Format))).toEqual(expect.arrayContaining(['requestId', 'route', 'status']))
    expect(Format).not.toMatch(/identity|sourceIp|userAgent|querystring|path/i)
  })
})

describe('a function behind the API', () => {
  const aliases = () => resourcesOf(template, 'AWS::Lambda::Alias')

  it('has an alias that CodeDeploy moves to a new version, a tenth first', () => {
    const behindApi = functions.filter(isHttp).map(({ name }) => all.names.function(name))
    const withAlias = aliases().map(({ Properties }) => Properties.FunctionName)
    expect(withAlias.toSorted()).toEqual(behindApi.toSorted())
    const groups = new Map(resourcesOf(template, 'AWS::CodeDeploy::DeploymentGroup').map((one) => [one.id, one]))
    for (const alias of aliases()) {
      const { DeploymentGroupName } = alias.UpdatePolicy!.CodeDeployLambdaAliasUpdate
      const group = groups.get(DeploymentGroupName.Ref)!
      expect(all.names.function(group.Properties.DeploymentGroupName)).toBe(alias.Properties.FunctionName)
      expect(group.Properties.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent5Minutes')
      // The group is there before the alias moves.
      expect(alias.DependsOn).toContain(group.id)
    }
  })

  it('goes back by alarms on what it fails at and on what the API answers', () => {
    const alarms = resourcesOf(all.template('watch'), 'AWS::CloudWatch::Alarm').map((one) => one.Properties.AlarmName)
    for (const { Properties } of resourcesOf(template, 'AWS::CodeDeploy::DeploymentGroup')) {
      const named = Properties.AlarmConfiguration.Alarms.map(({ Name }: { Name: string }) => Name)
      const { installation } = all.names
      expect(named).toEqual([`${installation}-${Properties.DeploymentGroupName}-errors`, `${installation}-api-errors`])
      expect(alarms).toEqual(expect.arrayContaining(named))
      expect(Properties.AutoRollbackConfiguration.Events).toContain('DEPLOYMENT_STOP_ON_ALARM')
    }
  })

  it('has a role of CodeDeploy that reaches no other function', () => {
    const arns = JSON.stringify(only('AWS::IAM::Role').Policies).match(/function:[\w:-]+/g) ?? []
    const names = new Set(arns.map((arn) => arn.replace(/^function:|:live$/g, '')))
    const behindApi = functions.filter(isHttp).map(({ name }) => all.names.function(name))
    expect([...names].toSorted()).toEqual(behindApi.toSorted())
  })
})

describe('a version', () => {
  const definition = functions.find(isHttp)!
  interface Given {
    readonly code?: string
    readonly reserved?: number
    readonly variable?: string
    readonly layer?: string
    readonly otherLayer?: string
    readonly storage?: number
  }
  const made = (given: Given = {}, context: object = {}) => {
    const { code = 'a', reserved = 1, variable = 'a', layer = 'a', otherLayer = 'a', storage = 1024 } = given
    const stack = new Stack(new App({ context: { ...context } }), 'stack')
    const bucket = Bucket.fromBucketName(stack, 'bucket', 'assets')
    const layerOf = (id: string, key: string) => new LayerVersion(stack, id, { code: Code.fromBucket(bucket, key) })
    layerOf('other', otherLayer)
    const lambda = new LambdaFunction(stack, 'function', {
      runtime: Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: Code.fromInline(code),
      reservedConcurrentExecutions: reserved,
      environment: { variable },
      layers: [layerOf('layer', layer)],
      ephemeralStorageSize: Size.mebibytes(storage),
    })
    new LiveFunctions(stack, 'Live', { names: namesOf('test'), functions: [{ definition, function: lambda }] })
    return Template.fromStack(stack)
  }
  const versionOf = (stack: Template) => resourcesOf(stack, 'AWS::Lambda::Version').map(({ id }) => id)

  it('is published where what it keeps has changed, and only there', () => {
    const before = versionOf(made())
    expect(before).toHaveLength(1)
    // Lambda would publish none, and the deploy would fail.
    for (const other of [{ reserved: 2 }, { otherLayer: 'b' }]) expect(versionOf(made(other))).toEqual(before)
    for (const change of [{ code: 'b' }, { variable: 'b' }, { layer: 'b' }, { storage: 2048 }]) {
      expect(versionOf(made(change))).not.toEqual(before)
    }
  })

  it('has in its name all that a function behind the API is given, but what Lambda keeps in no version', () => {
    const named = ['Architectures', 'Code', 'Description', 'Environment', 'EphemeralStorage', 'Handler', 'Layers']
    named.push('LoggingConfig', 'MemorySize', 'Role', 'Runtime', 'Timeout', 'TracingConfig')
    const inNone = ['FunctionName', 'ReservedConcurrentExecutions', 'Tags']
    const behindApi = new Set(functions.filter(isHttp).map(({ name }) => all.names.function(name)))
    const given = resourcesOf(all.template('control'), 'AWS::Lambda::Function')
      .filter(({ Properties }) => behindApi.has(Properties.FunctionName))
      .flatMap(({ Properties }) => Object.keys(Properties))
    expect([...new Set(given)].filter((property) => !inNone.includes(property)).toSorted()).toEqual(named)
  })

  it('is live at once where the deploy says so', () => {
    const [canary] = resourcesOf(made(), 'AWS::Lambda::Alias')
    expect(canary?.UpdatePolicy).toBeDefined()
    const [alias] = resourcesOf(made({}, { atOnce: 'true' }), 'AWS::Lambda::Alias')
    expect(alias?.UpdatePolicy).toBeUndefined()
  })
})
