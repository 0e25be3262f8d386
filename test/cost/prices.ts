/** The price of `per` of a unit in the table's region, in US dollars before tax. */
interface Price {
  readonly service: string
  readonly unit: string
  readonly usd: number
  readonly per: number
  /** Where AWS publishes it. */
  readonly source: string
  /** Why the price is approximate; absent if it is the list price of this region. */
  readonly approximate?: string
}

/** The table is for one region; in others most prices differ by up to a third. */
export const pricedRegion = 'eu-central-1'

/** When the table was last compared with published copies of AWS's price lists. */
export const pricesRead = '2026-11-20'

const million = 1_000_000
const page = (path: string): string => `https://aws.amazon.com/${path}/pricing/`
const onDemand = (path: string): string => `${page(path)}on-demand/`

const fromUsEast1 = (price: string): string =>
  `${price} in us-east-1, times 1.2, because storage in this region costs about that much more`
const spot = 'varies with supply; about a third of the on-demand price, for arm64 in this and similar regions'

const price = (
  service: string,
  unit: string,
  usd: number,
  source: string,
  options: { readonly per?: number; readonly approximate?: string } = {},
): Price => ({ service, unit, usd, per: 1, source, ...options })

export const prices = {
  fargateCpu: price('Fargate, arm64', 'vCPU hours', 0.03725, page('fargate')),
  fargateMemory: price('Fargate, arm64', 'GB hours', 0.00409, page('fargate')),
  spotCpu: price('Fargate Spot, arm64', 'vCPU hours', 0.0125, page('fargate'), { approximate: spot }),
  spotMemory: price('Fargate Spot, arm64', 'GB hours', 0.00137, page('fargate'), { approximate: spot }),
  loadBalancer: price('Application Load Balancer', 'hours', 0.027, page('elasticloadbalancing')),
  loadBalancerCapacity: price(
    'Application Load Balancer',
    'capacity unit hours (1 GB each)',
    0.008,
    page('elasticloadbalancing'),
  ),
  publicAddress: price('Public IPv4 address', 'hours', 0.005, page('vpc')),
  endpoint: price('Interface endpoint', 'hours in a zone', 0.012, page('privatelink')),
  endpointData: price('Interface endpoint', 'GB', 0.01, page('privatelink')),
  trafficOut: price('Traffic to the internet', 'GB', 0.09, onDemand('ec2')),
  trafficBetweenZones: price('Traffic between zones', 'GB, each way', 0.01, onDemand('ec2')),
  tableWrite: price('DynamoDB on demand', 'write units', 0.7625, onDemand('dynamodb'), { per: million }),
  tableRead: price('DynamoDB on demand', 'read units', 0.1525, onDemand('dynamodb'), { per: million }),
  tableStorage: price('DynamoDB', 'GB months', 0.306, onDemand('dynamodb')),
  tableRecovery: price('DynamoDB point-in-time recovery', 'GB months', 0.2448, onDemand('dynamodb')),
  filesStandard: price('EFS Standard', 'GB months', 0.36, page('efs'), { approximate: fromUsEast1('0.30') }),
  filesInfrequent: price('EFS Infrequent Access', 'GB months', 0.0192, page('efs'), {
    approximate: fromUsEast1('0.016'),
  }),
  filesRead: price('EFS elastic throughput', 'GB read', 0.036, page('efs'), { approximate: fromUsEast1('0.03') }),
  filesWritten: price('EFS elastic throughput', 'GB written', 0.072, page('efs'), { approximate: fromUsEast1('0.06') }),
  backup: price('AWS Backup of EFS', 'GB months', 0.06, page('backup'), { approximate: fromUsEast1('0.05') }),
  objectStorage: price('S3 Standard', 'GB months', 0.0245, page('s3')),
  imageStorage: price('ECR', 'GB months', 0.1, page('ecr')),
  key: price('KMS key', 'months', 1, page('kms')),
  secret: price('Secrets Manager', 'secret months', 0.4, page('secrets-manager')),
  apiRequest: price('HTTP API', 'requests', 1.2, page('api-gateway'), { per: million }),
  functionRequest: price('Lambda', 'requests', 0.2, page('lambda'), { per: million }),
  functionTime: price('Lambda, arm64', 'GB seconds', 13.3334, page('lambda'), { per: million }),
  transition: price('Step Functions, Standard', 'state transitions', 0.025, page('step-functions'), { per: 1000 }),
  event: price('EventBridge', 'own events', 1, page('eventbridge'), { per: million }),
  mail: price('SES', 'messages', 0.1, page('ses'), { per: 1000 }),
  logs: price('CloudWatch Logs', 'GB ingested', 0.63, page('cloudwatch')),
  alarm: price('CloudWatch alarm', 'metric months', 0.1, page('cloudwatch')),
  metric: price('CloudWatch metric', 'metric months', 0.3, page('cloudwatch')),
  dashboard: price('CloudWatch dashboard', 'months', 3, page('cloudwatch')),
  trace: price('X-Ray', 'traces', 5, page('xray'), { per: million }),
  operator: price('Cognito, Plus', 'operators in a month', 0.02, page('cognito')),
  firewall: price('WAF', 'web ACL months', 5, page('waf')),
  firewallRule: price('WAF', 'rule months', 1, page('waf')),
  firewallRequest: price('WAF', 'requests', 0.6, page('waf'), { per: million }),
  firewallDomain: price('Route 53 Resolver DNS Firewall', 'name months', 0.0005, page('route53')),
  distributionRequest: price('CloudFront, Europe', 'HTTPS requests', 0.012, page('cloudfront'), { per: 10_000 }),
  distributionTraffic: price('CloudFront, Europe', 'GB', 0.085, page('cloudfront')),
  hostedZone: price('Route 53', 'zone months', 0.5, page('route53')),
}

export type PriceName = keyof typeof prices

export const priceEntries: readonly (readonly [string, Price])[] = Object.entries<Price>(prices)
