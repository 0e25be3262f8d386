import type { Resource } from '../support/resources.ts'

/** A limit that no request raises, or that holds at the first deploy. */
export interface Limit {
  readonly name: string
  readonly max: number
  readonly source: string
  /** Why all of it may be used. */
  readonly noRoom?: string
  /** What a stack has of it: the size or number by what has it. */
  readonly measure: (resources: readonly Resource[]) => readonly (readonly [what: string, size: number])[]
}

// biome-ignore lint/suspicious/noExplicitAny: whatever CloudFormation takes
type Properties = any

const docs = 'https://docs.aws.amazon.com'
const length = (value: unknown): number => (typeof value === 'string' ? value : JSON.stringify(value)).length

const each =
  (type: string, sizeOf: (properties: Properties) => number | undefined): Limit['measure'] =>
  (resources) =>
    resources
      .filter(({ Type }) => Type === type)
      .flatMap(({ id, Properties }) => {
        const size = sizeOf(Properties)
        return size === undefined ? [] : [[id, size] as const]
      })

const sum = (sizes: readonly number[]): number => sizes.reduce((total, size) => total + size, 0)

/** All resources whose type begins so, as one number. */
const count =
  (type: string): Limit['measure'] =>
  (resources) => {
    const found = resources.filter(({ Type }) => Type.startsWith(type))
    return found.length === 0 ? [] : [[type, found.length]]
  }

/** The most of a kind that belong together, such as the rules of one bus. */
const grouped =
  (type: string, groupOf: (properties: Properties) => unknown): Limit['measure'] =>
  (resources) => {
    const groups = Map.groupBy(
      resources.filter(({ Type }) => Type === type),
      ({ Properties }) => JSON.stringify(groupOf(Properties) ?? 'default'),
    )
    return [...groups].map(([group, members]) => [group, members.length])
  }

const policies = (type: string, property = 'PolicyDocument') => ({
  bytes: each(type, (properties) => properties[property] && length(properties[property])),
  statements: each(type, (properties) => properties[property]?.Statement.length),
})

/** In all inline policies of a role: its own and those beside it. */
const inlineOfRoles: Limit['measure'] = (resources) => {
  const beside = resources.filter(({ Type }) => Type === 'AWS::IAM::Policy')
  const roles = resources.filter(({ Type }) => Type === 'AWS::IAM::Role')
  return roles.map(({ id, Properties }) => {
    const attached = beside.filter(({ Properties: { Roles } }) =>
      Roles.some((role: string) => role.includes(id.slice(-8))),
    )
    const documents = [...(Properties.Policies ?? []), ...attached.map((policy) => policy.Properties)]
    return [id, sum(documents.map(({ PolicyDocument }) => length(PolicyDocument)))]
  })
}

const statementsOfQueue = (sizeOf: (statement: Properties) => number): Limit['measure'] =>
  each('AWS::SQS::QueuePolicy', ({ PolicyDocument }) => Math.max(...PolicyDocument.Statement.map(sizeOf)))

const iam = `${docs}/IAM/latest/UserGuide/reference_iam-quotas.html`
const sqs = `${docs}/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html`
const sns = `${docs}/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html`
const lambda = `${docs}/lambda/latest/dg/gettingstarted-limits.html`
const cloudfront = `${docs}/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html`
const httpApi = `${docs}/apigateway/latest/developerguide/http-api-quotas.html`
const eventbridge = `${docs}/eventbridge/latest/userguide/eb-quota.html`
const vpc = `${docs}/vpc/latest/userguide/amazon-vpc-limits.html`

export const sizes: readonly Limit[] = [
  {
    name: 'CloudFormation: resources of a template',
    max: 500,
    source: `${docs}/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html`,
    measure: count('AWS::'),
  },
  { name: 'SQS: bytes of a policy', max: 8192, source: sqs, measure: policies('AWS::SQS::QueuePolicy').bytes },
  { name: 'SQS: statements of a policy', max: 20, source: sqs, measure: policies('AWS::SQS::QueuePolicy').statements },
  {
    name: 'SQS: actions of a statement',
    max: 7,
    source: sqs,
    measure: statementsOfQueue(({ Action }) => [Action].flat().length),
  },
  {
    name: 'SQS: conditions of a statement',
    max: 10,
    source: sqs,
    measure: statementsOfQueue(({ Condition = {} }) => Object.values<object>(Condition).flatMap(Object.keys).length),
  },
  { name: 'SNS: bytes of a policy', max: 30_720, source: sns, measure: policies('AWS::SNS::TopicPolicy').bytes },
  { name: 'SNS: statements of a policy', max: 100, source: sns, measure: policies('AWS::SNS::TopicPolicy').statements },
  {
    name: 'S3: bytes of a bucket policy',
    max: 20_480,
    source: `${docs}/AmazonS3/latest/userguide/add-bucket-policy.html`,
    measure: policies('AWS::S3::BucketPolicy').bytes,
  },
  {
    name: 'KMS: bytes of a key policy',
    max: 32_768,
    source: `${docs}/kms/latest/developerguide/resource-limits.html`,
    measure: policies('AWS::KMS::Key', 'KeyPolicy').bytes,
  },
  {
    name: 'EFS: characters of a file system policy',
    max: 20_000,
    source: `${docs}/efs/latest/ug/API_PutFileSystemPolicy.html`,
    measure: policies('AWS::EFS::FileSystem', 'FileSystemPolicy').bytes,
  },
  {
    name: 'VPC: characters of an endpoint policy',
    max: 20_480,
    source: `${docs}/vpc/latest/privatelink/vpc-limits-endpoints.html`,
    measure: policies('AWS::EC2::VPCEndpoint').bytes,
  },
  { name: 'IAM: characters of all inline policies of a role', max: 10_240, source: iam, measure: inlineOfRoles },
  {
    name: 'IAM: characters of a managed policy',
    max: 6144,
    source: iam,
    measure: policies('AWS::IAM::ManagedPolicy').bytes,
  },
  {
    name: 'IAM: characters of a trust policy',
    max: 2048,
    source: iam,
    measure: policies('AWS::IAM::Role', 'AssumeRolePolicyDocument').bytes,
  },
  {
    name: 'IAM: managed policies of a role',
    max: 10,
    source: iam,
    measure: each('AWS::IAM::Role', ({ ManagedPolicyArns }) => ManagedPolicyArns?.length ?? 0),
  },
  {
    name: 'Systems Manager: characters of a standard parameter',
    max: 4096,
    source: `${docs}/general/latest/gr/ssm.html`,
    measure: each('AWS::SSM::Parameter', ({ Value }) => length(Value)),
  },
  {
    name: 'Lambda: bytes of the environment',
    max: 4096,
    source: lambda,
    measure: each('AWS::Lambda::Function', ({ Environment }) => length(Environment?.Variables ?? {})),
  },
  {
    name: 'Lambda: layers of a function',
    max: 5,
    source: lambda,
    measure: each('AWS::Lambda::Function', ({ Layers }) => Layers?.length ?? 0),
  },
  {
    // A statement takes up to 400 bytes of the 20 KB.
    name: "Lambda: permissions in a function's policy",
    max: 50,
    source: lambda,
    measure: grouped('AWS::Lambda::Permission', ({ FunctionName }) => FunctionName),
  },
  {
    // 100 of 1,000 stay unreserved.
    name: 'Lambda: reserved concurrency',
    max: 900,
    source: `${docs}/lambda/latest/dg/configuration-concurrency.html`,
    measure: (resources) => [
      [
        'all functions',
        sum(
          resources
            .filter(({ Type }) => Type === 'AWS::Lambda::Function')
            .map(({ Properties }) => Properties.ReservedConcurrentExecutions ?? 0),
        ),
      ],
    ],
  },
  {
    name: 'API Gateway: routes of an API',
    max: 300,
    source: httpApi,
    measure: each('AWS::ApiGatewayV2::Api', ({ Body }) =>
      sum(
        Object.values<object>(Body.paths).map((path) => Object.keys(path).filter((key) => key !== 'parameters').length),
      ),
    ),
  },
  {
    name: 'API Gateway: integrations of an API',
    max: 300,
    source: httpApi,
    measure: each(
      'AWS::ApiGatewayV2::Api',
      ({ Body }) => Object.keys(Body.components['x-amazon-apigateway-integrations']).length,
    ),
  },
  {
    // CloudFormation makes what does not depend on each other at once. An import is one call. Only the calls to API Gateway are counted,
    // which allows ten a second: CloudFormation retries calls that the other services throttle.
    name: 'API Gateway: calls at once',
    max: 40,
    source: `${docs}/apigateway/latest/developerguide/limits.html`,
    measure: count('AWS::ApiGateway'),
  },
  {
    name: 'API Gateway: bytes of the format of access logs',
    max: 3072,
    source: httpApi,
    measure: each('AWS::ApiGatewayV2::Stage', ({ AccessLogSettings }) => length(AccessLogSettings.Format)),
  },
  {
    name: 'CloudFront: headers of an origin request policy',
    max: 10,
    source: cloudfront,
    noRoom: 'They are listed, and AWS raises the quota on request.',
    measure: each(
      'AWS::CloudFront::OriginRequestPolicy',
      ({ OriginRequestPolicyConfig }) => OriginRequestPolicyConfig.HeadersConfig.Headers?.length ?? 0,
    ),
  },
  {
    name: 'CloudFront: headers of a cache policy',
    max: 10,
    source: cloudfront,
    measure: each(
      'AWS::CloudFront::CachePolicy',
      ({ CachePolicyConfig }) =>
        CachePolicyConfig.ParametersInCacheKeyAndForwardedToOrigin.HeadersConfig.Headers?.length ?? 0,
    ),
  },
  {
    name: 'CloudFront: custom headers of a response headers policy',
    max: 10,
    source: cloudfront,
    measure: each(
      'AWS::CloudFront::ResponseHeadersPolicy',
      ({ ResponseHeadersPolicyConfig }) => ResponseHeadersPolicyConfig.CustomHeadersConfig?.Items.length ?? 0,
    ),
  },
  {
    name: 'CloudFront: characters of a header',
    max: 1783,
    source: cloudfront,
    measure: each('AWS::CloudFront::ResponseHeadersPolicy', ({ ResponseHeadersPolicyConfig: config }) =>
      Math.max(
        length(config.SecurityHeadersConfig.ContentSecurityPolicy.ContentSecurityPolicy),
        ...(config.CustomHeadersConfig?.Items ?? []).map(({ Value }: { Value: string }) => Value.length),
      ),
    ),
  },
  {
    name: 'CloudFront: bytes of a function',
    max: 10_240,
    source: cloudfront,
    measure: each('AWS::CloudFront::Function', ({ FunctionCode }) => length(FunctionCode)),
  },
  {
    name: 'EventBridge: rules of a bus',
    max: 300,
    source: eventbridge,
    measure: grouped('AWS::Events::Rule', ({ EventBusName }) => EventBusName),
  },
  {
    name: 'EventBridge: characters of a pattern',
    max: 2048,
    source: eventbridge,
    measure: each('AWS::Events::Rule', ({ EventPattern }) => EventPattern && length(EventPattern)),
  },
  {
    name: 'EventBridge: targets of a rule',
    max: 5,
    source: eventbridge,
    measure: each('AWS::Events::Rule', ({ Targets }) => Targets.length),
  },
  {
    name: 'ACM: names of a certificate',
    max: 10,
    source: `${docs}/acm/latest/userguide/acm-limits.html`,
    measure: each(
      'AWS::CertificateManager::Certificate',
      ({ SubjectAlternativeNames = [] }) => 1 + SubjectAlternativeNames.length,
    ),
  },
  {
    name: 'Step Functions: bytes of a definition',
    max: 1_048_576,
    source: `${docs}/step-functions/latest/dg/service-quotas.html`,
    measure: each('AWS::StepFunctions::StateMachine', ({ DefinitionString }) => length(DefinitionString)),
  },
  {
    name: 'CloudWatch: metrics of a dashboard',
    max: 2500,
    source: `${docs}/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html`,
    measure: each('AWS::CloudWatch::Dashboard', ({ DashboardBody }) => String(DashboardBody).split('"AWS/').length),
  },
  {
    name: 'VPC: rules of a security group in one direction',
    max: 60,
    source: vpc,
    measure: each('AWS::EC2::SecurityGroup', ({ SecurityGroupIngress = [], SecurityGroupEgress = [] }) =>
      Math.max(SecurityGroupIngress.length, SecurityGroupEgress.length),
    ),
  },
  {
    name: 'ECS: bytes of a task definition',
    max: 65_536,
    source: `${docs}/AmazonECS/latest/developerguide/service-quotas.html`,
    measure: each('AWS::ECS::TaskDefinition', length),
  },
]

const nameLimits: readonly (readonly [type: string, property: string, max: number, source: string])[] = [
  ['AWS::ApiGatewayV2::Api', 'Name', 128, httpApi],
  ['AWS::CloudWatch::Alarm', 'AlarmName', 255, `${docs}/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html`],
  ['AWS::DynamoDB::GlobalTable', 'TableName', 255, `${docs}/amazondynamodb/latest/developerguide/Constraints.html`],
  ['AWS::ECR::Repository', 'RepositoryName', 256, `${docs}/AmazonECR/latest/APIReference/API_CreateRepository.html`],
  ['AWS::ECS::Cluster', 'ClusterName', 255, `${docs}/AmazonECS/latest/APIReference/API_CreateCluster.html`],
  ['AWS::Events::Archive', 'ArchiveName', 48, `${docs}/eventbridge/latest/APIReference/API_CreateArchive.html`],
  ['AWS::Events::EventBus', 'Name', 256, `${docs}/eventbridge/latest/APIReference/API_CreateEventBus.html`],
  ['AWS::IAM::ManagedPolicy', 'ManagedPolicyName', 128, iam],
  ['AWS::IAM::Role', 'RoleName', 64, iam],
  ['AWS::Lambda::Function', 'FunctionName', 64, `${docs}/lambda/latest/api/API_CreateFunction.html`],
  ['AWS::Lambda::Function', 'Description', 256, `${docs}/lambda/latest/api/API_CreateFunction.html`],
  [
    'AWS::Logs::LogGroup',
    'LogGroupName',
    512,
    `${docs}/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html`,
  ],
  ['AWS::S3::Bucket', 'BucketName', 63, `${docs}/AmazonS3/latest/userguide/bucketnamingrules.html`],
  ['AWS::SecretsManager::Secret', 'Name', 512, `${docs}/secretsmanager/latest/apireference/API_CreateSecret.html`],
  ['AWS::SES::ConfigurationSet', 'Name', 64, `${docs}/ses/latest/APIReference-V2/API_CreateConfigurationSet.html`],
  ['AWS::SQS::Queue', 'QueueName', 80, `${docs}/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html`],
  ['AWS::SSM::Parameter', 'Name', 1011, `${docs}/systems-manager/latest/APIReference/API_PutParameter.html`],
  [
    'AWS::StepFunctions::StateMachine',
    'StateMachineName',
    80,
    `${docs}/step-functions/latest/apireference/API_CreateStateMachine.html`,
  ],
  ['AWS::WAFv2::WebACL', 'Name', 128, `${docs}/waf/latest/APIReference/API_CreateWebACL.html`],
]

/** For the longest name of a stage, so they need no room. */
export const names: readonly Limit[] = nameLimits.map(([type, property, max, source]) => ({
  name: `${type} ${property}`,
  max,
  source,
  measure: each(type, (properties) => properties?.[property] && length(properties[property])),
}))
