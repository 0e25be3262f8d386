/**
 * What MiniStack 1.5.33 does not know, with the values of what others read of it. Each line names the gap. A type that is neither known
 * to it nor listed here fails the deploy by name.
 */
const unknownTypes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Nothing scales: a service has the tasks that it has.
  'AWS::ApplicationAutoScaling::ScalableTarget': {},
  'AWS::ApplicationAutoScaling::ScalingPolicy': {},
  // An alias changes at once.
  'AWS::CodeDeploy::Application': {},
  'AWS::CodeDeploy::DeploymentGroup': {},
  // Tenants of a distribution have no address.
  'AWS::CloudFront::ConnectionGroup': { Id: 'cg_unknown', RoutingEndpoint: 'unknown.cloudfront.net' },
  // Tasks are in one network of the engine, in which no packet is filtered.
  'AWS::EC2::FlowLog': {},
  'AWS::EC2::SecurityGroupEgress': {},
  'AWS::EC2::SecurityGroupIngress': {},
  'AWS::EC2::VPCCidrBlock': {},
  'AWS::EC2::VPCPeeringConnection': { Id: 'pcx-unknown' },
  'AWS::Route53Resolver::FirewallDomainList': { Id: 'rslvr-fdl-unknown' },
  'AWS::Route53Resolver::FirewallRuleGroup': { Id: 'rslvr-frg-unknown' },
  'AWS::Route53Resolver::FirewallRuleGroupAssociation': {},
  'AWS::WAFv2::WebACLAssociation': {},
  // Every cluster takes any capacity provider.
  'AWS::ECS::ClusterCapacityProviderAssociations': {},
  // Events are not archived.
  'AWS::Events::Archive': {},
  // CDK's own functions load parts of the SDK, or the AWS CLI, that only Lambda has.
  'Custom::CDKBucketDeployment': {},
  'Custom::CertificateArn': { 'Parameter.Value': 'arn:aws:acm:us-east-1:123456789012:certificate/unknown' },
  'Custom::ManagedPrefixList': { 'PrefixLists.0.PrefixListId': 'pl-unknown' },
}

/** Attributes that types lack which it knows. */
const unknownAttributes: Readonly<Record<string, RegExp>> = { 'AWS::SES::EmailIdentity': /^DkimDNSToken/ }

interface Resource {
  readonly Type: string
  readonly Properties?: Readonly<Record<string, unknown>>
  readonly DependsOn?: string | readonly string[]
}

export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>
}

const unknownOf = ({ Type, Properties = {} }: Resource) => {
  // It has no metric math.
  const hasMath = Type === 'AWS::CloudWatch::Alarm' && 'Metrics' in Properties
  return hasMath ? { Arn: 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:unknown' } : unknownTypes[Type]
}

/** What stands for a reference; undefined where it may stay. */
const referenceOf = (resources: Template['Resources'], id: string): unknown => {
  const resource = resources[id]
  if (resource === undefined) return undefined
  // There it is the secret's name, on AWS its ARN.
  if (resource.Type === 'AWS::SecretsManager::Secret') return { 'Fn::GetAtt': [id, 'Arn'] }
  return unknownOf(resource) && `unknown-${id}`
}

const attributeOf = (resources: Template['Resources'], [id, name]: readonly [string, string]): unknown => {
  const resource = resources[id]
  if (resource === undefined) return undefined
  if (unknownAttributes[resource.Type]?.test(name)) return `${name.toLowerCase()}.example.com`
  const values = unknownOf(resource)
  if (values === undefined || name in values) return values?.[name]
  throw new Error(`${id}.${name} is read, and test/deploy/support/transform.ts does not say what stands for it`)
}

const replaceIn = (resources: Template['Resources'], value: unknown): unknown => {
  if (Array.isArray(value)) return value.map((each) => replaceIn(resources, each))
  if (typeof value !== 'object' || value === null) return value
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: readonly [string, string] }
  const other =
    (Ref !== undefined && referenceOf(resources, Ref)) || (attribute !== undefined && attributeOf(resources, attribute))
  if (other) return other
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, replaceIn(resources, each)]))
}

const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

const propertiesOf = ({ Type, Properties = {} }: Resource, routerUrl: string) => {
  const { Variables } = (Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> }
  // There is neither TLS nor DNS.
  if (Variables?.['ROUTER_URL'] !== undefined)
    return { ...Properties, Environment: { Variables: { ...Variables, ROUTER_URL: routerUrl } } }
  // The name of an HTTP API is the title of its document.
  if (Type === 'AWS::ApiGatewayV2::Api') return { ...Properties, Name: 'api', ProtocolType: 'HTTP' }
  // It does not read ExcludePunctuation.
  if (Type === 'AWS::SecretsManager::Secret') {
    const generated = Properties['GenerateSecretString'] as object
    return { ...Properties, GenerateSecretString: { ...generated, ExcludeCharacters: punctuation } }
  }
  return Properties
}

interface ApiBody {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly [reference: string]: { readonly $ref: string } }>>>
  >
  readonly components: {
    readonly 'x-amazon-apigateway-integrations': Readonly<Record<string, { readonly uri: unknown }>>
  }
}

/** It imports a document for REST APIs alone: here each route of an HTTP API is a resource. */
const routesOf = (api: string, { paths, components }: ApiBody): Template['Resources'] => {
  const ApiId = { Ref: api }
  const idOf = (name: string): string => `Integration${name.replaceAll('-', '')}`
  const integrations = Object.entries(components['x-amazon-apigateway-integrations']).map(([name, { uri }]) => {
    const Properties = { ApiId, IntegrationType: 'AWS_PROXY', IntegrationUri: uri, PayloadFormatVersion: '2.0' }
    return [idOf(name), { Type: 'AWS::ApiGatewayV2::Integration', Properties }] as const
  })
  const routes = Object.entries(paths).flatMap(([path, { parameters, ...methods }], index) =>
    Object.entries(methods).map(([method, { 'x-amazon-apigateway-integration': integration }]) => {
      const id = idOf(integration?.$ref.split('/').at(-1) ?? '')
      const Target = { 'Fn::Join': ['/', ['integrations', { Ref: id }]] }
      const Properties = { ApiId, RouteKey: `${method.toUpperCase()} ${path}`, Target }
      return [`Route${index}${method}`, { Type: 'AWS::ApiGatewayV2::Route', Properties }] as const
    }),
  )
  return Object.fromEntries([...integrations, ...routes])
}

const withRoutes = (resources: Template['Resources']): Template['Resources'] => {
  const apis = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Api')
  const added = apis.map(([id, { Properties = {} }]) => routesOf(id, Properties['Body'] as ApiBody))
  return Object.assign({}, resources, ...added)
}

export interface Transformed {
  readonly template: Template
  readonly leftOut: number
}

/** The template without what MiniStack does not know. @param routerUrl where functions reach the router. */
export const transform = (given: Template, { routerUrl }: { readonly routerUrl: string }): Transformed => {
  const kept = Object.entries(given.Resources).filter(([, resource]) => unknownOf(resource) === undefined)
  const ids = new Set(kept.map(([id]) => id))
  const Resources = Object.fromEntries(
    kept.map(([id, resource]) => {
      const DependsOn = [resource.DependsOn ?? []].flat().filter((other) => ids.has(other))
      return [id, { ...resource, Properties: propertiesOf(resource, routerUrl), DependsOn }]
    }),
  )
  const template = replaceIn(given.Resources, { ...given, Resources: withRoutes(Resources) }) as Template
  return { template, leftOut: Object.keys(given.Resources).length - kept.length }
}
