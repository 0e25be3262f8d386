import * as z from 'zod'
import { emailSchema, mailDomainOf, senderIn, senderSchema } from '../email.ts'
import { registrableDomain } from '../hostname/registrable-domain.ts'
import { profiledSettings, profileSchema, withProfile } from './stage-profile.ts'

/** Aborts, so that one mistake is reported once. */
const must = (error: string) => ({ error, abort: true })

const hostname = z
  .string()
  .regex(
    /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])$/,
    must('must be a full hostname in lower case, such as try.example.com'),
  )

/** An existing public zone of Route 53. */
const hostedZoneSchema = z.strictObject({
  id: z.string().regex(/^Z[A-Z0-9]{5,31}$/, must('must be the id of a hosted zone, such as Z0123456789ABCDEFGHIJ')),
  name: hostname,
})

/** How CloudFront proves itself to the API, in the TLS handshake. */
const originCertificateSchema = z.strictObject({
  clientCertificateArn: z
    .string()
    .regex(
      /^arn:aws:acm:us-east-1:\d{12}:certificate\/[\w-]+$/,
      must('must be the ARN of a certificate of ACM in us-east-1'),
    ),
  /** The file of the authority's certificate in PEM, from the root of the repository. */
  authority: z.string().min(1),
})

/** Addresses of single links, which no VPC can have. */
const linkLocal = '169.254.0.0/16'

const cidr = z
  .string()
  .refine(
    (text) => ipv4Range(text) !== undefined && !rangesOverlap(text, linkLocal),
    must('must be a network such as 10.1.0.0/17'),
  )

const cellSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]{0,15}$/, must('must be 1 to 16 lower-case letters and digits, the first a letter')),
  /** One address for each site: a /17 has room for the 10,000 access points of a file system. */
  cidr,
  /** How many sites it may run; 0 closes it to new sites. Suspended ones keep an access point each, of 10,000. */
  sites: z.int().min(0).max(10_000).default(4000),
  /** `named`: only a relocation that names the cell brings sites there. */
  placement: z.literal('named').optional(),
})

/** The router treats 10.208.0.0/13 as sites on its own machine. */
const oneMachineRange = '10.208.0.0/13'

const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)

/** Test and live are never mixed. */
const paymentsSchema = z.strictObject({
  mode: z.enum(['test', 'live']).default('test'),
  tax: z.enum(['automatic', 'none']).default('none'),
})

const sitesSchema = z.strictObject({
  /** Sites are `<slug>.<domain>`. */
  domain: hostname,
  hostedZone: hostedZoneSchema,
  firewall: z
    .strictObject({
      /** How many requests one address may make to all sites together in five minutes. The bounds are WAF's. */
      requestsByAddress: z.int().min(10).max(2_000_000_000).default(2000),
    })
    .prefault({}),
})

const quotasSchema = z.strictObject({
  roles: z.int().positive().default(1000),
  networkInterfaces: z.int().positive().default(5000),
  /** The services of one cluster; a cell has one. */
  services: z.int().positive().default(5000),
  spotVcpus: z.number().positive().default(6),
  /** How many functions run at once. Some new accounts begin with 10, which a deploy does not fit into. */
  lambdaConcurrency: z.int().positive().default(1000),
  /** How many times a second services of ECS may be created, changed and deleted. */
  serviceChanges: z.number().positive().default(5),
})

const budgetSchema = z.strictObject({
  /** US dollars: a mail at 80 % of it, and another when more is forecast for the month. */
  monthlyUsd: z.number().positive(),
  /** A mail a day about what costs so many US dollars more than usual; without it none. */
  anomalyUsd: z.number().positive().optional(),
  /** The account's monitor of services, of which it has one at most; without it the deploy makes one. */
  anomalyMonitorArn: z
    .string()
    .regex(/^arn:aws:ce::\d{12}:anomalymonitor\/[\w-]+$/, must('must be the ARN of an anomaly monitor'))
    .optional(),
  /** Who gets the mails; `alarmContact` by default. */
  contact: emailSchema.optional(),
})

interface OfferHostnames {
  readonly hostedZone: { readonly name: string }
  readonly offerHostnames: readonly {
    readonly hostname: string
    readonly hostedZone?: { readonly name: string } | undefined
  }[]
}

const offerHostnameProblems = (
  { hostedZone: ofConsole, offerHostnames }: OfferHostnames,
  sitesDomain: string,
): readonly (readonly [at: number, message: string])[] =>
  offerHostnames.flatMap(({ hostname: name, hostedZone = ofConsole }, at) => [
    ...(isWithin(name, hostedZone.name) ? [] : [[at, `must be within its hosted zone, ${hostedZone.name}`] as const]),
    ...(registrableDomain(name) === registrableDomain(sitesDomain)
      ? [[at, 'is of the domain of sites: browsers would let sites set cookies for it'] as const]
      : []),
  ])

export const stageSchema = z
  .strictObject({
    /** Twelve digits; defaults to the account of the credentials. */
    account: z
      .string()
      .regex(/^\d{12}$/, must('must be the twelve digits of an account'))
      .optional(),
    /** Where the data of sites is, as people read it; the region by default. */
    dataLocation: z.string().min(1).max(100).optional(),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, must('must be a region such as eu-central-1')),
    /** Listed, so that a synthesis needs no account. */
    availabilityZones: z.array(z.string()).min(2).max(3).readonly(),
    console: z.strictObject({
      hostname,
      hostedZone: hostedZoneSchema,
      /** The hostnames of offers at which it answers too, with their zones where these are others. */
      offerHostnames: z
        .array(z.strictObject({ hostname, hostedZone: hostedZoneSchema.optional() }))
        .max(20)
        .readonly()
        .default([]),
      /** Without it, requests that bypass CloudFront are refused only after they count for the API's throttle. */
      originCertificate: originCertificateSchema.optional(),
    }),
    sites: sitesSchema,
    /** The sender of mail; its domain is within the console's zone, which proves it. */
    mailFrom: senderSchema,
    payments: paymentsSchema.prefault({}),
    /** The address for alarms; it confirms once. */
    alarmContact: emailSchema,
    /** Off by default. */
    budget: budgetSchema.optional(),
    /** For the load balancer, routers and endpoints. */
    network: cidr,
    cells: z.array(cellSchema).min(1, { abort: true }).max(4).readonly(),
    /** How many trials may run at once in this stage; `trials.maxLive` by default. */
    maxLive: z.int().nonnegative().optional(),
    /** How many places in cells and quotas a live trial needs on average. Below 1, most have to be dormant; beyond the places people wait. */
    placesPerTrial: z.number().positive().max(1).default(1),
    /** Those of the account and region; the defaults are those of a new account. */
    quotas: quotasSchema.prefault({}),
    /** `small` costs least and has no redundancy; `standard` survives the loss of a router and of a zone. */
    profile: profileSchema.default('standard'),
    ...profiledSettings,
  })
  .superRefine((stage, context) => {
    const say = (path: readonly (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path: [...path], message })

    stage.availabilityZones.forEach((zone, index) => {
      if (!zone.startsWith(stage.region) || !/^[a-z]$/.test(zone.slice(stage.region.length))) {
        say(['availabilityZones', index], `must be a zone of ${stage.region}, such as ${stage.region}a`)
      }
    })
    if (new Set(stage.availabilityZones).size !== stage.availabilityZones.length) {
      say(['availabilityZones'], 'names a zone twice')
    }
    if (!isWithin(stage.console.hostname, stage.console.hostedZone.name)) {
      say(['console', 'hostname'], `must be within its hosted zone, ${stage.console.hostedZone.name}`)
    }
    for (const [at, message] of offerHostnameProblems(stage.console, stage.sites.domain)) {
      say(['console', 'offerHostnames', at, 'hostname'], message)
    }
    if (!isWithin(stage.sites.domain, stage.sites.hostedZone.name)) {
      say(['sites', 'domain'], `must be within its hosted zone, ${stage.sites.hostedZone.name}`)
    }
    const domain = registrableDomain(stage.sites.domain)
    if (registrableDomain(stage.console.hostname) === domain) {
      say(
        ['sites', 'domain'],
        `is of ${domain}, as the console is: browsers would let sites set cookies for the console; use another domain`,
      )
    }
    if (!isWithin(mailDomainOf(senderIn(stage.mailFrom).address), stage.console.hostedZone.name)) {
      say(['mailFrom'], `must be an address within ${stage.console.hostedZone.name}`)
    }
    const names = stage.cells.map(({ name }) => name)
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index) say(['cells', index, 'name'], 'is the name of another cell')
    })
    stage.cells.forEach(({ cidr: network, sites }, index) => {
      const room = Math.min(stage.quotas.services, addressesOf(stage, network))
      if (sites > room)
        say(['cells', index, 'sites'], `must be at most ${room}, the services and addresses of the cell`)
    })
    stage.cells.forEach(({ cidr: network }, index) => {
      if (!rangesOverlap(network, oneMachineRange)) return
      say(['cells', index, 'cidr'], `overlaps with ${oneMachineRange}, which is for the sites of one machine`)
    })
    if (stage.cells.every(({ sites, placement }) => sites === 0 || placement === 'named'))
      say(['cells'], 'need one that takes new sites')
    const networks = [stage.network, ...stage.cells.map((cell) => cell.cidr)]
    networks.forEach((network, index) => {
      if (networks.slice(0, index).some((other) => rangesOverlap(network, other))) {
        say(['cells', index - 1, 'cidr'], 'overlaps with another cell or with the network of the edge')
      }
      const before = networks.slice(0, index)
      const existing = before.find((other) => refusedBeside(other).some((range) => rangesOverlap(network, range)))
      if (existing !== undefined) say(['cells', index - 1, 'cidr'], `cannot be added by EC2 to a VPC with ${existing}`)
    })
    const { profile, router } = stage
    if (router !== undefined && router.max < router.min) say(['router', 'max'], 'must not be below router.min')
    if (router?.min === 1 && profile === 'standard') {
      say(['router', 'min'], "must be at least 2, so that one can fail; or set profile to 'small'")
    }
  })
  .transform(withProfile)
export type Stage = z.infer<typeof stageSchema>

/** The first and last address, as integers. */
export interface Ipv4Range {
  readonly first: number
  readonly last: number
}

/** Undefined unless the text is a network of /16 to /24, the sizes of a VPC's subnets. @param shortest another length than 16. */
export const ipv4Range = (cidr: string, shortest = 16): Ipv4Range | undefined => {
  const [, address = '', length = ''] = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d|1\d|2[0-4])$/.exec(cidr) ?? []
  const bytes = address.split('.').map(Number)
  if (bytes.length !== 4 || bytes.some((byte) => byte > 255) || Number(length) < shortest) return undefined
  const first = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  const size = 2 ** (32 - Number(length))
  return first % size === 0 ? { first, last: first + size - 1 } : undefined
}

/** The addresses of a cell for sites of one kind of `outbound`: a subnet per zone, an eighth of the cell each, of which AWS keeps five addresses. */
export const addressesOf = ({ availabilityZones }: { availabilityZones: readonly string[] }, cidr: string): number => {
  const range = ipv4Range(cidr)
  return range === undefined ? 0 : availabilityZones.length * ((range.last - range.first + 1) / 8 - 5)
}

/** False if one of them is not a network. */
export const rangesOverlap = (one: string, other: string): boolean => {
  const [left, right] = [ipv4Range(one, 0), ipv4Range(other, 0)]
  return left !== undefined && right !== undefined && left.first <= right.last && right.first <= left.last
}

/** Those of RFC 1918, and what some services of AWS use. */
const apartRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '198.19.0.0/16']

/**
 * The ranges of which EC2 adds no block to a VPC that has the given one. Source: the Amazon VPC User Guide, "IPv4 CIDR block association
 * restrictions".
 */
const refusedBeside = (existing: string): readonly string[] => [
  ...apartRanges.filter((range) => !rangesOverlap(existing, range)),
  ...(rangesOverlap(existing, '10.0.0.0/15') ? ['10.0.0.0/16'] : []),
  ...(rangesOverlap(existing, '172.16.0.0/12') ? ['172.31.0.0/16'] : []),
]

const dotted = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.')

/** A network's equal parts, in order: 2 for one bit, 4 for two. @throws {Error} if the text is not a network. */
export const subnetsOf = (cidr: string, bits: number): readonly string[] => {
  const range = ipv4Range(cidr)
  if (range === undefined) throw new Error(`${cidr} is no network`)
  const size = (range.last - range.first + 1) / 2 ** bits
  return Array.from({ length: 2 ** bits }, (_, part) => `${dotted(range.first + part * size)}/${32 - Math.log2(size)}`)
}
