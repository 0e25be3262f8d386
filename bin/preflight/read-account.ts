import * as z from 'zod'
import type { Stage } from '../../core/config/stage.ts'
import type { AccountFacts, ZoneFacts } from './judge-account.ts'

export interface Reader {
  /** Runs the AWS CLI. @returns what it answers in JSON, or undefined if the call fails. */
  readonly aws: (...args: readonly string[]) => Promise<unknown>
  /** What the public DNS has; empty without such records. */
  readonly nameServers: (name: string) => Promise<readonly string[]>
  readonly authorities: (name: string) => Promise<readonly string[]>
}

/** Where CloudFront, its certificates and IAM's quotas are. */
const globalRegion = 'us-east-1'

const quotaCodes = {
  roles: ['iam', 'L-FE177D64'],
  networkInterfaces: ['vpc', 'L-DF5E4CA3'],
  services: ['ecs', 'L-9EF96962'],
  spotVcpus: ['fargate', 'L-36FBB829'],
  onDemandVcpus: ['fargate', 'L-3032A538'],
} as const

const quotaSchema = z.object({ Quota: z.object({ Value: z.number() }) })
const lambdaSchema = z.object({ AccountLimit: z.object({ ConcurrentExecutions: z.number() }) })
const mailSchema = z.object({
  ProductionAccessEnabled: z.boolean(),
  SendQuota: z.object({ Max24HourSend: z.number() }),
})
const zoneSchema = z.object({
  HostedZone: z.object({ Name: z.string() }),
  DelegationSet: z.object({ NameServers: z.array(z.string()) }),
})

const readQuota = async (
  { aws }: Reader,
  region: string,
  name: keyof typeof quotaCodes,
): Promise<number | undefined> => {
  const [service, code] = quotaCodes[name]
  const at = ['--service-code', service, '--quota-code', code, '--region', service === 'iam' ? globalRegion : region]
  // A quota that was never changed has only its default.
  const answer =
    (await aws('service-quotas', 'get-service-quota', ...at)) ??
    (await aws('service-quotas', 'get-aws-default-service-quota', ...at))
  return quotaSchema.safeParse(answer).data?.Quota.Value
}

/** CAA records of a parent count where a name has none. Source: RFC 8659, section 3. */
const authoritiesOf = async ({ authorities }: Reader, name: string): Promise<readonly string[]> => {
  for (let labels = name.split('.'); labels.length > 1; labels = labels.slice(1)) {
    const found = await authorities(labels.join('.'))
    if (found.length > 0) return found
  }
  return []
}

const readZone = async (
  reader: Reader,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<ZoneFacts> => {
  const zone = zoneSchema.safeParse(await reader.aws('route53', 'get-hosted-zone', '--id', id)).data
  return {
    id,
    name,
    found: zone && { name: zone.HostedZone.Name.replace(/\.$/, ''), nameServers: zone.DelegationSet.NameServers },
    delegatedTo: await reader.nameServers(name),
    admitted: await authoritiesOf(reader, name),
  }
}

/** Reads what an account has. It changes nothing. */
export const readAccount = async (reader: Reader, { region, console, sites }: Stage): Promise<AccountFacts> => {
  const { aws } = reader
  const quota = (name: keyof typeof quotaCodes) => readQuota(reader, region, name)
  const isBootstrapped = async (where: string) =>
    (await aws('ssm', 'get-parameter', '--name', '/cdk-bootstrap/hnb659fds/version', '--region', where)) !== undefined
  const mail = mailSchema.safeParse(await aws('sesv2', 'get-account', '--region', region)).data
  return {
    quotas: {
      roles: await quota('roles'),
      networkInterfaces: await quota('networkInterfaces'),
      services: await quota('services'),
      spotVcpus: await quota('spotVcpus'),
    },
    onDemandVcpus: await quota('onDemandVcpus'),
    lambdaConcurrency: lambdaSchema.safeParse(await aws('lambda', 'get-account-settings', '--region', region)).data
      ?.AccountLimit.ConcurrentExecutions,
    mail: mail && { isProduction: mail.ProductionAccessEnabled, mailsADay: mail.SendQuota.Max24HourSend },
    zones: await Promise.all([console.hostedZone, sites.hostedZone].map((zone) => readZone(reader, zone))),
    bootstrapped: { [region]: await isBootstrapped(region), [globalRegion]: await isBootstrapped(globalRegion) },
  }
}
