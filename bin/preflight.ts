import { execFile } from 'node:child_process'
import { resolveCaa, resolveNs } from 'node:dns/promises'
import { promisify } from 'node:util'
import * as z from 'zod'
import type { Stage } from '../core/config/stage.ts'
import { functions, reservedOf } from '../lambdas/manifest.ts'
import config from '../sitewright.config.ts'
import { runCommand } from './command-line/read-options.ts'
import { type AccountFacts, type Finding, judgeAccount, type ZoneFacts } from './preflight/judge-account.ts'

const usage = `Says what an AWS account needs before the first deploy, and what works meanwhile. It reads only.

  npm run preflight -- --stage production

Needs the AWS CLI, version 2, with the account's credentials. Ends with 1 if a deploy would fail.
`

const run = promisify(execFile)
const none = (): readonly never[] => []

const reader: Reader = {
  aws: async (...args) => {
    try {
      return JSON.parse((await run('aws', [...args, '--output', 'json'])).stdout)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        throw new Error('The AWS CLI is not installed.')
      return undefined
    }
  },
  nameServers: (name) => resolveNs(name).catch(none),
  authorities: async (name) =>
    (await resolveCaa(name).catch(none)).flatMap(({ issue }) => issue?.split(';')[0]?.trim() ?? []),
}

const marks: Readonly<Record<Finding['kind'], string>> = {
  fine: 'ok      ',
  request: 'request ',
  stop: 'STOP    ',
  unknown: 'unknown ',
}

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
  certificateNames: ['acm', 'L-FB94F0B0'],
} as const

const quotaSchema = z.object({ Quota: z.object({ Value: z.number() }) })
const identitySchema = z.object({ Account: z.string() })
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
  const where = service === 'iam' || service === 'acm' ? globalRegion : region
  const at = ['--service-code', service, '--quota-code', code, '--region', where]
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

/** @returns the account of the shell. @throws {Error} if it has none, or not that of the stage. */
export const requireAccount = async ({ aws }: Pick<Reader, 'aws'>, wanted: string | undefined): Promise<string> => {
  const account = identitySchema.safeParse(await aws('sts', 'get-caller-identity')).data?.Account
  if (account === undefined) throw new Error('The shell has no credentials of an account.')
  if (wanted !== undefined && account !== wanted)
    throw new Error(`The shell has credentials of account ${account}; the stage is for account ${wanted}.`)
  return account
}

/** Reads what an account has. It changes nothing. */
export const readAccount = async (reader: Reader, { region, console, sites }: Stage): Promise<AccountFacts> => {
  const { aws } = reader
  const quota = (name: keyof typeof quotaCodes) => readQuota(reader, region, name)
  const isBootstrapped = async (where: string) =>
    (await aws('ssm', 'get-parameter', '--name', '/cdk-bootstrap/hnb659fds/version', '--region', where)) !== undefined
  const ofOffers = console.offerHostnames.flatMap(({ hostedZone }) => hostedZone ?? [])
  const zones = new Map([console.hostedZone, sites.hostedZone, ...ofOffers].map((zone) => [zone.id, zone]))
  const mail = mailSchema.safeParse(await aws('sesv2', 'get-account', '--region', region)).data
  return {
    quotas: {
      roles: await quota('roles'),
      networkInterfaces: await quota('networkInterfaces'),
      services: await quota('services'),
      spotVcpus: await quota('spotVcpus'),
    },
    onDemandVcpus: await quota('onDemandVcpus'),
    certificateNames: await quota('certificateNames'),
    lambdaConcurrency: lambdaSchema.safeParse(await aws('lambda', 'get-account-settings', '--region', region)).data
      ?.AccountLimit.ConcurrentExecutions,
    mail: mail && { isProduction: mail.ProductionAccessEnabled, mailsADay: mail.SendQuota.Max24HourSend },
    zones: await Promise.all([...zones.values()].map((zone) => readZone(reader, zone))),
    bootstrapped: { [region]: await isBootstrapped(region), [globalRegion]: await isBootstrapped(globalRegion) },
  }
}

if (import.meta.main) {
  await runCommand(z.object({ stage: z.string().default('production') }), usage, async ({ stage: name }) => {
    const stage = config.stages[name]
    if (stage === undefined) throw new Error(`sitewright.config.ts has no stage '${name}'.`)
    console.log(`${marks.fine}The shell has credentials of account ${await requireAccount(reader, stage.account)}.`)
    const reserved = functions.reduce((sum, one) => sum + (reservedOf(one, stage.quotas.lambdaConcurrency) ?? 0), 0)
    const findings = judgeAccount({ config, stage, reserved }, await readAccount(reader, stage))
    for (const { kind, text } of findings) console.log(`${marks[kind]}${text}`)
    return findings.every(({ kind }) => kind !== 'stop')
  })
}
