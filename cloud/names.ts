import type { FunctionName } from '../lambdas/manifest.ts'

/**
 * What everything of one stage is called on AWS. Names that follow from the stage let functions find what they need, keep
 * policies narrow, and make CloudFormation refuse to replace what holds state.
 */
export const namesOf = (stage: string) => {
  const installation = `sitewright-${stage}`
  return {
    installation,
    /** The main table; the short one is `<this>-short`. */
    tables: installation,
    bus: installation,
    stateMachine: (machine: string) => `${installation}-${machine}`,
    function: (name: string) => `${installation}-${name}`,
    functionLogGroup: (name: string) => `/${installation}/functions/${name}`,
    apiLogGroup: `/aws/vendedlogs/${installation}/api`,
    routerLogGroup: `/${installation}/router`,
    workflowLogGroup: `/aws/vendedlogs/states/${installation}`,
    /** The queue of what could not be done; lib/constructs/control/dead-letters.ts says of what. */
    deadLetters: (purpose: string) => `${installation}-${purpose}`,
    /** Everything that describes itself is a parameter below this path. */
    parameters: `/sitewright/${stage}`,
    cellParameters: `/sitewright/${stage}/cells`,
    cellParameter: (cell: string) => `/sitewright/${stage}/cells/${cell}`,
    /** Secrets of sites, which ECS hands to their containers: `<this>/<site>/<NAME>`. */
    siteParameters: `/sitewright/${stage}/sites`,
    /** What routers read of the configuration. */
    routerSettings: `/sitewright/${stage}/router`,
    /** Where the image of a blueprint's container, as a deploy built it, is to be found. */
    imageParameter: (blueprint: string, container: string) => `/sitewright/${stage}/images/${blueprint}/${container}`,
    /** The ARN of the certificate for custom domains, in CloudFront's region. */
    certificateParameter: `/sitewright/${stage}/certificate`,
    cluster: (cell: string) => `${installation}-${cell}`,
    siteLogGroup: (cell: string) => `/${installation}/sites/${cell}`,
    /** The IAM path of the sites' roles. */
    siteRolePath: `/${installation}/sites/`,
    /** The IAM path of the roles with which ECS starts sites, one for each cell. */
    cellRolePath: `/${installation}/cells/`,
    /** The most that a site's role can ever allow. */
    siteBoundary: `${installation}-site-boundary`,
    /** The IAM path of the roles of archiving jobs, each of which ends with its job. */
    archiverRolePath: `/${installation}/archiver/`,
    /** The most that the role of an archiving job can ever allow. */
    archiverBoundary: `${installation}-archiver-boundary`,
    archiverLogGroup: (cell: string) => `/${installation}/archiver/${cell}`,
    /** The ECR repository that publishing copies the images of all blueprints to, so that none depends on what is on offer. */
    blueprintRepository: `${installation}/blueprints`,
    /** The ECR repositories of the software of accounts, one for each site. */
    ownRepository: (site: string) => `${installation}/own/${site}`,
    /** The role whose sessions push, each to one repository. */
    pushRole: `${installation}-push`,
    secret: (name: SecretName) => `${installation}/${name}`,
    /** The KMS key that certifies the routers' keys of the day. */
    entitlementKey: `alias/${installation}-entitlement`,
    mailConfiguration: installation,
    stack: (part: string) => `${installation}-${part}`,
  } as const
}

export type Names = ReturnType<typeof namesOf>

/**
 * `codes` keys the hashes of sign-in codes and the proof of work, `sites` is what sites' secrets are derived from, `origin`
 * shows the API that a request came through CloudFront, `probe` shows a router that it is asked by us, `webhooks` is what the secrets of webhook endpoints are derived from. `stripe` is the key of
 * Stripe's API and `stripe-webhook` the secret of the webhook, or more with commas between them: an operator puts these in.
 */
export const secretNames = ['codes', 'sites', 'origin', 'probe', 'webhooks', 'stripe', 'stripe-webhook'] as const
export type SecretName = (typeof secretNames)[number]

/** What everything of a site is tagged with, and what is not tagged so is not ours to touch. */
export const tags = {
  installation: 'sitewright:installation',
  site: 'sitewright:site',
  generation: 'sitewright:generation',
  digest: 'sitewright:digest',
} as const

/** The name, below the sites' domain, at which routers answer for themselves; no site can have it. */
export const routerLabel = 'router'

/** Below `<this>.<sites' domain>` are the names that custom domains lead to, one for each site; no site can have it. */
export const customDomainsLabel = 'custom'

/** What custom domains of a site point to: `shop.custom.sites.example.com` for `shop.sites.example.com`. */
export const customDomainTarget = (siteHostname: string): string => siteHostname.replace('.', `.${customDomainsLabel}.`)

/** The only function that a router may call. */
export const wakeFunction = 'wake-site-on-request' satisfies FunctionName
