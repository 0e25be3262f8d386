/** What AWS asks for `per` of a unit, in US dollars before tax, in the region that the table is for. */
interface Price {
  readonly service: string
  readonly unit: string
  readonly usd: number
  readonly per: number
  /** Where AWS publishes it. */
  readonly source: string
  /** Why the figure is only about right; absent where it is the list's own for this region. */
  readonly approximate?: string
}

/** The table is for one region; elsewhere most prices differ by up to a third. */
export const pricedRegion = 'eu-central-1'

/** When the table was last compared with what is published of AWS's lists. */
export const pricesRead = '2026-11-20'

const million = 1_000_000
const page = (path: string): string => `https://aws.amazon.com/${path}/pricing/`

const fromUsEast1 = (price: string): string =>
  `${price} in us-east-1, times 1.2, because storage in this region costs about that much more`
const spot = 'varies with supply; about a third of the on-demand price, for arm64 in this and similar regions'

export const prices = {
  fargateCpu: { service: 'Fargate, arm64', unit: 'vCPU hours', usd: 0.03725, per: 1, source: page('fargate') },
  fargateMemory: { service: 'Fargate, arm64', unit: 'GB hours', usd: 0.00409, per: 1, source: page('fargate') },
  spotCpu: {
    service: 'Fargate Spot, arm64',
    unit: 'vCPU hours',
    usd: 0.0125,
    per: 1,
    source: page('fargate'),
    approximate: spot,
  },
  spotMemory: {
    service: 'Fargate Spot, arm64',
    unit: 'GB hours',
    usd: 0.00137,
    per: 1,
    source: page('fargate'),
    approximate: spot,
  },
  loadBalancer: {
    service: 'Application Load Balancer',
    unit: 'hours',
    usd: 0.027,
    per: 1,
    source: page('elasticloadbalancing'),
  },
  loadBalancerCapacity: {
    service: 'Application Load Balancer',
    unit: 'capacity unit hours (1 GB each)',
    usd: 0.008,
    per: 1,
    source: page('elasticloadbalancing'),
  },
  publicAddress: { service: 'Public IPv4 address', unit: 'hours', usd: 0.005, per: 1, source: page('vpc') },
  endpoint: { service: 'Interface endpoint', unit: 'hours in a zone', usd: 0.012, per: 1, source: page('privatelink') },
  endpointData: { service: 'Interface endpoint', unit: 'GB', usd: 0.01, per: 1, source: page('privatelink') },
  trafficOut: {
    service: 'Traffic to the internet',
    unit: 'GB',
    usd: 0.09,
    per: 1,
    source: 'https://aws.amazon.com/ec2/pricing/on-demand/',
  },
  trafficBetweenZones: {
    service: 'Traffic between zones',
    unit: 'GB, each way',
    usd: 0.01,
    per: 1,
    source: 'https://aws.amazon.com/ec2/pricing/on-demand/',
  },
  tableWrite: {
    service: 'DynamoDB on demand',
    unit: 'write units',
    usd: 0.7625,
    per: million,
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  tableRead: {
    service: 'DynamoDB on demand',
    unit: 'read units',
    usd: 0.1525,
    per: million,
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  tableStorage: {
    service: 'DynamoDB',
    unit: 'GB months',
    usd: 0.306,
    per: 1,
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  tableRecovery: {
    service: 'DynamoDB point-in-time recovery',
    unit: 'GB months',
    usd: 0.2448,
    per: 1,
    source: 'https://aws.amazon.com/dynamodb/pricing/on-demand/',
  },
  filesStandard: {
    service: 'EFS Standard',
    unit: 'GB months',
    usd: 0.36,
    per: 1,
    source: page('efs'),
    approximate: fromUsEast1('0.30'),
  },
  filesInfrequent: {
    service: 'EFS Infrequent Access',
    unit: 'GB months',
    usd: 0.0192,
    per: 1,
    source: page('efs'),
    approximate: fromUsEast1('0.016'),
  },
  filesRead: {
    service: 'EFS elastic throughput',
    unit: 'GB read',
    usd: 0.036,
    per: 1,
    source: page('efs'),
    approximate: fromUsEast1('0.03'),
  },
  filesWritten: {
    service: 'EFS elastic throughput',
    unit: 'GB written',
    usd: 0.072,
    per: 1,
    source: page('efs'),
    approximate: fromUsEast1('0.06'),
  },
  backup: {
    service: 'AWS Backup of EFS',
    unit: 'GB months',
    usd: 0.06,
    per: 1,
    source: page('backup'),
    approximate: fromUsEast1('0.05'),
  },
  objectStorage: { service: 'S3 Standard', unit: 'GB months', usd: 0.0245, per: 1, source: page('s3') },
  imageStorage: { service: 'ECR', unit: 'GB months', usd: 0.1, per: 1, source: page('ecr') },
  key: { service: 'KMS key', unit: 'months', usd: 1, per: 1, source: page('kms') },
  secret: { service: 'Secrets Manager', unit: 'secret months', usd: 0.4, per: 1, source: page('secrets-manager') },
  apiRequest: { service: 'HTTP API', unit: 'requests', usd: 1.2, per: million, source: page('api-gateway') },
  functionRequest: { service: 'Lambda', unit: 'requests', usd: 0.2, per: million, source: page('lambda') },
  functionTime: {
    service: 'Lambda, arm64',
    unit: 'GB seconds',
    usd: 13.3334,
    per: million,
    source: page('lambda'),
  },
  transition: {
    service: 'Step Functions, Standard',
    unit: 'state transitions',
    usd: 0.025,
    per: 1000,
    source: page('step-functions'),
  },
  event: { service: 'EventBridge', unit: 'own events', usd: 1, per: million, source: page('eventbridge') },
  mail: { service: 'SES', unit: 'messages', usd: 0.1, per: 1000, source: page('ses') },
  logs: { service: 'CloudWatch Logs', unit: 'GB ingested', usd: 0.63, per: 1, source: page('cloudwatch') },
  alarm: { service: 'CloudWatch alarm', unit: 'metric months', usd: 0.1, per: 1, source: page('cloudwatch') },
  metric: { service: 'CloudWatch metric', unit: 'metric months', usd: 0.3, per: 1, source: page('cloudwatch') },
  dashboard: { service: 'CloudWatch dashboard', unit: 'months', usd: 3, per: 1, source: page('cloudwatch') },
  trace: { service: 'X-Ray', unit: 'traces', usd: 5, per: million, source: page('xray') },
  operator: { service: 'Cognito, Plus', unit: 'operators in a month', usd: 0.02, per: 1, source: page('cognito') },
  firewall: { service: 'WAF', unit: 'web ACL months', usd: 5, per: 1, source: page('waf') },
  firewallRule: { service: 'WAF', unit: 'rule months', usd: 1, per: 1, source: page('waf') },
  firewallRequest: { service: 'WAF', unit: 'requests', usd: 0.6, per: million, source: page('waf') },
  distributionRequest: {
    service: 'CloudFront, Europe',
    unit: 'HTTPS requests',
    usd: 0.012,
    per: 10_000,
    source: page('cloudfront'),
  },
  distributionTraffic: { service: 'CloudFront, Europe', unit: 'GB', usd: 0.085, per: 1, source: page('cloudfront') },
  hostedZone: { service: 'Route 53', unit: 'zone months', usd: 0.5, per: 1, source: page('route53') },
} as const satisfies Readonly<Record<string, Price>>

export type PriceName = keyof typeof prices

export const priceEntries: readonly (readonly [string, Price])[] = Object.entries<Price>(prices)
