import { describe, expect, it } from 'vitest'
import { type AccountFacts, judgeAccount } from '../../../bin/preflight/judge-account.ts'
import { type Reader, readAccount, requireAccount } from '../../../bin/preflight.ts'
import config from '../../../sitewright.config.ts'

const stage = config.stages['production']!
const servers = ['ns-1.awsdns.example']
const zone = {
  id: 'Z1',
  name: 'example.com',
  found: { name: 'example.com', nameServers: servers },
  delegatedTo: servers,
  admitted: [],
}

/** A new account in which everything else is prepared. */
const prepared: AccountFacts = {
  quotas: { roles: 1000, networkInterfaces: 5000, services: 5000, spotVcpus: 6 },
  onDemandVcpus: 6,
  certificateNames: 10,
  lambdaConcurrency: 1000,
  mail: { isProduction: true, mailsADay: 50_000 },
  zones: [zone],
  bootstrapped: { 'eu-central-1': true, 'us-east-1': true },
}

const judge = (facts: Partial<AccountFacts>, maxLive = stage.maxLive) =>
  judgeAccount({ config, stage: { ...stage, maxLive }, reserved: 14 }, { ...prepared, ...facts })

const failures = (facts: Partial<AccountFacts>, maxLive?: number): readonly string[] =>
  judge(facts, maxLive).flatMap(({ kind, text }) => (kind === 'fine' ? [] : [`${kind}: ${text}`]))

describe('before a deploy', () => {
  it('has nothing to say about a new account for the stage that ships', () => {
    expect(failures({})).toEqual([])
  })

  it.each<[string, Partial<AccountFacts>, RegExp]>([
    [
      'a zone that does not exist',
      { zones: [{ ...zone, found: undefined }] },
      /^stop: Hosted zone Z1 .* does not exist/,
    ],
    [
      'the zone of another name',
      { zones: [{ ...zone, found: { ...zone.found, name: 'example.org' } }] },
      /^stop: .* is that of example\.org/,
    ],
    [
      'a zone that the registrar does not know',
      { zones: [{ ...zone, delegatedTo: ['ns.other.example'] }] },
      /^stop: .* set ns-1\.awsdns\.example/,
    ],
    [
      'CAA records of another authority',
      { zones: [{ ...zone, admitted: ['letsencrypt.org'] }] },
      /^stop: CAA .* letsencrypt\.org only/,
    ],
    [
      'a region without bootstrap',
      { bootstrapped: { 'us-east-1': false } },
      /^stop: .* cdk bootstrap aws:\/\/<account>\/us-east-1/,
    ],
    ['too little concurrency to reserve', { lambdaConcurrency: 10 }, /^stop: Lambda runs 10 .* needs 114/],
    [
      'less concurrency than entered',
      { lambdaConcurrency: 500 },
      /^request: Lambda runs 500 .*lambdaConcurrency is 1000/,
    ],
    ['too few vCPUs for routers', { onDemandVcpus: 2 }, /^stop: Fargate has 2 .* need 4/],
    ["SES' sandbox", { mail: { isProduction: false, mailsADay: 200 } }, /^request: SES is in its sandbox/],
    ['a quota that cannot be read', { quotas: { ...prepared.quotas, roles: undefined } }, /^unknown: Quota roles/],
    ['names of a certificate that cannot be read', { certificateNames: undefined }, /^unknown: ACM/],
    ['mail that cannot be read', { mail: undefined }, /^unknown: SES/],
  ])('names %s', (_what, facts, sentence) => {
    expect(failures(facts)).toEqual([expect.stringMatching(sentence)])
  })

  it('stops more hostnames of offers than one certificate takes beside the console', () => {
    const judged = (count: number, certificateNames: number | undefined = 10) => {
      const offerHostnames = Array.from({ length: count }, (_, at) => ({ hostname: `offer-${at}.example.com` }))
      const offering = { ...stage, console: { ...stage.console, offerHostnames } }
      const findings = judgeAccount({ config, stage: offering, reserved: 14 }, { ...prepared, certificateNames })
      return findings.flatMap(({ kind, text }) => (kind === 'fine' ? [] : [`${kind}: ${text}`]))
    }
    expect(judged(9)).toEqual([])
    expect(judged(10)).toEqual([expect.stringMatching(/^stop: ACM admits 10 names .* console has 11.*us-east-1/)])
    expect(judged(20, 100)).toEqual([])
  })

  it('admits a CAA record of Amazon beside others', () => {
    expect(failures({ zones: [{ ...zone, admitted: ['letsencrypt.org', 'amazontrust.com'] }] })).toEqual([])
  })

  it('says which number of trials works until a quota is raised', () => {
    expect(failures({}, 1000)).toEqual([
      expect.stringMatching(/^request: .*552 Spot vCPUs.* has 6.*maxLive of 7 works/),
      expect.stringMatching(/^request: .*1103 IAM roles.* has 1000.*maxLive of 7 works/),
    ])
    const quotas = { ...prepared.quotas, spotVcpus: 1000, roles: 500 }
    expect(failures({ quotas }, 1000)).toEqual([expect.stringMatching(/^request: .*IAM roles.*maxLive of 397 works/)])
  })
})

it.each([
  { has: undefined, wanted: undefined, ends: 'The shell has no credentials of an account.' },
  { has: '111111111111', wanted: undefined, ends: '111111111111' },
  { has: '111111111111', wanted: '111111111111', ends: '111111111111' },
  {
    ...{ has: '111111111111', wanted: '222222222222' },
    ends: 'The shell has credentials of account 111111111111; the stage is for account 222222222222.',
  },
])('a shell with the account $has and a stage of the account $wanted end in: $ends', async ({ has, wanted, ends }) => {
  const aws = async (...args: readonly string[]) =>
    args.join(' ') === 'sts get-caller-identity' && has !== undefined ? { Account: has } : undefined
  expect(await requireAccount({ aws }, wanted).catch((error: Error) => error.message)).toBe(ends)
})

describe('what is read of an account', () => {
  const answers: Readonly<Record<string, unknown>> = {
    'service-quotas get-service-quota L-36FBB829 eu-central-1': { Quota: { Value: 64 } },
    'service-quotas get-aws-default-service-quota L-FE177D64 us-east-1': { Quota: { Value: 1000 } },
    'service-quotas get-service-quota L-FB94F0B0 us-east-1': { Quota: { Value: 100 } },
    'lambda get-account-settings eu-central-1': { AccountLimit: { ConcurrentExecutions: 10 } },
    'sesv2 get-account eu-central-1': { ProductionAccessEnabled: false, SendQuota: { Max24HourSend: 200 } },
    'ssm get-parameter /cdk-bootstrap/hnb659fds/version eu-central-1': { Parameter: { Value: '28' } },
    'route53 get-hosted-zone Z00000000000000000001': {
      HostedZone: { Name: 'example.com.' },
      DelegationSet: { NameServers: servers },
    },
  }
  const reader: Reader = {
    aws: async (service, call, ...args) => {
      const values = args.filter((arg) => !arg.startsWith('--') && !/^(iam|vpc|ecs|fargate|acm)$/.test(arg))
      return answers[[service, call, ...values].join(' ')]
    },
    nameServers: async (name) => (name === 'example.com' ? servers : []),
    authorities: async (name) => (name === 'net' ? ['never.example'] : name === 'example.com' ? ['amazon.com'] : []),
  }

  it('comes from the region of each service, and what nobody changed from the defaults', async () => {
    expect(await readAccount(reader, stage)).toEqual({
      quotas: { roles: 1000, networkInterfaces: undefined, services: undefined, spotVcpus: 64 },
      onDemandVcpus: undefined,
      certificateNames: 100,
      lambdaConcurrency: 10,
      mail: { isProduction: false, mailsADay: 200 },
      zones: [
        { ...zone, id: 'Z00000000000000000001', admitted: ['amazon.com'] },
        { id: 'Z00000000000000000002', name: 'example.net', found: undefined, delegatedTo: [], admitted: [] },
      ],
      bootstrapped: { 'eu-central-1': true, 'us-east-1': false },
    })
  })

  it('is of the zones of offers too, each once', async () => {
    const ofOffer = { id: 'Z00000000000000000003', name: 'example.org' }
    const offerHostnames = [
      { hostname: 'schools.example.org', hostedZone: ofOffer },
      { hostname: 'clubs.example.org', hostedZone: ofOffer },
      { hostname: 'shops.example.com' },
    ]
    const { zones } = await readAccount(reader, { ...stage, console: { ...stage.console, offerHostnames } })
    expect(zones.map(({ name }) => name)).toEqual(['example.com', 'example.net', 'example.org'])
  })
})
