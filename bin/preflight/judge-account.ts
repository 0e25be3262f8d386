import type { Config } from '../../core/config/config.ts'
import { quotaProblems } from '../../core/config/quotas.ts'
import type { Stage } from '../../core/config/stage.ts'
import { maxPooled } from '../../lambdas/sites/pool/pool.ts'

/** What an account has before a deploy. Undefined is what could not be read. */
export interface AccountFacts {
  /** Service Quotas' values, by their names in a stage's `quotas`. */
  readonly quotas: Readonly<Record<'roles' | 'networkInterfaces' | 'services' | 'spotVcpus', number | undefined>>
  readonly onDemandVcpus: number | undefined
  /** The most hostnames of one certificate. */
  readonly certificateNames: number | undefined
  readonly lambdaConcurrency: number | undefined
  readonly mail: { readonly isProduction: boolean; readonly mailsADay: number } | undefined
  /** The hosted zones of the configuration. */
  readonly zones: readonly ZoneFacts[]
  /** Whether CDK's bootstrap is there, by region. */
  readonly bootstrapped: Readonly<Record<string, boolean>>
}

export interface ZoneFacts {
  readonly id: string
  /** As the configuration calls it. */
  readonly name: string
  /** Undefined without such a zone. */
  readonly found: { readonly name: string; readonly nameServers: readonly string[] } | undefined
  /** The name servers that the public DNS has. */
  readonly delegatedTo: readonly string[]
  /** The authorities that CAA records admit; none means all. */
  readonly admitted: readonly string[]
}

export interface Finding {
  /** `stop`: a deploy fails. `request`: it works for less until AWS has raised it. */
  readonly kind: 'fine' | 'request' | 'stop' | 'unknown'
  readonly text: string
}

interface Wanted {
  readonly config: Pick<Config, 'plans' | 'pool' | 'trials'>
  readonly stage: Stage
  /** What functions reserve of Lambda's concurrency. */
  readonly reserved: number
}

/** Lambda keeps so much of its concurrency unreserved. Source: Lambda Developer Guide, "Configuring reserved concurrency". */
const unreserved = 100

const certificateAuthority = /^(amazon|amazontrust|awstrust|amazonaws)\.com$/

const fine = (text: string): Finding => ({ kind: 'fine', text })
const stop = (text: string): Finding => ({ kind: 'stop', text })
const request = (text: string): Finding => ({ kind: 'request', text })

const judgeZone = ({ id, name, found, delegatedTo, admitted }: ZoneFacts): readonly Finding[] => {
  if (found === undefined)
    return [stop(`Hosted zone ${id} (${name}) does not exist in this account: create it, and enter its id.`)]
  if (found.name !== name) return [stop(`Hosted zone ${id} is that of ${found.name}, not of ${name}.`)]
  if (!delegatedTo.some((server) => found.nameServers.includes(server))) {
    return [stop(`${name} is not delegated to its zone: set ${found.nameServers.join(', ')} at the registrar.`)]
  }
  if (admitted.length > 0 && !admitted.some((authority) => certificateAuthority.test(authority))) {
    return [
      stop(`CAA records of ${name} admit ${admitted.join(', ')} only: add amazon.com, or no certificate is issued.`),
    ]
  }
  return [fine(`${name}: its zone is delegated, and Amazon may issue certificates.`)]
}

const judgeMail = (mail: AccountFacts['mail']): Finding => {
  if (mail === undefined) return { kind: 'unknown', text: 'SES: its sandbox could not be read.' }
  return mail.isProduction
    ? fine(`SES sends ${mail.mailsADay} mails a day.`)
    : request(
        'SES is in its sandbox: request production access. Until then it sends to verified addresses only, so nobody else can sign up.',
      )
}

const judgeLambda = (concurrency: number | undefined, { reserved, stage }: Wanted): Finding => {
  const needed = reserved + unreserved
  const entered = stage.quotas.lambdaConcurrency
  if (concurrency === undefined) return { kind: 'unknown', text: 'Lambda: its concurrency could not be read.' }
  const runs = `Lambda runs ${concurrency} functions at once`
  if (concurrency < needed) {
    const lower =
      entered > concurrency ? `, or enter ${concurrency} as quotas.lambdaConcurrency, which reserves less` : ''
    return stop(`${runs}, and the deploy needs ${needed}: request 1,000${lower}.`)
  }
  return concurrency < entered
    ? request(`${runs}, and quotas.lambdaConcurrency is ${entered}: request as many, or enter ${concurrency}.`)
    : fine(`${runs}.`)
}

const judgeRouters = (vcpus: number | undefined, { router }: Stage): Finding => {
  // A deploy starts new routers beside the old ones.
  const needed = 2 * router.min * router.cpu
  if (vcpus === undefined) return { kind: 'unknown', text: 'Fargate: its on-demand vCPUs could not be read.' }
  return vcpus < needed
    ? stop(`Fargate has ${vcpus} on-demand vCPUs, and routers need ${needed} during a deploy.`)
    : fine(`Fargate has ${vcpus} on-demand vCPUs.`)
}

const judgeCertificate = (max: number | undefined, { console: { offerHostnames } }: Stage): Finding => {
  const needed = 1 + offerHostnames.length
  if (max === undefined) return { kind: 'unknown', text: 'ACM: the names of a certificate could not be read.' }
  return max < needed
    ? stop(
        `ACM admits ${max} names in a certificate, and the console has ${needed}: request as many in us-east-1, or list fewer console.offerHostnames.`,
      )
    : fine(`ACM admits ${max} names in a certificate.`)
}

/** The most live trials that quotas admit. */
const admittedTrials = (stage: Stage, { pool, cpu, upTo }: { pool: number; cpu: number; upTo: number }): number => {
  let [fits, fails] = [0, upTo + 1]
  while (fails - fits > 1) {
    const middle = Math.floor((fits + fails) / 2)
    if (quotaProblems(stage, { maxLive: middle, pool, cpu }).length === 0) fits = middle
    else fails = middle
  }
  return fits
}

const judgeQuotas = ({ config, stage }: Wanted, quotas: AccountFacts['quotas']): readonly Finding[] => {
  const unread = Object.entries(quotas).filter(([, value]) => value === undefined)
  const real = {
    ...stage,
    quotas: {
      ...stage.quotas,
      ...Object.fromEntries(Object.entries(quotas).filter(([, value]) => value !== undefined)),
    },
  }
  const maxLive = stage.maxLive ?? config.trials.maxLive
  const pool = maxPooled({ ...config.pool, target: stage.poolTarget ?? config.pool.target })
  const cpu = Math.max(0, ...config.plans.flatMap(({ kind, size }) => (kind === 'trial' ? size.cpu : [])))
  const problems = quotaProblems(real, { maxLive, pool, cpu })
  const meanwhile = admittedTrials(real, { pool, cpu, upTo: maxLive })
  return [
    ...unread.map(
      ([name]): Finding => ({ kind: 'unknown', text: `Quota ${name} could not be read; the configuration counts.` }),
    ),
    ...problems.map((problem) => request(`In this account ${problem}. Meanwhile, maxLive of ${meanwhile} works.`)),
    ...(problems.length === 0 ? [fine(`The quotas admit ${maxLive} live trials.`)] : []),
  ]
}

/** Says what to do before a deploy, and what works meanwhile. */
export const judgeAccount = (wanted: Wanted, facts: AccountFacts): readonly Finding[] => [
  ...facts.zones.flatMap(judgeZone),
  ...Object.entries(facts.bootstrapped).map(([region, isThere]) =>
    isThere
      ? fine(`CDK is bootstrapped in ${region}.`)
      : stop(`CDK is not bootstrapped in ${region}: npx cdk bootstrap aws://<account>/${region}`),
  ),
  judgeLambda(facts.lambdaConcurrency, wanted),
  judgeRouters(facts.onDemandVcpus, wanted.stage),
  judgeCertificate(facts.certificateNames, wanted.stage),
  ...judgeQuotas(wanted, facts.quotas),
  judgeMail(facts.mail),
]
